// A layer that both heads use by one name, with a bias in one of them only.
// expect: 'a', '.', 'b', 'i', 'a', 's'
// expect: only one of them has this parameter of it
#include <rocket/rocket.hpp>
using namespace rocket;

using Light = Sequential<Named<"a", Dense<4, Bias::no>>, Dense<3>>;
#ifdef ROCKET_CONTROL
using Booster = Sequential<Named<"a", Dense<4, Bias::no>>, Relu, Dense<3>>;
#else
using Booster = Sequential<Named<"a", Dense<4>>, Relu, Dense<3>>;
#endif

int main() { return Launch<Input<4>, Sequential<>, Light, Booster>::parameters == 0; }
