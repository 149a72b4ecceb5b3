/// \file
/// What a hint costs: the objective's forward and gradient alone, and its share of a whole training step.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <ctime>
#include <functional>
#include <rocket/rocket.hpp>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

namespace {
using namespace rocket;

/// The step that the share is a share of: a small dense pair, so the share is that of a bad case.
template <int Classes>
using Pair = Launch<Input<64>, Sequential<Dense<16>, BatchNorm<>, Relu>, Sequential<Dense<Classes>>,
                    Sequential<Dense<128>, Relu, Dense<64>, Relu, Dense<Classes>>>;

/// Seconds of processor time a call, over that many calls. Everything runs on one thread, so what other programs do
/// meanwhile doesn't count.
double seconds(long calls, const std::function<void()>& work) {
  const std::clock_t start = std::clock();
  for (long i = 0; i < calls; ++i) work();
  return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC / static_cast<double>(calls);
}

/// Time of `part` over time of `whole`. They take turns of about a millisecond, so a machine that speeds up or slows
/// down does so for both; the median of the rounds forgets an outlier.
double share(const std::function<void()>& part, const std::function<void()>& whole) {
  whole();
  const long calls = 1 + std::lround(1e-3 / std::max(1e-6, seconds(10, whole)));
  std::array<double, 7> rounds;
  for (double& round : rounds) round = seconds(calls, part) / seconds(calls, whole);
  std::sort(rounds.begin(), rounds.end());
  return rounds[rounds.size() / 2];
}

std::vector<float> some_features(int count) {
  std::vector<float> features(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < features.size(); ++i) features[i] = static_cast<float>(Random{1}.normal(i));
  return features;
}

std::vector<int> some_labels(int count, int classes) {
  std::vector<int> labels(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) labels[static_cast<std::size_t>(i)] = i % classes;
  return labels;
}

/// How many logit gradients a step writes: one an edge.
template <class Net, Edge... Edges>
constexpr int gradients(const TrainingWorkspace<Net, Edges...>&) {
  return sizeof...(Edges);
}

template <int Classes, class Hint, class Block>
void objective(benchmark::State& state) {
  using Net = Pair<Classes>;
  using Loss = Objective<Net, Hint, Block, NoHint>;
  const int batch = static_cast<int>(state.range(0));
  const std::vector<float> features = some_features(batch * Net::input.size());
  const std::vector<int> labels = some_labels(batch, Classes);

  const Loss loss{Hint{}, NoHint{}};
  const LossWeights weights;
  std::vector<double> partial(static_cast<std::size_t>(chunk_count(batch) * Loss::sums));
  typename Loss::Workspace workspace{batch};
  workspace.forward(Net{Seed{1}}, features.data(), batch, Context{});
  const std::function<void()> objective = [&] {
    benchmark::DoNotOptimize(loss(workspace, nullptr, labels.data(), batch, weights, weights.hint, 1, partial.data()));
    benchmark::ClobberMemory();
  };
  // At a rate of 0 the arithmetic is the same and the net stays as it is: every step is like the first.
  Trainer trainer{Net{Seed{1}}, Hint{}, Block{}, Sgd{.rate = 0}, Threads{1}};
  const std::function<void()> step = [&] { benchmark::DoNotOptimize(trainer.step(features, labels)); };

  for (auto _ : state) objective();

  // What must be touched: the logits of both heads, read, and their gradients, written. Labels, sums and second
  // readings don't count, so the true traffic is more.
  const double numbers = static_cast<double>(Net::heads + gradients(workspace)) * batch * Classes;
  state.counters["bytes"] = {numbers * sizeof(float), benchmark::Counter::kIsIterationInvariantRate};
  state.counters["step_share"] = share(objective, step);
}

template <class Type>
struct Choice {
  const char* name;
  Type value;
};
template <class Type>
Choice(const char*, Type) -> Choice<Type>;

constexpr std::tuple hints{
    Choice{"none", NoHint{}}, Choice{"logit_mse", LogitMse{}},   Choice{"softmax_mse", SoftmaxMse{}},
    Choice{"kl", Kl{}},       Choice{"hard_label", HardLabel{}}, Choice{"scale_free", ScaleFreeLogitMse{}}};
constexpr std::tuple blocks{Choice{"none", GradientBlock::none},
                            Choice{"booster_parameters", GradientBlock::booster_parameters},
                            Choice{"logits", GradientBlock::logits}, Choice{"light_input", GradientBlock::light_input}};
constexpr std::tuple class_counts{std::integral_constant<int, 2>{}, std::integral_constant<int, 10>{},
                                  std::integral_constant<int, 100>{}, std::integral_constant<int, 1000>{}};

template <class Choices, class Body>
void for_each(const Choices& choices, const Body& body) {
  std::apply([&](const auto&... choice) { (body(choice), ...); }, choices);
}

}  // namespace

int main(int argc, char** argv) {
  for_each(hints, [](auto hint) {
    for_each(blocks, [=](auto block) {
      for_each(class_counts, [=](auto classes) {
        const std::string name = std::string{"objective/"} + hint.name + '/' + block.name;
        benchmark::RegisterBenchmark(name.c_str(), objective<classes, decltype(hint.value), decltype(block.value)>)
            ->ArgNames({"batch", "classes"})
            ->ArgsProduct({{32, 128, 512, 1024}, {classes}})
            ->Unit(benchmark::kMicrosecond);
      });
    });
  });

  // A default of one's own, before the user's arguments so that theirs win: the library would put a MinTime into the
  // names.
  std::vector<char*> arguments{argv, argv + argc};
  std::string min_time = "--benchmark_min_time=0.05";
  arguments.insert(arguments.begin() + 1, min_time.data());
  argc = static_cast<int>(arguments.size());
  arguments.push_back(nullptr);
  benchmark::Initialize(&argc, arguments.data());
  if (benchmark::ReportUnrecognizedArguments(argc, arguments.data())) return 1;
  benchmark::RunSpecifiedBenchmarks();
}
