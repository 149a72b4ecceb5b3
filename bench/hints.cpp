/// \file
/// What a hint costs: the objective's forward and gradient alone, and its share of a whole training step.
#include <benchmark/benchmark.h>

#include <functional>
#include <rocket/rocket.hpp>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

#include "support.hpp"

namespace {
using namespace rocket;

/// The step that the share is a share of: a small dense pair, so the share is that of a bad case.
template <int Classes>
using Pair = Launch<Input<64>, Sequential<Dense<16>, BatchNorm<>, Relu>, Sequential<Dense<Classes>>,
                    Sequential<Dense<128>, Relu, Dense<64>, Relu, Dense<Classes>>>;

/// Time of `part` over time of `whole`. They take turns of about a millisecond, so a machine that speeds up or slows
/// down does so for both; the median of the rounds forgets an outlier.
double share(const std::function<void()>& part, const std::function<void()>& whole) {
  const long calls = calls_a_millisecond(whole);
  std::vector<double> rounds(7);
  for (double& round : rounds) round = seconds(calls, part) / seconds(calls, whole);
  return median(rounds);
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

  return run_benchmarks(argc, argv, "0.05");
}
