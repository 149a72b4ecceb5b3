// expect: rocket: Prepared: only a net that computes in float can be stored smaller
#include <rocket/rocket.hpp>
using namespace rocket;

#ifdef ROCKET_CONTROL
using Number = float;
#else
using Number = double;
#endif

using Net = Plain<Input<4>, Sequential<Dense<3>>, Number>;
Predictor<Net, Stored::bf16> predictor{Net{Seed{}}};
