// expect: rocket: Predictor: ship one head, such as trainer.light
// expect: Launch<
// expect: Expected<1
// expect: Got<2
#include <rocket/rocket.hpp>
using namespace rocket;

using Pair = Launch<Input<4>, Sequential<>, Dense<3>, Dense<3>>;
#ifdef ROCKET_CONTROL
using Net = Pair::light;
#else
using Net = Pair;
#endif

Predictor predictor{Net{Seed{}}};
