// expect: rocket: Trainer: two options of one kind
// expect: Sgd
// expect: Adam
#include <rocket/rocket.hpp>
using namespace rocket;

#ifdef ROCKET_CONTROL
using Second = Threads;
#else
using Second = Adam;
#endif
using Net = Launch<Input<4>, Sequential<>, Dense<3>, Dense<3>>;

Trainer trainer{Net{Seed{}}, Sgd{}, LogitMse{}, Second{}};
