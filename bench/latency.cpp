/// \file
/// How long one call of a shipped net takes, on one sample and on a few, with its weights as they were trained and in
/// fewer bits: the typical call, and the slow one in a hundred. One thread.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <rocket/models/wide_resnet.hpp>
#include <rocket/rocket.hpp>
#include <string>
#include <vector>

#include "support.hpp"

namespace {
using namespace rocket;

/// The two nets of the dense pair.
using LightLayers = Sequential<Dense<200>, Relu, Dense<80>, Relu, Dense<2>>;
using BoosterLayers =
    Sequential<Dense<720>, Relu, Dense<360>, Relu, Dense<240>, Relu, Dense<180>, Relu, Dense<90>, Relu, Dense<2>>;
using DenseLight = Plain<Input<576>, LightLayers>;
using DenseBooster = Plain<Input<576>, BoosterLayers>;
/// As many numbers out of tables: what a request says, 448 of them, and a candidate.
using Ids = Fields<Id<"user", 128>, Sequence<"context", 40, 8>, Id<"item", 128>>;
template <class Layers>
using Ranking = Solo<Ids, Sequential<>, Head<"net", Layers>>;
template <class Layers>
using RankingScorer = Scorer<Ranking<Layers>, "user", "context">;
/// The light net of the wide residual pair, alone.
using WideLight = Interval<Input<32, 32, 3>, 10, WideResNet<16>, WideResNet<40>>::light;

/// Bytes a Predictor for that many samples holds: what it computes with, what it worked out of that, and its workspace.
template <class Net, Stored How>
constexpr double predictor_bytes(int samples) {
  return static_cast<double>((Net::parameters + Net::statistics) * sizeof(float) + Prepared<Net, How>::bytes +
                             InferenceWorkspace<Net>::bytes(samples));
}

template <class Net, Stored How>
Predictor<Net, How> predictor_of(const std::vector<float>& features, int samples) {
  if constexpr (How == Stored::int8)
    return {Net{Seed{1}}, features, samples};
  else
    return Predictor<Net, How>{Net{Seed{1}}, samples};
}

/// Median and slow calls, by the clock on the wall, which is what who waits for an answer goes by.
template <class Call>
void measure(benchmark::State& state, int samples, double bytes, const Call& call) {
  for (int i = 0; i < 20; ++i) call();
  std::vector<double> microseconds;
  microseconds.reserve(static_cast<std::size_t>(state.max_iterations));
  for (auto _ : state) microseconds.push_back(1e6 * wall_seconds(call));

  std::sort(microseconds.begin(), microseconds.end());
  state.counters["median"] = quantile(microseconds, 0.5);
  state.counters["p99"] = quantile(microseconds, 0.99);
  state.counters["samples"] = {static_cast<double>(samples), benchmark::Counter::kIsIterationInvariantRate};
  state.counters["memory"] = bytes;
}

template <class Net, Stored How>
void latency(benchmark::State& state) {
  const int samples = static_cast<int>(state.range(0));
  const std::vector<float> features = some_features(samples * Net::input.size());
  auto predictor = predictor_of<Net, How>(features, samples);
  measure(state, samples, predictor_bytes<Net, How>(samples), [&] { benchmark::DoNotOptimize(predictor(features)); });
}

/// One request for so many candidates. The rows of tables are few: they, too, are in the caches.
template <class Layers>
void scoring(benchmark::State& state) {
  using Scoring = RankingScorer<Layers>;
  const int candidates = static_cast<int>(state.range(0));
  const std::array<std::size_t, 3> rows{100, 100, 100};
  const Scoring scorer{Ranking<Layers>{Seed{1}, rows}};
  typename Scoring::Workspace workspace;
  const std::vector<Word> request(Scoring::Request::words, Word::row(7));
  std::vector<Word> items;
  for (int i = 0; i < candidates; ++i) items.push_back(Word::row(static_cast<std::uint32_t>(i % 100)));
  std::vector<float> logits(items.size() * static_cast<std::size_t>(Scoring::logits));
  const double bytes =
      static_cast<double>((Ranking<Layers>::parameters + scorer.net().tables().size()) * sizeof(float) +
                          Prepared<Ranking<Layers>>::bytes + Scoring::Workspace::bytes);
  measure(state, candidates, bytes, [&] {
    scorer(workspace, request, items, logits);
    benchmark::DoNotOptimize(logits.data());
  });
}

/// \param calls  of one sample; fewer of more, but enough for one in a hundred
template <class Net, Stored How>
void add(const std::string& name, int calls) {
  for (const int batch : {1, 8, 32, 100})
    benchmark::RegisterBenchmark(("latency/" + name).c_str(), latency<Net, How>)
        ->ArgName("batch")
        ->Arg(batch)
        ->Iterations(std::max(calls / batch, 500))
        ->Unit(benchmark::kMicrosecond);
}
template <class Layers>
void add_scoring(const std::string& name, int calls) {
  for (const int candidates : {1, 100, 500})
    benchmark::RegisterBenchmark(("latency/scorer/" + name).c_str(), scoring<Layers>)
        ->ArgName("candidates")
        ->Arg(candidates)
        ->Iterations(std::max(calls / candidates, 500))
        ->Unit(benchmark::kMicrosecond);
}
template <class Net>
void add_all(const std::string& name, int calls) {
  add<Net, Stored::as_trained>(name + "/float", calls);
  add<Net, Stored::bf16>(name + "/bf16", calls);
  add<Net, Stored::int8>(name + "/int8", calls);
}

}  // namespace

int main(int argc, char** argv) {
  add_all<DenseLight>("dense", 20000);
  add_all<DenseBooster>("dense-booster", 3000);
  add_scoring<LightLayers>("dense", 20000);
  add_scoring<BoosterLayers>("dense-booster", 3000);
  add<WideLight, Stored::as_trained>("WRN-16-1", 2000);
  return run_benchmarks(argc, argv, "0.05");
}
