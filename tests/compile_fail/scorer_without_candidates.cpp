// expect: rocket: Scorer: name the fields of a request, one at least, and leave one for candidates
#include <rocket/rocket.hpp>
using namespace rocket;

using Net = Solo<Fields<Id<"user", 2>, Id<"item", 2>>, Sequential<>, Head<"light", Dense<1>>>;
#ifdef ROCKET_CONTROL
Scorer<Net, "user"> scorer{Net{Seed{}, {1, 1}}};
#else
Scorer<Net, "user", "item"> scorer{Net{Seed{}, {1, 1}}};
#endif
