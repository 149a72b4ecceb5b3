// expect: rocket: Part: two parameters of one head have one name
#include <rocket/rocket.hpp>
using namespace rocket;

// Also inside of a Named: what it shares, it shares with another head.
#ifdef ROCKET_CONTROL
using Layers = Sequential<Named<"group", Part<"first", Dense<8>>, Part<"second", Dense<8>>>>;
#else
using Layers = Sequential<Named<"group", Part<"first", Dense<8>>, Part<"first", Dense<8>>>>;
#endif

template struct rocket::Solo<Input<8>, Sequential<>, Head<"net", Layers>>;
