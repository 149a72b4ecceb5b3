// expect: rocket: Trainer: an option is none of: a hint loss, a GradientBlock
// expect: Stranger
#include <rocket/rocket.hpp>
using namespace rocket;

struct Stranger {};
#ifdef ROCKET_CONTROL
using Option = LogitMse;
#else
using Option = Stranger;
#endif
using Net = Launch<Input<4>, Sequential<>, Dense<3>, Dense<3>>;

Trainer trainer{Net{Seed{}}, Sgd{}, Option{}};
