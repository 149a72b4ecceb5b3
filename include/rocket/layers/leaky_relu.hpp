#pragma once
#include "rocket/core/check.hpp"
#include "rocket/core/real.hpp"
#include "rocket/layers/elementwise.hpp"

namespace rocket {

namespace detail {
template <class Layer, class GotThousandths, bool sound>
struct LeakyReluSlopeIsPositive {
  static_assert(holds<sound, Layer, GotThousandths>,
                "rocket: LeakyRelu: the slope must be positive (got: thousandths), Relu is the one with slope 0");
  static constexpr bool ok = true;
};
}  // namespace detail

/// y = x for x > 0, Slope x otherwise. The slope must be positive, so that y tells on which side x was.
template <Real Slope = 0.01>
struct LeakyRelu : Elementwise<LeakyRelu<Slope>, Reads::output> {
  static_assert(
      detail::LeakyReluSlopeIsPositive<LeakyRelu, Got<detail::thousandths(Slope.value())>, (Slope.value() > 0)>::ok);
  static constexpr std::string_view name = "LeakyRelu";
  static constexpr double nanoseconds = 0.25;
  template <class T>
  static T value(T x) {
    return x > 0 ? x : static_cast<T>(Slope.value()) * x;
  }
  template <class T>
  static T derivative(T y) {
    return y > 0 ? T{1} : static_cast<T>(Slope.value());
  }
  template <class Place, class Graph, class Value>
  static Value describe(const Place&, Graph& graph, Value x) {
    return graph.leaky_relu(x, static_cast<float>(Slope.value()));
  }
};

}  // namespace rocket
