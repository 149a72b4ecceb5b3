#pragma once
#include <algorithm>

#include "rocket/kernels/gemm.hpp"
#include "rocket/kernels/reduce.hpp"
#include "rocket/layers/bias.hpp"
#include "rocket/layers/layer.hpp"

namespace rocket {

/// y = x W + b on all numbers of a sample (a shape of rank > 1 is read as one flat row).
///
///     dx = dy W^T        dW = sum over the batch of x^T dy        db = sum over the batch of dy
///
/// `weight` is inputs x Outputs, Outputs innermost; normal with variance 2 / inputs. `bias` starts at 0, doesn't decay.
template <int Outputs, Bias WithBias = Bias::yes>
struct Dense {
  static_assert(detail::holds<(Outputs > 0), Dense>, "rocket: Dense: the number of outputs must be positive");

  static constexpr std::string_view name = "Dense";
  static constexpr Shape output(Shape) { return Shape{Outputs}; }
  static constexpr long multiply_adds(Shape in) { return long{in.size()} * Outputs; }

  static constexpr auto parameters(Shape in) {
    const Parameter weight{"weight", Shape{in.size(), Outputs}, Init::fan_in(in.size())};
    if constexpr (WithBias == Bias::yes)
      return std::array{weight, Parameter{"bias", Shape{Outputs}, Init::constant(0), Decay::no}};
    else
      return std::array{weight};
  }

  static constexpr Reads reads = Reads::input;
  /// Backward: the weight transposed, or the partial sums of the bias gradient, one after the other.
  static constexpr Elements scratch(Shape in) {
    return larger(Elements::once(in.size() * Outputs), Elements::each_chunk(Outputs));
  }

  template <class Pass>
  static void forward(const Pass& pass) {
    using T = typename Pass::Scalar;
    constexpr int inputs = Pass::in.size();
    for (int i = 0; i < pass.batch; ++i) {
      if constexpr (WithBias == Bias::yes)
        std::copy_n(pass.parameter(1).data(), Outputs, pass.output[i].data());
      else
        std::fill_n(pass.output[i].data(), Outputs, T{0});
    }
    kernels::multiply_add<Outputs>(pass.batch, inputs, kernels::Left<T>{pass.input.data, inputs, 1},
                                   pass.parameter(0).data(), pass.output.data, pass.context->threads);
  }

  template <class Pass>
  static void backward(const Pass& pass) {
    using T = typename Pass::Scalar;
    constexpr int inputs = Pass::in.size();
    const int threads = pass.context->threads;
    if constexpr (Pass::wants_parameter_gradients) {
      kernels::multiply_add<Outputs>(inputs, pass.batch, kernels::Left<T>{pass.input.data, 1, inputs},
                                     pass.output_gradient.data, pass.gradient(0).data(), threads);
      if constexpr (WithBias == Bias::yes) {
        kernels::sum_over_batch<Outputs>(pass.batch, threads, 0.25 * Outputs * pass.batch, pass.scratch,
                                         [&](int i, T* sum) {
                                           const auto dy = pass.output_gradient[i];
                                           for (std::size_t o = 0; o < Outputs; ++o) sum[o] += dy[o];
                                         });
        for (std::size_t o = 0; o < Outputs; ++o) pass.gradient(1)[o] += pass.scratch[o];
      }
    }
    if constexpr (Pass::wants_input_gradient) {
      kernels::transpose(inputs, Outputs, pass.parameter(0).data(), pass.scratch);
      std::fill_n(pass.input_gradient.data, static_cast<std::size_t>(pass.batch) * inputs, T{0});
      kernels::multiply_add<inputs>(pass.batch, Outputs, kernels::Left<T>{pass.output_gradient.data, Outputs, 1},
                                    pass.scratch, pass.input_gradient.data, threads);
    }
  }
};

}  // namespace rocket
