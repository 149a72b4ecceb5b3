// expect: rocket: measure: a metric has add.std::span<const T> logits, int label., or add.const HeadLogits<T, heads>
// expect: Counts
#include <cstddef>

#include <rocket/rocket.hpp>
using namespace rocket;

struct Counts {
  std::size_t samples = 0;
  void add(int) { ++samples; }
};
#ifdef ROCKET_CONTROL
using Metric = Confusion;
#else
using Metric = Counts;
#endif
using Net = Launch<Input<4>, Sequential<>, Dense<3>, Dense<3>>;

void look(Trainer<Net>& trainer, const Samples<float>& samples) { trainer.measure(samples, LogLoss{}, Metric{}); }
