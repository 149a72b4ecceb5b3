// A layer that turns the gradient with respect to an input into the gradient with respect to a parameter.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include <rocket/layers/layer.hpp>

// y = x + offset, with an offset of its own for every number of a batch of Batch samples: its gradient is the one with
// respect to the input of whatever follows.
template <int Batch>
struct Probe {
  static constexpr std::string_view name = "Probe";
  static constexpr rocket::Shape output(rocket::Shape in) { return in; }
  static constexpr auto parameters(rocket::Shape in) {
    return std::array{rocket::Parameter{"offset", rocket::Shape{Batch, in.size()}, rocket::Init::normal(0, 1)}};
  }
  static constexpr rocket::Reads reads = rocket::Reads::nothing;

  template <class Pass>
  static void forward(const Pass& pass) {
    const auto offset = pass.parameter(0);
    for (std::size_t i = 0; i < offset.size(); ++i) pass.output.data[i] = pass.input.data[i] + offset[i];
  }
  template <class Pass>
  static void backward(const Pass& pass) {
    static_assert(!Pass::wants_input_gradient, "a Probe stands first");
    const auto gradient = pass.gradient(0);
    for (std::size_t i = 0; i < gradient.size(); ++i) gradient[i] += pass.output_gradient.data[i];
  }
};
