// expect: rocket: Named: .*by a Repeat and by a list that is cut differently
// expect: 'g', 'r', 'o', 'u', 'p'
// expect: Expected<.*8.*, 1>
// expect: Got<.*8.*, 3>
#include <rocket/rocket.hpp>
using namespace rocket;

// In both heads the second copy is group.1, but only Repeat lays its copies one behind the other.
using Light = Sequential<Dense<8>, Named<"group", Dense<8>, Dense<8>>, Dense<10>>;
#ifdef ROCKET_CONTROL
using Booster = Sequential<Dense<8>, Named<"group", Dense<8>, Dense<8>, Dense<8>>, Dense<10>>;
#else
using Booster = Sequential<Dense<8>, Named<"group", Repeat<3, Dense<8>>>, Dense<10>>;
#endif

template struct rocket::Launch<Input<64>, Sequential<>, Light, Booster>;
