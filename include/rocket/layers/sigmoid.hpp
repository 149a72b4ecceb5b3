#pragma once
#include <cmath>

#include "rocket/layers/elementwise.hpp"

namespace rocket {

/// y = 1 / (1 + exp(-x)), dy/dx = y (1 - y). Safe at any x: exp overflows to infinity, whose inverse is 0.
struct Sigmoid : Elementwise<Sigmoid, Reads::output> {
  static constexpr std::string_view name = "Sigmoid";
  static constexpr double nanoseconds = 8;
  template <class T>
  static T value(T x) {
    return 1 / (1 + std::exp(-x));
  }
  template <class T>
  static T derivative(T y) {
    return y * (1 - y);
  }
  template <class Place, class Graph, class Value>
  static Value describe(const Place&, Graph& graph, Value x) {
    return graph.sigmoid(x);
  }
};

}  // namespace rocket
