// expect: rocket: Fields: two fields have one name
// expect: 'i', 't', 'e', 'm'
#include <rocket/rocket.hpp>
using namespace rocket;

#ifdef ROCKET_CONTROL
using Inputs = Fields<Id<"user", 4>, Id<"item", 4>, Bag<"seen", 4, 9, Pool::mean, "item">>;
#else
using Inputs = Fields<Id<"user", 4>, Id<"item", 4>, Bag<"item", 4, 9>>;
#endif
static_assert(Inputs::words > 0);
