/// \file
/// What callbacks cost: the time of an epoch with them over that of one without, less 1. The dense pair of the benches
/// beside other libraries, 250 steps on 128 samples, one thread; an epoch of each in turns. What is compared is the
/// fastest epoch of either kind, since other programs on the machine only ever add, and here they'd add more than there
/// is to be seen.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdio>
#include <rocket/rocket.hpp>
#include <rocket/train/log.hpp>
#include <string>
#include <vector>

#include "support.hpp"

namespace {
using namespace rocket;

using Net = Launch<
    Input<576>, Sequential<>, Sequential<Dense<200>, Relu, Dense<80>, Relu, Dense<2>>,
    Sequential<Dense<720>, Relu, Dense<360>, Relu, Dense<240>, Relu, Dense<180>, Relu, Dense<90>, Relu, Dense<2>>>;

/// A file that is gone in the end.
struct TemporaryFile {
  std::string path;
  ~TemporaryFile() { std::remove(path.c_str()); }
};

/// \param make  makes a callback of a trainer
template <class Make>
void overhead(benchmark::State& state, const Make& make) {
  constexpr int batch = 128, steps = 250;
  static const std::vector<float> features = some_features(steps * batch * Net::input.size());
  static const std::vector<int> labels = some_labels(steps * batch, Net::outputs[0]);
  const Samples<> samples = make_samples(features, labels, Net::input.size(), Net::outputs[0]);

  // At a rate of 0 the net stays as it is: every epoch is like the first.
  Trainer trainer{Net{Seed{1}}, Sgd{.rate = 0}, Threads{1}};
  auto callback = make(trainer);
  const FitOptions options{.epochs = 1, .batch_size = batch};
  const auto without = [&] { trainer.fit(samples, options); };
  const auto with = [&] { trainer.fit(samples, options, callback); };
  without();
  double least_without = 1e9, least_with = 1e9;
  for (auto _ : state) {
    least_without = std::min(least_without, seconds(1, without) / steps);
    least_with = std::min(least_with, seconds(1, with) / steps);
  }
  state.counters["step_us"] = 1e6 * least_without;
  state.counters["callback_us"] = 1e6 * (least_with - least_without);
  state.counters["overhead_%"] = 100 * (least_with / least_without - 1);
}

template <class Make>
void add(const char* name, const Make& make) {
  benchmark::RegisterBenchmark((std::string{"callbacks/"} + name).c_str(),
                               [=](benchmark::State& state) { overhead(state, make); })
      ->Iterations(9)
      ->Unit(benchmark::kMillisecond);
}

}  // namespace

int main(int argc, char** argv) {
  static const TemporaryFile file{"bench-callbacks.csv"};
  const auto log_with = [](long steps, long gradients) {
    return [=](auto& trainer) { return Log{trainer, file.path, {.steps = steps, .gradients = gradients}}; };
  };
  std::FILE* const nowhere = std::fopen("/dev/null", "w");
  add("progress", [=](auto&) { return ProgressBar{nowhere}; });
  add("log", log_with(0, LogPlan{}.gradients));
  add("log without gradients", log_with(0, 0));
  add("log of every step", log_with(1, 0));
  add("average of the light net", [](auto& trainer) { return LightAverage{trainer}; });
  return run_benchmarks(argc, argv, "0.05");
}
