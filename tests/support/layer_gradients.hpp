// Gradients of layers, held against central differences.
#pragma once

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <vector>

#include <rocket/layers/layers.hpp>
#include <rocket/net/launch.hpp>
#include <rocket/net/training_workspace.hpp>

#include "support/catch.hpp"
#include "support/finite_difference.hpp"
#include "support/probe.hpp"
#include "support/random_numbers.hpp"

namespace layer_gradients {

using namespace rocket;

inline constexpr double tolerance = 1e-6;

// How far backward is from the truth, for the inputs and all parameters of a list of layers in training mode. The loss
// is a random combination of the outputs.
template <class InputShape, class... Layers>
double gradient_error() {
  constexpr int batch = 9;
  using Net = Plain<InputShape, Sequential<Probe<batch>, Layers...>, double>;
  Net net{Seed{3}};
  fill_normal(net.parameter_vector(), 4);  // no bias at 0, no scale at 1
  TrainingWorkspace<Net, Edge{0}> workspace{batch + 1};
  const std::vector<double> zeros(batch * static_cast<std::size_t>(Net::input.size()));
  const std::vector<double> factors = normal_numbers<double>(batch * Net::outputs[0], 5);

  const auto loss = [&] {
    workspace.forward(net, zeros.data(), batch, Context{});
    return std::inner_product(factors.begin(), factors.end(), workspace.template logits<0>().data, 0.0);
  };
  loss();
  std::copy(factors.begin(), factors.end(), workspace.template logit_gradient<0>().data);
  std::vector<double> gradient(Net::parameters);
  workspace.backward(net, gradient);
  return relative_error(gradient, finite_differences(net.parameter_vector(), loss));
}

// The same for one layer where its output lies with the caller, in a buffer of its own, and inside another list.
template <class Layer, class InputShape = Input<5>>
void check_gradients() {
  CHECK(gradient_error<InputShape, Layer>() <= tolerance);
  CHECK(gradient_error<InputShape, Dense<4>, Layer, Dense<3>>() <= tolerance);
  CHECK(gradient_error<InputShape, Sequential<Layer>, Tanh>() <= tolerance);
}

}  // namespace layer_gradients
