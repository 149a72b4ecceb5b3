// expect: rocket: Named: a name is used for parameters of two shapes
// expect: 'g', 'r', 'o', 'u', 'p', '.', 'w', 'e', 'i', 'g', 'h', 't'
// expect: Expected<.*16, 8.*, 1>
// expect: Got<.*16, 12.*, 1>
#include <rocket/rocket.hpp>
using namespace rocket;

#ifdef ROCKET_CONTROL
constexpr int booster_width = 8;
#else
constexpr int booster_width = 12;
#endif
using Light = Sequential<Named<"group", Dense<8>>, Dense<10>>;
using Booster = Sequential<Named<"group", Dense<booster_width>>, Dense<10>>;

template struct rocket::Launch<Input<64>, Sequential<Dense<16>>, Light, Booster>;
