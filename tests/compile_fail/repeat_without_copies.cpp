// expect: rocket: Repeat: the count must be positive
// expect: Repeat<0
#include <rocket/rocket.hpp>
using namespace rocket;

#ifdef ROCKET_CONTROL
using Layers = Repeat<1, Dense<4>>;
#else
using Layers = Repeat<0, Dense<4>>;
#endif

template struct rocket::Solo<Input<16>, Sequential<>, Head<"net", Layers>>;
