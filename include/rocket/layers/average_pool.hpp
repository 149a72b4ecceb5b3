#pragma once
#include "rocket/kernels/pooling.hpp"
#include "rocket/layers/layer.hpp"
#include "rocket/layers/window.hpp"

namespace rocket {

/// The mean of each channel under a window that slides over an image, height x width x channels:
///
///     y[i, j, c] = mean over (u, v) of x[S i + u - P, S j + v - P, c]
///
/// It is the mean over the positions inside the image, so at a border it is one of fewer numbers: the padding doesn't
/// count. The gradient is shared in equal parts by the numbers of the mean.
///
/// \tparam W size, stride S, padding P: `Window{.size = 2, .stride = 2}` halves the sides
template <Window W>
struct AveragePool {
  static_assert(detail::WindowIsSound<AveragePool, Got<W.size, W.stride, W.padding>, W.sound()>::ok);

  static constexpr std::string_view name = "AveragePool";
  static constexpr Shape output(Shape in) { return W.over(in, in.channels()); }
  template <Shape In>
  static constexpr bool accepts = detail::WindowSlides<AveragePool, W, In>::ok;
  static constexpr Reads reads = Reads::nothing;

  template <class Pass>
  static void forward(const Pass& pass) {
    pass.each_sample(nanoseconds(Pass::out),
                     [&](int i) { kernels::average_pool<W, Pass::in>(pass.input[i].data(), pass.output[i].data()); });
  }

  template <class Pass>
  static void backward(const Pass& pass) {
    if constexpr (Pass::wants_input_gradient)
      pass.each_sample(2 * nanoseconds(Pass::out), [&](int i) {
        kernels::average_pool_backward<W, Pass::in>(pass.output_gradient[i].data(), pass.input_gradient[i].data());
      });
  }

  template <class Place, class Graph, class Value>
  static Value describe(const Place&, Graph& graph, Value x) {
    return graph.average_pool(x, W);
  }

 private:
  static constexpr double nanoseconds(Shape out) { return 0.05 * W.size * W.size * out.size(); }
};

}  // namespace rocket
