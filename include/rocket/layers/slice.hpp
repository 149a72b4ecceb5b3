#pragma once
#include <algorithm>

#include "rocket/layers/layer.hpp"

namespace rocket {

namespace detail {
template <class Layer, class ExpectedEndAtMost, class GotEnd, bool sound>
struct SliceLiesInTheInput {
  static_assert(holds<sound, Layer, ExpectedEndAtMost, GotEnd>, "rocket: Slice: it ends behind the input's numbers");
  static constexpr bool ok = true;
};
}  // namespace detail

/// The numbers [Begin, Begin + product of the extents) of a sample, in that shape: the fields that a layer is about,
/// among all that the trunk reads.
///
///     Slice<Inputs::field("seen").begin_column, 50, 16>
template <int Begin, int... Extents>
struct Slice {
  static_assert(detail::holds<(Begin >= 0 && sizeof...(Extents) >= 1 && ((Extents > 0) && ...)), Slice>,
                "rocket: Slice: it begins at 0 or later, and has extents above 0");

  static constexpr std::string_view name = "Slice";
  static constexpr Shape output(Shape) { return Shape{Extents...}; }
  template <Shape In>
  static constexpr bool accepts = detail::SliceLiesInTheInput<Slice, Expected<In.size()>, Got<Begin + (Extents * ...)>,
                                                              Begin + (Extents * ...) <= In.size()>::ok;
  static constexpr Reads reads = Reads::nothing;

  template <class Pass>
  static void forward(const Pass& pass) {
    pass.each_sample(0.25 * count,
                     [&](int i) { std::copy_n(pass.input[i].data() + Begin, count, pass.output[i].data()); });
  }

  template <class Pass>
  static void backward(const Pass& pass) {
    if constexpr (Pass::wants_input_gradient)
      pass.each_sample(0.25 * Pass::in.size(), [&](int i) {
        auto* const dx = pass.input_gradient[i].data();
        std::fill_n(dx, Begin, 0);
        std::copy_n(pass.output_gradient[i].data(), count, dx + Begin);
        std::fill(dx + Begin + count, dx + Pass::in.size(), 0);
      });
  }

  template <class Place, class Graph, class Value>
  static Value describe(const Place&, Graph& graph, Value x) {
    return graph.slice(x, Begin, Shape{Extents...});
  }

 private:
  static constexpr int count = (Extents * ...);
};

}  // namespace rocket
