// expect: rocket: BestSoFar: a score is called without arguments and returns a number
#include <rocket/rocket.hpp>
using namespace rocket;

#ifdef ROCKET_CONTROL
const auto score = [] { return 0.5; };
#else
const auto score = [](int epoch) { return 0.5 * epoch; };
#endif

void watch(Trainer<Plain<Input<4>, Dense<3>>, Sgd>& trainer) { BestSoFar best{trainer, score}; }
