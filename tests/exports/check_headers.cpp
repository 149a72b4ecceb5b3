// C++17, compiled with warnings as errors, nothing of Rocket: whether written headers compute what Rocket computed of
// samples that they don't hold.
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <string>

#include "convolutional.hpp"
#include "dense.hpp"
#include "ranking.hpp"
#include "samples.hpp"

namespace {

exported::ranking::Record record(const double* number) {
  exported::ranking::Record r;
  const auto next_row = [&](std::uint32_t& row) {
    if (*number >= 0) row = static_cast<std::uint32_t>(*number);  // else it stays what it is: no_row
    ++number;
  };
  const auto next = [&](float& x) { x = static_cast<float>(*number++); };
  next_row(r.user);
  for (auto& row : r.genres) next_row(row);
  for (auto& row : r.class_) next_row(row);
  for (auto& weight : r.class_weights) next(weight);
  next_row(r.item);
  for (auto& row : r.seen) next_row(row);
  for (auto& row : r.tags) next_row(row);
  next(r.price);
  for (auto& x : r.time_of_day) next(x);
  return r;
}

bool report(const char* name, double error, bool self_test) {
  std::printf("%s: largest difference %.1e of the largest logit, self test %s\n", name, error,
              self_test ? "passed" : "failed");
  return self_test && error <= 1e-6;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const std::string folder{argv[1]};
  const Samples dense{folder + "/dense.txt"}, images{folder + "/convolutional.txt"}, records{folder + "/ranking.txt"};
  exported::convolutional::Scratch scratch;
  bool sound = report("dense",
                      largest_difference(dense,
                                         [&](const double* x, float* out) {
                                           exported::dense::logits(as_floats(x, exported::dense::inputs).data(), out);
                                         }),
                      exported::dense::self_test());
  sound = report("convolutional",
                 largest_difference(images,
                                    [&](const double* x, float* out) {
                                      exported::convolutional::logits(
                                          as_floats(x, exported::convolutional::inputs).data(), out, scratch);
                                    }),
                 exported::convolutional::self_test(scratch)) &&
          sound;
  sound = report("ranking",
                 largest_difference(records,
                                    [&](const double* x, float* out) { exported::ranking::logits(record(x), out); }),
                 exported::ranking::self_test()) &&
          sound;
  // A self test that nothing can pass.
  sound = !exported::convolutional::self_test(scratch, -1) && sound;
  // A row that the table doesn't have counts as none.
  exported::ranking::Record none, beyond;
  beyond.user = 1000000;
  float a[1], b[1];
  exported::ranking::logits(none, a);
  exported::ranking::logits(beyond, b);
  return sound && std::fabs(a[0] - b[0]) <= 0.0F ? 0 : 1;
}
