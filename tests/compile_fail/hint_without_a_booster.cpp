// A hint for a net with one head: whoever forgot the Teacher would believe that it learns from one.
// expect: rocket: hint: a net with one head has no booster
// expect: LogitMse
// expect: Expected<2>
// expect: Got<1>
#include <rocket/rocket.hpp>
using namespace rocket;

using Net = Launch<Input<4>, Dense<4>, Dense<3>, Sequential<Dense<8>, Relu, Dense<3>>>;
#ifdef ROCKET_CONTROL
using Trained = Net;
#else
using Trained = Net::light;
#endif

int main() {
  Trainer trainer{Trained{Seed{1}}, LogitMse{}};
  return trainer.workspace_bytes(1) == 0;
}
