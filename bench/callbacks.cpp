/// \file
/// What callbacks cost: the time that is spent in them, over the rest of an epoch. The dense pair of the benches beside
/// other libraries, 250 steps on 128 samples, one thread.
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

/// Passes on what it is told, and counts the seconds.
template <class Callback>
struct Timed {
  Callback callback;
  double seconds = 0;

  void on_step(const StepReport& report) {
    const Stopwatch watch{&seconds};
    callback.on_step(report);
  }
  void on_epoch(const EpochReport& report) {
    const Stopwatch watch{&seconds};
    if constexpr (requires { callback.on_epoch(report); }) callback.on_epoch(report);
  }
};

/// \param make  makes a callback of a trainer
template <class Make>
void overhead(benchmark::State& state, const Make& make) {
  constexpr int batch = 128, steps = 250;
  static const std::vector<float> features = some_features(steps * batch * Net::input.size());
  static const std::vector<int> labels = some_labels(steps * batch, Net::outputs[0]);
  const Samples<> samples = make_samples(features, labels, Net::input.size(), Net::outputs[0]);

  Trainer trainer{Net{Seed{1}}, Sgd{.rate = 1e-3}, Threads{1}};
  std::vector<double> shares, costs;
  for (auto _ : state) {
    Timed<decltype(make(trainer))> timed{make(trainer)};
    const double whole = wall_seconds([&] { trainer.fit(samples, {.epochs = 1, .batch_size = batch}, timed); });
    shares.push_back(timed.seconds / (whole - timed.seconds));
    costs.push_back(timed.seconds / steps);
  }
  std::sort(shares.begin(), shares.end());
  state.counters["us_a_step"] = 1e6 * median(costs);
  state.counters["overhead_%"] = 100 * median(shares);
  state.counters["least_%"] = 100 * shares.front();
  state.counters["most_%"] = 100 * shares.back();
}

template <class Make>
void add(const char* name, const Make& make) {
  benchmark::RegisterBenchmark((std::string{"callbacks/"} + name).c_str(),
                               [=](benchmark::State& state) { overhead(state, make); })
      ->Iterations(5)
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
