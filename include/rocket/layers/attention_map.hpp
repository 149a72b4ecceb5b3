#pragma once
#include <algorithm>

#include "rocket/kernels/mean_square.hpp"
#include "rocket/layers/layer.hpp"

namespace rocket {

/// y = x, and shows at the side where an image is looked at: the mean of its squares over the channels (Zagoruyko,
/// Komodakis 2017),
///
///     a[i, j] = 1/C sum_c x[i, j, c]^2        dx[i, j, c] = dy[i, j, c] + 2/C da[i, j] x[i, j, c]
///
/// a map of height x width a sample, for AttentionTransfer.
struct AttentionMap {
  static constexpr std::string_view name = "AttentionMap";
  static constexpr Shape output(Shape in) { return in; }
  template <Shape In>
  static constexpr bool accepts = detail::LayerReadsImages<AttentionMap, Expected<3>, Got<In>, In.rank == 3>::ok;
  static constexpr Shape side(Shape in) { return Shape{in.extent[0], in.extent[1]}; }
  static constexpr Reads reads = Reads::output;  // which is the input
  static constexpr bool in_place = true;

  template <class Pass>
  static void forward(const Pass& pass) {
    constexpr int channels = Pass::in.channels();
    each_position(pass, [&](std::size_t position) {
      const auto* x = pass.input.data + position * channels;
      auto* y = pass.output.data + position * channels;
      if (y != x) std::copy_n(x, channels, y);
      pass.side.data[position] = kernels::mean_square<channels>(x);
    });
  }

  template <class Pass>
  static void backward(const Pass& pass) {
    using T = typename Pass::Scalar;
    constexpr int channels = Pass::in.channels();
    if constexpr (Pass::wants_input_gradient)
      each_position(pass, [&](std::size_t position) {
        const T* y = pass.output.data + position * channels;
        const T* dy = pass.output_gradient.data + position * channels;
        T* dx = pass.input_gradient.data + position * channels;
        if (pass.side_gradient.data) {
          const T factor = T{2} / channels * pass.side_gradient.data[position];
          for (int c = 0; c < channels; ++c) dx[c] = dy[c] + factor * y[c];
        } else if (dx != dy) {
          std::copy_n(dy, channels, dx);
        }
      });
  }

  template <class Place, class Graph, class Value>
  static Value describe(const Place&, Graph&, Value x) {
    return x;
  }

 private:
  /// body(position, counted over the whole batch)
  template <class Pass, class Body>
  static void each_position(const Pass& pass, const Body& body) {
    constexpr auto positions = static_cast<std::size_t>(Pass::in.positions());
    pass.each_chunk(0.5 * Pass::in.size(), [&](int begin, int end) {
      for (std::size_t p = static_cast<std::size_t>(begin) * positions; p < static_cast<std::size_t>(end) * positions;
           ++p)
        body(p);
    });
  }
};

}  // namespace rocket
