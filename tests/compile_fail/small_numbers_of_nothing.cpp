// expect: rocket: Prepared: no layer of this net can be stored smaller
#include <rocket/rocket.hpp>
using namespace rocket;

#ifdef ROCKET_CONTROL
using Layers = Sequential<BatchNorm<>, Dense<3>>;
#else
using Layers = Sequential<BatchNorm<>>;
#endif

using Net = Plain<Input<4>, Layers>;
Predictor<Net, Stored::bf16> predictor{Net{Seed{}}};
