// expect: rocket: measure: a metric has .* with as many heads as the net
// expect: HeadConfusion
// expect: Got<1
#include <rocket/rocket.hpp>
using namespace rocket;

#ifdef ROCKET_CONTROL
using Net = Launch<Input<4>, Sequential<>, Dense<3>, Dense<3>>;
#else
using Net = Plain<Input<4>, Dense<3>>;
#endif

void look(Trainer<Net>& trainer, const Samples<float>& samples) { trainer.measure(samples, HeadConfusion{}); }
