// expect: rocket: Fields: two fields look up one table
// expect: 's', 'e', 'e', 'n'
// expect: Expected<4>
// expect: Got<6>
#include <rocket/rocket.hpp>
using namespace rocket;

#ifdef ROCKET_CONTROL
constexpr int dimension = 4;
#else
constexpr int dimension = 6;
#endif
using Inputs = Fields<Id<"item", 4>, Bag<"seen", dimension, 9, Pool::mean, "item">>;
static_assert(Inputs::words > 0);
