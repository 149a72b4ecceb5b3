// expect: rocket: Fields: dimensions and counts are at least 1
// expect: 's', 'e', 'e', 'n'
// expect: Got<4, 0>
#include <rocket/rocket.hpp>
using namespace rocket;

#ifdef ROCKET_CONTROL
constexpr int most = 3;
#else
constexpr int most = 0;
#endif
using Inputs = Fields<Id<"item", 4>, Sequence<"seen", 4, most, "item">>;
static_assert(Inputs::words > 0);
