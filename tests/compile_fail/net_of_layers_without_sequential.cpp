// expect: rocket: a net: its numbers are float or double; layers in a row are one Sequential
#include <rocket/rocket.hpp>
using namespace rocket;

#ifdef ROCKET_CONTROL
using Net = Plain<Input<4>, Sequential<Dense<8>, Dense<3>>>;
#else
using Net = Plain<Input<4>, Dense<8>, Dense<3>>;
#endif

Net net{Seed{}};
