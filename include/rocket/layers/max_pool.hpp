#pragma once
#include "rocket/kernels/pooling.hpp"
#include "rocket/layers/layer.hpp"
#include "rocket/layers/window.hpp"

namespace rocket {

/// The largest number of each channel under a window that slides over an image, height x width x channels:
///
///     y[i, j, c] = max over (u, v) of x[S i + u - P, S j + v - P, c]
///
/// Positions added around the image are never the largest; NaN passes on. The gradient goes to the first of equal
/// maxima, in the order of rows.
///
/// \tparam W size, stride S, padding P: `Window{.size = 2, .stride = 2}` halves the sides
template <Window W>
struct MaxPool {
  static_assert(detail::WindowIsSound<MaxPool, Got<W.size, W.stride, W.padding>, W.sound()>::ok);

  static constexpr std::string_view name = "MaxPool";
  static constexpr Shape output(Shape in) { return W.over(in, in.channels()); }
  template <Shape In>
  static constexpr bool accepts = detail::WindowSlides<MaxPool, W, In>::ok;
  static constexpr Reads reads = Reads::input;

  template <class Pass>
  static void forward(const Pass& pass) {
    pass.each_sample(nanoseconds(Pass::out),
                     [&](int i) { kernels::max_pool<W, Pass::in>(pass.input[i].data(), pass.output[i].data()); });
  }

  template <class Pass>
  static void backward(const Pass& pass) {
    if constexpr (Pass::wants_input_gradient)
      pass.each_sample(3 * nanoseconds(Pass::out), [&](int i) {
        kernels::max_pool_backward<W, Pass::in>(pass.input[i].data(), pass.output_gradient[i].data(),
                                                pass.input_gradient[i].data());
      });
  }

  template <class Place, class Graph, class Value>
  static Value describe(const Place&, Graph& graph, Value x) {
    return graph.max_pool(x, W);
  }

 private:
  static constexpr double nanoseconds(Shape out) { return 0.1 * W.size * W.size * out.size(); }
};

}  // namespace rocket
