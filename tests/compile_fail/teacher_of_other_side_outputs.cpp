// expect: rocket: Teacher: its hint compares side outputs
// expect: AttentionTransfer
// expect: Expected<.*4, 4.*>
// expect: Got<.*4, 4.*4, 4.*>
#include <rocket/rocket.hpp>
using namespace rocket;

using Net = Plain<Input<4, 4, 3>, Sequential<BatchNorm<>, AttentionMap, Dense<3>>>;
#ifdef ROCKET_CONTROL
using TaughtBy = Plain<Input<4, 4, 3>, Sequential<BatchNorm<>, Relu, AttentionMap, Dense<3>>>;
#else
using TaughtBy = Plain<Input<4, 4, 3>, Sequential<BatchNorm<>, AttentionMap, Relu, AttentionMap, Dense<3>>>;
#endif

Trainer trainer{Net{Seed{}}, Teacher{TaughtBy{Seed{}}, AttentionTransfer{}, 1e3}};
