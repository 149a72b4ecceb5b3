#pragma once
#include <cmath>

#include "rocket/layers/elementwise.hpp"

namespace rocket {

/// y = tanh(x), dy/dx = 1 - y^2.
struct Tanh : Elementwise<Tanh, Reads::output> {
  static constexpr std::string_view name = "Tanh";
  static constexpr double nanoseconds = 15;
  template <class T>
  static T value(T x) {
    return std::tanh(x);
  }
  template <class T>
  static T derivative(T y) {
    return 1 - y * y;
  }
  template <class Place, class Graph, class Value>
  static Value describe(const Place&, Graph& graph, Value x) {
    return graph.tanh(x);
  }
};

}  // namespace rocket
