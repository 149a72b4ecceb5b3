// expect: rocket: Trainer::fit: a callback returns nothing or Then
// expect: Stops
#include <rocket/rocket.hpp>
using namespace rocket;

struct Stops {
#ifdef ROCKET_CONTROL
  Then on_epoch(const EpochReport&) { return Then::stop; }
#else
  bool on_epoch(const EpochReport&) { return false; }
#endif
};

void train(Trainer<Plain<Input<4>, Dense<3>>>& trainer, const Samples<float>& samples) {
  trainer.fit(samples, {}, Stops{});
}
