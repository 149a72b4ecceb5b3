// expect: rocket: Recomputed: two in a row
// expect: Recomputed<.*Tanh
#include <rocket/rocket.hpp>
using namespace rocket;

#ifdef ROCKET_CONTROL
using Layers = Sequential<Recomputed<Tanh, Sigmoid>, Dense<8>>;
#else
using Layers = Sequential<Recomputed<Tanh>, Recomputed<Sigmoid>, Dense<8>>;
#endif

template struct rocket::Solo<Input<8>, Sequential<>, Head<"net", Layers>>;
