// expect: rocket: exports: a net of one head is written, such as trainer.light
// expect: Expected<1
#include <rocket/deploy/describe.hpp>
#include <rocket/layers/dense.hpp>
#include <rocket/net/launch.hpp>
using namespace rocket;

const Launch<Input<4>, Sequential<>, Dense<3>, Dense<3>> net{Seed{1}};
#ifdef ROCKET_CONTROL
const Graph graph = graph_of(net.launch_light());
#else
const Graph graph = graph_of(net);
#endif
