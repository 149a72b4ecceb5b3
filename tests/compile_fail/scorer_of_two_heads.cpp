// expect: rocket: Scorer: ship one head, such as trainer.light
// expect: Expected<1
// expect: Got<2
#include <rocket/rocket.hpp>
using namespace rocket;

using Pair = Launch<Fields<Id<"user", 2>, Id<"item", 2>>, Sequential<>, Dense<1>, Dense<1>>;
#ifdef ROCKET_CONTROL
using Net = Pair::light;
#else
using Net = Pair;
#endif

Scorer<Net, "user"> scorer{Net{Seed{}, {1, 1}}};
