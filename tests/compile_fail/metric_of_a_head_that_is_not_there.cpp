// expect: rocket: measure: light.. is of a net with a head .*light.*; see heads
#include <rocket/rocket.hpp>
using namespace rocket;

#ifdef ROCKET_CONTROL
using Net = Launch<Input<4>, Sequential<>, Dense<3>, Dense<3>>::light;
#else
using Net = Plain<Input<4>, Dense<3>>;
#endif

double look(Trainer<Net>& trainer, const Samples<float>& samples) {
  return trainer.measure(samples, LogLoss{}).light().value();
}
