// expect: rocket: Scorer: a field is named twice
// expect: 'u', 's', 'e', 'r'
#include <rocket/rocket.hpp>
using namespace rocket;

using Net = Solo<Fields<Id<"user", 2>, Id<"item", 2>, Numbers<"price">>, Sequential<>, Head<"light", Dense<1>>>;
#ifdef ROCKET_CONTROL
Scorer<Net, "user"> scorer{Net{Seed{}, {1, 1}}};
#else
Scorer<Net, "user", "user"> scorer{Net{Seed{}, {1, 1}}};
#endif
