// expect: rocket: layer: it reads images
// expect: Expected<3>
// expect: Got<.*12
#include <rocket/rocket.hpp>
using namespace rocket;

#ifdef ROCKET_CONTROL
using In = Input<2, 2, 3>;
#else
using In = Input<12>;
#endif

Predictor predictor{Plain<In, Sequential<AttentionMap, Dense<3>>>{Seed{}}};
int main() { return predictor.classify(std::array<float, 12>{}); }
