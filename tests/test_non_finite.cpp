// A step whose loss isn't finite changes nothing and says where that began; nothing of the sort is saved.
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <vector>

#include <rocket/rocket.hpp>
#include <rocket/train/checkpoints.hpp>

#include "support/catch.hpp"
#include "support/checksum.hpp"
#include "support/random_numbers.hpp"
#include "support/temporary_folder.hpp"
#include "support/throws.hpp"

using namespace rocket;

namespace {

constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN();

// Puts out no number once an input is large.
struct Breaks {
  static constexpr std::string_view name = "Breaks";
  static constexpr Shape output(Shape in) { return in; }
  static constexpr Reads reads = Reads::nothing;
  template <class Pass>
  static void forward(const Pass& pass) {
    for (int row = 0; row < pass.batch; ++row)
      for (std::size_t i = 0; i < pass.input[row].size(); ++i)
        pass.output[row][i] = pass.input[row][i] > 100 ? not_a_number : pass.input[row][i];
  }
  template <class Pass>
  static void backward(const Pass& pass) {
    if constexpr (Pass::wants_input_gradient)
      for (int row = 0; row < pass.batch; ++row)
        for (std::size_t i = 0; i < pass.input[row].size(); ++i)
          pass.input_gradient[row][i] = pass.output_gradient[row][i];
  }
};

using Trunk = Sequential<Dense<6>, Relu>;
using Light = Sequential<Repeat<3, Dense<6>, Breaks>, Dense<3>>;
using Pair = Launch<Input<4>, Trunk, Light, Sequential<Dense<8>, BatchNorm<>, Relu, Dropout<0.1>, Dense<3>>>;

template <class Trainer>
std::vector<std::uint64_t> state_of(const Trainer& trainer) {
  return {checksum(trainer.net()), checksum(trainer.optimizer_state()),
          static_cast<std::uint64_t>(trainer.position().step), trainer.position().nameless_steps,
          static_cast<std::uint64_t>(trainer.position().optimizer_steps)};
}

}  // namespace

TEST_CASE("a step whose loss isn't finite changes nothing and says where that began", "[non_finite]") {
  const RandomSamples<Pair> samples{40};
  const int threads = GENERATE(1, 2);
  Trainer trainer{Pair{Seed{3}}, Adam{}, Threads{threads}};
  trainer.step(samples.view().features, samples.view().labels);
  const auto where = [&](const Samples<>& batch) {
    const auto before = state_of(trainer);
    const NonFiniteError error = thrown_by<NonFiniteError>([&] { trainer.step(batch.features, batch.labels); });
    CHECK(state_of(trainer) == before);
    CHECK_THAT(error.what(), Catch::Matchers::StartsWith("expected a finite ") &&
                                 Catch::Matchers::EndsWith(", first in " + error.where()));
    return error.where();
  };
  SECTION("in the features") {
    RandomSamples<Pair> broken{40};
    broken.features[4 * 7 + 2] = not_a_number;
    CHECK(where(broken.view()) == "the features, sample 7 of the batch");
  }
  SECTION("in a parameter") {
    trainer.net().parameter("booster.0.weight")[5] = not_a_number;
    CHECK(where(samples.view()) == "booster.0.weight");
  }
  SECTION("in a copy of a layer") {
    auto bias = trainer.net().parameter("light.0.1.0.bias");
    bias[0] = 1000;
    CHECK(where(samples.view()) == "the output of light.0.{0-2}.1 (Breaks, copy 1), sample 0 of the batch");
  }
  SECTION("in one sample") {
    RandomSamples<Pair> large{40};
    for (std::size_t i = 0; i < 4; ++i) large.features[4 * 33 + i] = 3e38f;
    CHECK(where(large.view()) == "the output of trunk.0 (Dense), sample 33 of the batch");
  }
  SECTION("in the loss") {
    trainer.net().parameter("light.1.bias")[0] = 3e30f;  // its square is too large for the hint
    CHECK(where(samples.view()) == "the loss: all layers put out finite numbers");
  }
}

TEST_CASE("after a step that was refused the next one is as if it had never been", "[non_finite]") {
  const RandomSamples<Pair> samples{40};
  RandomSamples<Pair> broken{40};
  broken.features[3] = not_a_number;
  const Teacher teacher{Pair::booster{Seed{5}}, Kl{}};
  Trainer with{Pair{Seed{3}}, Adam{}, teacher}, without{Pair{Seed{3}}, Adam{}, teacher};
  const auto step = [](auto& trainer, const Samples<>& batch) { trainer.step(batch.features, batch.labels); };
  for (int i = 0; i < 3; ++i) {  // Dropout draws by how many steps there were
    CHECK_THROWS_AS(step(with, broken.view()), NonFiniteError);
    step(with, samples.view());
    step(without, samples.view());
    CHECK(checksum(with.gradients()) == checksum(without.gradients()));
    CHECK(state_of(with) == state_of(without));
  }
}

TEST_CASE("fit leaves the trainer before the step that isn't finite, and what was saved stays", "[non_finite]") {
  const TemporaryFolder folder;
  const RandomSamples<Pair> samples{40};
  Trainer trainer{Pair{Seed{3}}}, reference{Pair{Seed{3}}};
  struct Pause {
    int left;
    Then on_step(const StepReport&) { return --left == 0 ? Then::pause : Then::go_on; }
  };
  reference.fit(samples.view(), {.epochs = 2, .batch_size = 10}, Pause{6});
  Checkpoints checkpoints{trainer, folder / "run", {.steps = 1}};
  // The seventh step finds a parameter that is none.
  struct Breaks {
    decltype(trainer)& of;
    int left = 7;  // and an epoch
    void when_all_know() {
      if (--left == 0) of.net().parameter("trunk.0.weight")[0] = not_a_number;
    }
    void on_step(const StepReport&) {}
  };
  const NonFiniteError error = thrown_by<NonFiniteError>(
      [&] { trainer.fit(samples.view(), {.epochs = 2, .batch_size = 10}, checkpoints, Breaks{trainer}); });
  CHECK(error.where() == "trunk.0.weight");
  CHECK(trainer.position().epoch == 1);
  CHECK(trainer.position().step == 2);
  CHECK_THROWS_AS(checkpoints.save(), NonFiniteError);
  CHECK(checkpoints.newest() == folder / "run/epoch-000001-step-000002.safetensors");
  Trainer other{Pair{Seed{3}}};
  CHECK(resume(other, folder / "run"));
  CHECK(checksum(other.net()) == checksum(reference.net()));
}

TEST_CASE("an optimizer's state that isn't finite isn't saved", "[non_finite]") {
  const TemporaryFolder folder;
  Trainer trainer{Pair{Seed{3}}, Adam{}};
  trainer.optimizer_state()[2] = std::numeric_limits<float>::infinity();
  CHECK(thrown_by<NonFiniteError>([&] { save_checkpoint(trainer, folder / "a"); }).where() == "the optimizer's state");
}
