#pragma once
#include "rocket/kernels/pooling.hpp"
#include "rocket/layers/layer.hpp"

namespace rocket {

/// The mean of each channel over all positions of an image: height x width x channels -> channels (Lin et al. 2013).
///
///     y[c] = mean over (i, j) of x[i, j, c]        dx[i, j, c] = dy[c] / (height width)
struct GlobalAveragePool {
  static constexpr std::string_view name = "GlobalAveragePool";
  static constexpr Shape output(Shape in) { return Shape{in.channels()}; }
  template <Shape In>
  static constexpr bool accepts = detail::LayerReadsImages<GlobalAveragePool, Expected<3>, Got<In>, In.rank == 3>::ok;
  static constexpr Reads reads = Reads::nothing;

  template <class Pass>
  static void forward(const Pass& pass) {
    pass.each_sample(0.1 * Pass::in.size(), [&](int i) {
      kernels::mean_of_positions<Pass::in.channels()>(Pass::in.positions(), pass.input[i].data(),
                                                      pass.output[i].data());
    });
  }

  template <class Pass>
  static void backward(const Pass& pass) {
    if constexpr (Pass::wants_input_gradient)
      pass.each_sample(0.1 * Pass::in.size(), [&](int i) {
        kernels::mean_of_positions_backward<Pass::in.channels()>(Pass::in.positions(), pass.output_gradient[i].data(),
                                                                 pass.input_gradient[i].data());
      });
  }

  template <class Place, class Graph, class Value>
  static Value describe(const Place&, Graph& graph, Value x) {
    return graph.mean_of_positions(x);
  }
};

}  // namespace rocket
