// expect: rocket: Scorer: a net of Fields: it is fields that a request and candidates have
#include <rocket/rocket.hpp>
using namespace rocket;

#ifdef ROCKET_CONTROL
using Inputs = Fields<Id<"user", 2>, Id<"item", 2>>;
#else
using Inputs = Input<4>;
#endif
using Net = Solo<Inputs, Sequential<>, Head<"light", Dense<1>>>;

Scorer<Net, "user"> scorer(const Net& net) { return Scorer<Net, "user">{net}; }
