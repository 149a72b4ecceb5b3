// expect: rocket: Trainer::fit: a callback has on_step
// expect: Listens
#include <rocket/rocket.hpp>
using namespace rocket;

struct Listens {
  void on_step(const StepReport&) {}
#ifdef ROCKET_CONTROL
  void on_epoch(const EpochReport&) {}
#else
  void on_epoch(EpochReport&) {}
#endif
};

void train(Trainer<Plain<Input<4>, Dense<3>>>& trainer, const Samples<float>& samples) {
  trainer.fit(samples, {}, Listens{});
}
