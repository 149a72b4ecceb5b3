// A name that both heads use, but for lists that are numbered differently, so that nothing would be shared.
// expect: 'g', '.', 'w', 'e', 'i', 'g', 'h', 't'
// expect: two heads use a name, but share no parameter by it
#include <rocket/rocket.hpp>
using namespace rocket;

using Light = Sequential<Named<"g", Dense<4>>, Dense<3>>;
#ifdef ROCKET_CONTROL
using Booster = Sequential<Named<"g", Dense<4>>, Relu, Dense<3>>;
#else
using Booster = Sequential<Named<"g", Dense<4>, Relu>, Dense<3>>;
#endif

int main() { return Launch<Input<4>, Sequential<>, Light, Booster>::parameters == 0; }
