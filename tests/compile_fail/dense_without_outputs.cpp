// expect: rocket: Dense: the number of outputs must be positive
// expect: Dense<0
#include <rocket/rocket.hpp>
using namespace rocket;

#ifdef ROCKET_CONTROL
using Layer = Dense<1>;
#else
using Layer = Dense<0>;
#endif

template struct rocket::Solo<Input<16>, Sequential<>, Head<"net", Sequential<Relu, Layer>>>;
