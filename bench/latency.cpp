/// \file
/// How long one call of a shipped net takes, on one sample and on a few: the typical call, and the slow one in a
/// hundred. One thread.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstddef>
#include <rocket/models/wide_resnet.hpp>
#include <rocket/rocket.hpp>
#include <string>
#include <vector>

#include "support.hpp"

namespace {
using namespace rocket;

/// The light net of the dense pair.
using DenseLight = Plain<Input<576>, Sequential<Dense<200>, Relu, Dense<80>, Relu, Dense<2>>>;
/// The light net of the wide residual pair, alone.
using WideLight = Interval<Input<32, 32, 3>, 10, WideResNet<16>, WideResNet<40>>::light;

/// Bytes a Predictor for that many samples holds: what it computes with, what it worked out of that, and its workspace.
template <class Net>
constexpr double predictor_bytes(int samples) {
  return static_cast<double>((Net::parameters + Net::statistics) * sizeof(float) + Prepared<Net>::bytes +
                             InferenceWorkspace<Net>::bytes(samples));
}

template <class Net>
void latency(benchmark::State& state) {
  const int samples = static_cast<int>(state.range(0));
  Predictor<Net> predictor{Net{Seed{1}}, samples};
  const std::vector<float> features = some_features(samples * Net::input.size());
  const auto call = [&] { benchmark::DoNotOptimize(predictor(features)); };
  for (int i = 0; i < 20; ++i) call();

  std::vector<double> microseconds;
  microseconds.reserve(static_cast<std::size_t>(state.max_iterations));
  // By the clock on the wall, which is what who waits for an answer goes by.
  for (auto _ : state) microseconds.push_back(1e6 * wall_seconds(call));

  std::sort(microseconds.begin(), microseconds.end());
  state.counters["median"] = quantile(microseconds, 0.5);
  state.counters["p99"] = quantile(microseconds, 0.99);
  state.counters["samples"] = {static_cast<double>(samples), benchmark::Counter::kIsIterationInvariantRate};
  state.counters["memory"] = predictor_bytes<Net>(samples);
}

template <class Net>
void add(const char* name, int calls) {
  benchmark::RegisterBenchmark((std::string{"latency/"} + name).c_str(), latency<Net>)
      ->ArgName("batch")
      ->Arg(1)
      ->Arg(8)
      ->Arg(32)
      ->Iterations(calls)
      ->Unit(benchmark::kMicrosecond);
}

}  // namespace

int main(int argc, char** argv) {
  add<DenseLight>("dense", 20000);
  add<WideLight>("WRN-16-1", 2000);
  return run_benchmarks(argc, argv, "0.05");
}
