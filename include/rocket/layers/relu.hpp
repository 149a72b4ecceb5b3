#pragma once
#include "rocket/layers/elementwise.hpp"

namespace rocket {

/// y = max(x, 0); the derivative at 0 is 0.
struct Relu : Elementwise<Relu, Reads::output> {
  static constexpr std::string_view name = "Relu";
  static constexpr double nanoseconds = 0.25;
  template <class T>
  static T value(T x) {
    return x <= 0 ? T{0} : x;  // passes NaN on
  }
  template <class T>
  static T derivative(T y) {
    return y > 0 ? T{1} : T{0};
  }
  template <class Place, class Graph, class Value>
  static Value describe(const Place&, Graph& graph, Value x) {
    return graph.relu(x);
  }
};

}  // namespace rocket
