// expect: rocket: LeakyRelu: the slope must be positive
// expect: LeakyRelu<
// expect: Got<.*0
#include <rocket/rocket.hpp>
using namespace rocket;

#ifdef ROCKET_CONTROL
using Layer = LeakyRelu<0.1>;
#else
using Layer = LeakyRelu<0.0>;
#endif

template struct rocket::Solo<Input<16>, Sequential<>, Head<"net", Layer>>;
