#pragma once
#include <cmath>
#include <numbers>

#include "rocket/layers/elementwise.hpp"

namespace rocket {

/// y = x Phi(x) with the normal distribution function Phi, exactly (by erfc), not the tanh approximation (Hendrycks,
/// Gimpel 2016). dy/dx = Phi(x) + x phi(x).
struct Gelu : Elementwise<Gelu, Reads::input> {
  static constexpr std::string_view name = "Gelu";
  static constexpr double nanoseconds = 15;
  template <class T>
  static T value(T x) {
    return x * distribution(x);
  }
  template <class T>
  static T derivative(T x) {
    constexpr T inverse_root_two_pi = std::numbers::inv_sqrtpi_v<T> / std::numbers::sqrt2_v<T>;
    return distribution(x) + x * inverse_root_two_pi * std::exp(-x * x / 2);
  }
  template <class Place, class Graph, class Value>
  static Value describe(const Place&, Graph& graph, Value x) {
    return graph.gelu(x);
  }

 private:
  template <class T>
  static T distribution(T x) {
    return std::erfc(-x / std::numbers::sqrt2_v<T>) / 2;  // where x is far below 0, 1 + erf would cancel
  }
};

}  // namespace rocket
