// expect: rocket: hint: this one compares side outputs, so it needs a frozen net: give it to a Teacher
// expect: AttentionTransfer
#include <rocket/rocket.hpp>
using namespace rocket;

using Net = Launch<Input<4, 4, 3>, BatchNorm<>, Sequential<AttentionMap, Dense<3>>, Sequential<AttentionMap, Dense<3>>>;
#ifdef ROCKET_CONTROL
Trainer trainer{Net{Seed{}}, Teacher{Net::booster{Seed{}}, AttentionTransfer{}}};
#else
Trainer trainer{Net{Seed{}}, AttentionTransfer{}};
#endif
