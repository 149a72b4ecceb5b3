// expect: rocket: Trainer: make_ready of a source is const
// expect: Silent
#include <cstddef>
#include <span>

#include <rocket/rocket.hpp>
using namespace rocket;

struct Silent : Samples<float> {
#ifdef ROCKET_CONTROL
  std::size_t make_ready(std::span<const int>, std::size_t count) const { return count; }
#else
  void make_ready(std::span<const int>, std::size_t) const {}
#endif
};

void train(Trainer<Plain<Input<4>, Dense<3>>>& trainer) { trainer.fit(Silent{}, {}); }
