// expect: rocket: Launch: light \(got\) and booster \(expected\) must end in the same number of classes
// expect: Sequential<rocket::Dense<7
// expect: Expected<10>
// expect: Got<7>
#include <rocket/rocket.hpp>
using namespace rocket;

#ifdef ROCKET_CONTROL
using Light = Sequential<Dense<10>>;
#else
using Light = Sequential<Dense<7>>;
#endif
using Booster = Sequential<Dense<32>, Relu, Dense<10>>;

template struct rocket::Launch<Input<64>, Sequential<Dense<16>, Relu>, Light, Booster>;
