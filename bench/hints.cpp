/// \file
/// What a hint costs: the objective's forward and gradient alone, and its share of a whole training step.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <chrono>
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

/// Seconds of that many calls.
template <class Body>
double seconds(long calls, const Body& body) {
  const auto start = std::chrono::steady_clock::now();
  for (long i = 0; i < calls; ++i) body();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Time of `part` over time of `whole`: they take turns, so that a machine that speeds up or slows down does so for both,
/// each for about a millisecond, which a clock measures well; the median of the rounds forgets an interruption.
template <class Part, class Whole>
double share(const Part& part, const Whole& whole) {
  whole();
  const long calls = 1 + static_cast<long>(1e-3 / seconds(1, whole));
  std::array<double, 7> rounds;
  for (double& round : rounds) {
    const double of_part = seconds(calls, part);
    round = of_part / seconds(calls, whole);
  }
  std::sort(rounds.begin(), rounds.end());
  return rounds[rounds.size() / 2];
}

/// Every edge has a gradient of its own with respect to the logits it starts from.
template <class Net, Edge... Edges>
constexpr double edges(const TrainingWorkspace<Net, Edges...>&) {
  return sizeof...(Edges);
}

template <int Classes, class Hint, class Block>
void objective(benchmark::State& state) {
  using Net = Pair<Classes>;
  using Loss = Objective<Net, Hint, Block, NoHint>;
  const int batch = static_cast<int>(state.range(0));

  std::vector<float> features(static_cast<std::size_t>(batch * Net::input.size()));
  std::vector<int> labels(static_cast<std::size_t>(batch));
  for (std::size_t i = 0; i < features.size(); ++i) features[i] = static_cast<float>(Random{1}.normal(i));
  for (std::size_t i = 0; i < labels.size(); ++i) labels[i] = static_cast<int>(i) % Classes;

  const Loss loss{Hint{}, NoHint{}};
  const LossWeights weights;
  std::vector<double> partial(static_cast<std::size_t>(chunk_count(batch) * Loss::sums));
  typename Loss::Workspace workspace{batch};
  workspace.forward(Net{Seed{1}}, features.data(), batch, Context{});
  const auto objective = [&] {
    benchmark::DoNotOptimize(
        loss(workspace, nullptr, labels.data(), batch, weights, weights.hint, 1, partial.data()));
    benchmark::ClobberMemory();
  };
  // At a rate of 0 the arithmetic is the same and the net stays as it is: every step is like the first.
  Trainer trainer{Net{Seed{1}}, Hint{}, Block{}, Sgd{.rate = 0}, Threads{1}};
  const auto step = [&] { benchmark::DoNotOptimize(trainer.step(features, labels)); };

  for (auto _ : state) objective();

  // What must be touched: the logits of both heads, read, and the gradients of all edges, written. What is read twice or
  // besides (labels, sums) doesn't count, so this is a lower bound of the traffic.
  const double numbers = (Net::heads + edges(workspace)) * batch * Classes;
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

constexpr std::tuple hints{Choice{"none", NoHint{}},        Choice{"logit_mse", LogitMse{}},
                           Choice{"softmax_mse", SoftmaxMse{}}, Choice{"kl", Kl{}},
                           Choice{"hard_label", HardLabel{}},   Choice{"scale_free", ScaleFreeLogitMse{}}};
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

  // A default of one's own, before the user's arguments so that theirs win: the library would put a MinTime into the names.
  std::vector<char*> arguments{argv, argv + argc};
  std::string min_time = "--benchmark_min_time=0.05";
  arguments.insert(arguments.begin() + 1, min_time.data());
  argc = static_cast<int>(arguments.size());
  arguments.push_back(nullptr);
  benchmark::Initialize(&argc, arguments.data());
  if (benchmark::ReportUnrecognizedArguments(argc, arguments.data())) return 1;
  benchmark::RunSpecifiedBenchmarks();
}
