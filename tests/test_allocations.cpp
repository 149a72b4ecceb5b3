// After construction and the first step nothing allocates: the program counts every operator new. (What OpenMP needs
// for its threads comes from malloc, so a team of two is tested, too.)
#include <cstddef>
#include <optional>
#include <utility>

#include <rocket/models/wide_resnet.hpp>
#include <rocket/rocket.hpp>

#include "support/catch.hpp"
#include "support/count_allocations.hpp"
#include "support/pairs.hpp"
#include "support/random_numbers.hpp"

using namespace rocket;

namespace {

using Net = pairs::SharedBoth<float>;

template <class Action>
long allocations_of(const Action& action) {
  const long before = allocations;
  action();
  return allocations - before;
}

// Every part a step can have.
auto full_trainer(int threads) {
  return Trainer{Net{Seed{1}},
                 LogitMse{},
                 GradientBlock::booster_parameters,
                 Adam{},
                 StepSchedule{.at = {1, 2}, .reset_momentum = true},
                 HintSchedule{.start = 1, .ramp = 1},
                 ClipNorm{1},
                 Teacher{Net::booster{Seed{2}}, Kl{}, 0.9},
                 Threads{threads}};
}

}  // namespace

TEST_CASE("the counter counts", "[allocations]") {
  CHECK(allocations_of([] { ::operator delete(::operator new(1)); }) == 1);
  CHECK(allocations_of([] { ::operator delete[](::operator new[](1)); }) == 1);
}

TEST_CASE("a workspace is one allocation of exactly the bytes it says", "[allocations]") {
  const auto check = []<class Workspace>(std::optional<Workspace> workspace, int capacity) {
    const std::size_t before = allocated_bytes;
    CHECK(allocations_of([&] { workspace.emplace(capacity); }) == 1);
    CHECK(allocated_bytes - before == Workspace::bytes(capacity));
  };
  for (const int capacity : {1, 16, 33, 100}) {
    check(std::optional<InferenceWorkspace<Net>>{}, capacity);
    check(std::optional<TrainingWorkspace<Net, Edge{0}, Edge{1}>>{}, capacity);
  }
}

TEST_CASE("a step allocates nothing after reserve", "[allocations]") {
  for (const int threads : {1, 2}) {
    auto trainer = full_trainer(threads);
    const RandomSamples<Net> samples{32};
    trainer.reserve(32);
    CHECK(allocations_of([&] { trainer.step(samples.features, samples.labels); }) == 0);
    CHECK(allocations_of([&] { trainer.step(samples.features, samples.labels); }) == 0);
  }
}

TEST_CASE("the paper's pair needs what it says, and less than 500 MB", "[allocations]") {
  using Pair = Interval<Input<32, 32, 3>, 10, WideResNet<16>, WideResNet<40>>;
  using PairTrainer = decltype(Trainer{Pair{Seed{}}, Sgd{}, Threads{1}});
  constexpr std::size_t batch = 128;
  constexpr std::size_t of_batch =
      batch * (3072 * sizeof(float) + sizeof(int) + sizeof(float)) + batch / chunk_samples * 7 * sizeof(double);
  Pair net{Seed{1}};
  const std::size_t before = allocated_bytes;
  PairTrainer trainer{std::move(net), Sgd{}, Threads{1}};
  trainer.reserve(batch);
  constexpr std::size_t gradient_and_momentum = 2 * Pair::parameters * sizeof(float);
  CHECK(allocated_bytes - before == PairTrainer::workspace_bytes(batch) + gradient_and_momentum + of_batch);
  CHECK(PairTrainer::workspace_bytes(batch) + 3 * Pair::parameters * sizeof(float) < 500'000'000);
  const RandomSamples<Pair> samples{2};
  CHECK(allocations_of([&] { trainer.step(samples.features, samples.labels); }) == 0);
}

TEST_CASE("a step with a team of threads allocates nothing after the first one", "[allocations]") {
  using Large = Launch<Input<64>, Dense<256>, Dense<10>, Sequential<Dense<256>, BatchNorm<>, Relu, Dense<10>>>;
  Trainer trainer{Large{Seed{1}}, Threads{2}};
  const RandomSamples<Large> samples{256};
  trainer.step(samples.features, samples.labels);
  CHECK(allocations_of([&] { trainer.step(samples.features, samples.labels); }) == 0);
}

TEST_CASE("fit allocates nothing from its first step on", "[allocations]") {
  struct AtFirstAndLastStep {
    long first = -1, last = -1;
    void on_step(const StepReport&) {
      if (first < 0) first = allocations;
      last = allocations;
    }
  } count;
  auto trainer = full_trainer(1);
  const RandomSamples<Net> samples{76};
  trainer.fit(samples.view(), {.epochs = 3, .batch_size = 32}, count);
  CHECK(count.last == count.first);
  CHECK(allocations_of([&] { trainer.fit(samples.view(), {.epochs = 1, .batch_size = 32}); }) == 0);
}

TEST_CASE("evaluate allocates nothing after the first time", "[allocations]") {
  auto trainer = full_trainer(1);
  const RandomSamples<Net> samples{300};
  trainer.evaluate(samples.view());
  CHECK(allocations_of([&] { trainer.evaluate(samples.view()); }) == 0);
}

TEST_CASE("inference allocates nothing", "[allocations]") {
  const Net net{Seed{1}};
  const RandomSamples<Net> samples{40};
  InferenceWorkspace<Net> workspace{40};
  CHECK(allocations_of([&] { workspace.forward(net, samples.features.data(), 40); }) == 0);

  Predictor predictor{net.launch_light(), 40};
  CHECK(allocations_of([&] { predictor(samples.features); }) == 0);
  CHECK(allocations_of([&] { predictor.classify(samples.view().row(3)); }) == 0);

  using Light = Net::light;
  Predictor<Light, Stored::bf16> halves{net.launch_light(), 40};
  Predictor<Light, Stored::int8> bytes{net.launch_light(), samples.features, 40};
  CHECK(allocations_of([&] { halves(samples.features); }) == 0);
  CHECK(allocations_of([&] { bytes(samples.features); }) == 0);
}
