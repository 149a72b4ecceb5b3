// expect: rocket: Teacher: its hint compares side outputs
// expect: Expected<>
// expect: Got<>
#include <rocket/rocket.hpp>
using namespace rocket;

using Net = Plain<Input<4, 4, 3>, Sequential<BatchNorm<>, Dense<3>>>;
#ifdef ROCKET_CONTROL
Trainer trainer{Net{Seed{}}, Teacher{Net{Seed{}}, Kl{}}};
#else
Trainer trainer{Net{Seed{}}, Teacher{Net{Seed{}}, AttentionTransfer{}}};
#endif
