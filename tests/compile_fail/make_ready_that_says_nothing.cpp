// expect: rocket: Trainer: make_ready of a source is const
// expect: Silent
#include <cstddef>
#include <span>

#include <rocket/rocket.hpp>
using namespace rocket;

struct Silent {
  int features_per_sample = 4, classes = 3;
  std::size_t size() const { return 10; }
  int label(std::size_t) const { return 0; }
  void read(std::size_t, std::span<float> row) const { row[0] = 0; }
  void draw(std::size_t i, Seed, int, std::span<float> row) const { read(i, row); }
  double nanoseconds_per_sample() const { return 1; }
#ifdef ROCKET_CONTROL
  std::size_t make_ready(std::span<const int>, std::size_t count) const { return count; }
#else
  void make_ready(std::span<const int>, std::size_t) const {}
#endif
};

void train(Trainer<Plain<Input<4>, Dense<3>>>& trainer) { trainer.fit(Silent{}, {}); }
