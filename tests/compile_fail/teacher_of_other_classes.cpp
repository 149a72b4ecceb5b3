// expect: rocket: Teacher: it must read what the taught net reads, and have one head with as many classes
// expect: Expected<.*4.*, 3, 1
// expect: Got<.*4.*, 5, 1
#include <rocket/rocket.hpp>
using namespace rocket;

using Net = Plain<Input<4>, Dense<3>>;
#ifdef ROCKET_CONTROL
using TaughtBy = Plain<Input<4>, Sequential<Dense<8>, Relu, Dense<3>>>;
#else
using TaughtBy = Plain<Input<4>, Sequential<Dense<8>, Relu, Dense<5>>>;
#endif

Trainer trainer{Net{Seed{}}, Teacher{TaughtBy{Seed{}}, Kl{}}};
