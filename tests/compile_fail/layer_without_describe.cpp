// expect: rocket: exports: a layer that is written: expected .template.*describe
// expect: Silent
#include <rocket/deploy/describe.hpp>
#include <rocket/layers/dense.hpp>
#include <rocket/layers/elementwise.hpp>
#include <rocket/net/launch.hpp>
using namespace rocket;

struct Silent : Elementwise<Silent, Reads::output> {
  static constexpr std::string_view name = "Silent";
  static constexpr double nanoseconds = 1;
  template <class T>
  static T value(T x) {
    return x;
  }
  template <class T>
  static T derivative(T) {
    return 1;
  }
#ifdef ROCKET_CONTROL
  template <class Place, class Graph, class Value>
  static Value describe(const Place&, Graph&, Value x) {
    return x;
  }
#endif
};

const Graph graph = graph_of(Plain<Input<4>, Sequential<Dense<3>, Silent>>{Seed{1}});
