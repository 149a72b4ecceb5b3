// expect: rocket: Checkpoints, resume: callbacks that are given along have a memory
// expect: Forgetful
#include <rocket/rocket.hpp>
#include <rocket/train/checkpoints.hpp>
using namespace rocket;

struct Forgetful {
  void on_step(const StepReport&) {}
};
using Net = Plain<Input<4>, Dense<3>>;

void keep(Trainer<Net, Sgd>& trainer) {
#ifdef ROCKET_CONTROL
  LightAverage callback{trainer};
#else
  Forgetful callback;
#endif
  Checkpoints checkpoints{trainer, "run", {}, callback};
}
