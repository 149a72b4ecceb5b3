// expect: rocket: exports: a net of float is written
// expect: double
#include <rocket/deploy/describe.hpp>
#include <rocket/layers/dense.hpp>
#include <rocket/net/launch.hpp>
using namespace rocket;

#ifdef ROCKET_CONTROL
using Number = float;
#else
using Number = double;
#endif
const Graph graph = graph_of(Plain<Input<4>, Dense<3>, Number>{Seed{1}});
