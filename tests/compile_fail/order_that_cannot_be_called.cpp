// expect: rocket: Trainer: order of a source is const
// expect: Backwards
#include <cstddef>
#include <span>

#include <rocket/rocket.hpp>
using namespace rocket;

struct Backwards : Samples<float> {
#ifdef ROCKET_CONTROL
  void order(Seed, int, std::span<int> order) const { order[0] = 0; }
#else
  void order(Seed, int, std::span<int> order) { order[0] = 0; }
#endif
};

void train(Trainer<Plain<Input<4>, Dense<3>>>& trainer) { trainer.fit(Backwards{}, {}); }
