#pragma once
#include <type_traits>

#include "rocket/kernels/gemm.hpp"
#include "rocket/kernels/reduce.hpp"
#include "rocket/kernels/small_weights.hpp"
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

  /// Int8's sums have a limit, far away.
  template <Shape In, Stored How>
  static constexpr int stored() {
    return Small<In.size(), How>::fits ? Small<In.size(), How>::numbers : 0;
  }
  template <Stored How, class Pass>
  static void store(const Pass& pass, InputRange range, float* to) {
    const float* weight = pass.parameter(0).data();
    const float* bias = nullptr;
    if constexpr (WithBias == Bias::yes) bias = pass.parameter(1).data();
    if constexpr (How == Stored::int8)
      Small<Pass::in.size(), How>::store(weight, bias, range.low, range.high, to);
    else
      Small<Pass::in.size(), How>::store(weight, bias, to);
  }

  template <class Pass>
  static void forward(const Pass& pass) {
    if constexpr (Pass::stored != Stored::as_trained)
      Small<Pass::in.size(), Pass::stored>::multiply(pass.batch, pass.input.data, pass.prepared, pass.output.data,
                                                     pass.context->threads);
    else
      forward_as_trained(pass);
  }

  template <class Pass>
  static void backward(const Pass& pass) {
    constexpr int inputs = Pass::in.size();
    const auto threads = pass.context->threads;
    const auto dy = kernels::plain(pass.output_gradient.data, Outputs);
    if constexpr (Pass::wants_parameter_gradients) {
      const auto x = kernels::transposed(pass.input.data, inputs);
      const auto dw = kernels::product_added_to(pass.gradient(0).data(), Outputs);
      kernels::multiply<Outputs>(inputs, pass.batch, x, dy, dw, threads);
      if constexpr (WithBias == Bias::yes)
        kernels::add_rows<Outputs>(pass.batch, pass.output_gradient.data, pass.gradient(1).data());
    }
    if constexpr (Pass::wants_input_gradient) {
      const auto weight = kernels::transposed(pass.parameter(0).data(), Outputs);
      const auto dx = kernels::product_in(pass.input_gradient.data, inputs);
      kernels::multiply<inputs>(pass.batch, Outputs, dy, weight, dx, threads);
    }
  }

  template <class Place, class Graph, class Value>
  static Value describe(const Place& place, Graph& graph, Value x) {
    const Value row = graph.reshape(x, Shape{Place::in.size()}), weight = graph.constant(place.parameter(0));
    if constexpr (WithBias == Bias::yes)
      return graph.product(row, weight, graph.constant(place.parameter(1)));
    else
      return graph.product(row, weight);
  }

 private:
  template <int Inputs, Stored How>
  using Small = std::conditional_t<How == Stored::int8, kernels::Int8Weights<Inputs, Outputs>,
                                   kernels::BFloat16Weights<Inputs, Outputs>>;

  template <class Pass>
  static void forward_as_trained(const Pass& pass) {
    const auto y = [&] {
      if constexpr (WithBias == Bias::yes)
        return kernels::product_and_bias_in(pass.output.data, Outputs, pass.parameter(1).data());
      else
        return kernels::product_in(pass.output.data, Outputs);
    }();
    const auto x = kernels::plain(pass.input.data, Pass::in.size());
    const auto weight = kernels::plain(pass.parameter(0).data(), Outputs);
    kernels::multiply<Outputs>(pass.batch, Pass::in.size(), x, weight, y, pass.context->threads);
  }
};

}  // namespace rocket
