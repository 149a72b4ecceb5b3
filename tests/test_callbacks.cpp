// Callbacks that go by what they saw: the best net, the average of the light net; what they remember in a checkpoint;
// in which order callbacks are told.
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <tuple>
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

using Trunk = Sequential<Dense<6>, BatchNorm<>, Relu>;
using Pair = Launch<Input<4>, Trunk, Dense<3>, Sequential<Dense<8>, BatchNorm<>, Relu, Dense<3>>>;

const FitOptions fitting{.epochs = 5, .batch_size = 20};  // 4 steps an epoch

const RandomSamples<Pair>& samples() {
  static const RandomSamples<Pair> made{75};
  return made;
}

auto make_trainer() { return Trainer{Pair{Seed{3}}, Adam{}}; }

// Scores from a list, one an epoch.
struct Scores {
  std::vector<double> list;
  std::size_t next = 0;
  double operator()() { return list.at(next++); }
};

}  // namespace

TEST_CASE("the best net is kept, and the last one goes on", "[callbacks]") {
  auto trainer = make_trainer();
  std::vector<std::uint64_t> nets;
  struct Watch {
    decltype(trainer)& of;
    std::vector<std::uint64_t>& nets;
    void on_epoch(const EpochReport&) { nets.push_back(checksum(of.net())); }
  };
  BestSoFar best{trainer, Scores{{3, 1, 2, 1, 5}}};
  CHECK(best.score() == std::numeric_limits<double>::infinity());
  CHECK(best.epoch() == 0);
  CHECK(checksum(best.net()) == checksum(trainer.net()));
  CHECK(trainer.fit(samples().view(), fitting, best, Watch{trainer, nets}));
  CHECK(best.score() == 1);
  CHECK(best.epoch() == 2);  // the first of two alike
  CHECK(best.latest() == 5);
  CHECK(checksum(best.net()) == nets[1]);
  CHECK(checksum(trainer.net()) == nets[4]);
}

TEST_CASE("patience ends the training, and a gain may be asked for", "[callbacks]") {
  const auto epochs = [](std::vector<double> scores, Patience patience) {
    auto trainer = make_trainer();
    BestSoFar best{trainer, Scores{std::move(scores)}, patience};
    CHECK(trainer.fit(samples().view(), fitting, best));
    return trainer.position().epoch;
  };
  CHECK(epochs({3, 2, 2, 2, 2}, {.epochs = 2}) == 4);
  CHECK(epochs({3, 2, 2, 1, 2}, {.epochs = 2}) == 5);
  CHECK(epochs({3, 2, 2, 1, 2}, {.epochs = 3}) == 5);
  CHECK(epochs({3, 2.5, 2.2, 1, 2}, {.epochs = 2, .gain = 1}) == 3);
  CHECK(epochs({3, 2, 1, 0, -1}, {.epochs = 1}) == 5);
  CHECK(epochs({3, 3, 3, 3, 3}, {}) == 5);

  auto trainer = make_trainer();
  CHECK(thrown_by<ValueError>([&] { BestSoFar{trainer, Scores{}, {.epochs = -1}}; }).argument() == "Patience::epochs");
  CHECK(thrown_by<ValueError>([&] { BestSoFar{trainer, Scores{}, {.gain = -1}}; }).argument() == "Patience::gain");
  BestSoFar lost{trainer, Scores{{std::numeric_limits<double>::quiet_NaN()}}};
  CHECK(thrown_by<ValueError>([&] { trainer.fit(samples().view(), fitting, lost); }).argument() == "BestSoFar, score");
}

TEST_CASE("the light net is averaged: plainly at first, then with a decay", "[callbacks]") {
  auto trainer = make_trainer();
  LightAverage average{trainer, 0.9};
  CHECK(checksum(average.net()) == checksum(trainer.light()));
  struct Reference {
    decltype(trainer)& of;
    std::vector<double> parameters, statistics;
    int steps = 0;
    void on_step(const StepReport&) {
      const auto light = of.light();
      ++steps;
      const auto pull = [&](std::vector<double>& to, std::span<const float> from) {
        to.resize(from.size());
        for (std::size_t i = 0; i < from.size(); ++i)
          to[i] = steps <= 10 ? (to[i] * (steps - 1) + static_cast<double>(from[i])) / steps
                              : 0.9 * to[i] + 0.1 * static_cast<double>(from[i]);
      };
      pull(parameters, std::as_const(light).parameter_vector());
      pull(statistics, std::as_const(light).statistic_vector());
    }
  } reference{trainer, {}, {}};
  trainer.fit(samples().view(), fitting, average, reference);
  CHECK(reference.steps == 20);
  const auto check = [](std::span<const float> found, const std::vector<double>& expected) {
    REQUIRE(found.size() == expected.size());
    for (std::size_t i = 0; i < found.size(); ++i)
      CHECK_THAT(static_cast<double>(found[i]), Catch::Matchers::WithinAbs(expected[i], 1e-6));
  };
  check(average.net().parameter_vector(), reference.parameters);
  check(average.net().statistic_vector(), reference.statistics);
  CHECK(checksum(average.net()) != checksum(trainer.light()));
  CHECK(thrown_by<ValueError>([&] { LightAverage{trainer, 1}; }).argument() == "decay");
  CHECK(thrown_by<ValueError>([&] { LightAverage{trainer, -0.1}; }).argument() == "decay");
}

TEST_CASE("a net with one head is averaged whole; what stands in it twice counts once", "[callbacks]") {
  using Tied = Plain<Input<6>, Sequential<Named<"a", Dense<6>>, Relu, Named<"a", Dense<6>>, Dense<3>>>;
  Trainer trainer{Tied{Seed{3}}};
  LightAverage average{trainer, 0};  // of decay 0: the net of the last step
  trainer.fit(RandomSamples<Tied>{40}.view(), {.epochs = 2, .batch_size = 20}, average);
  const auto found = average.net().parameter_vector(), expected = std::as_const(trainer).net().parameter_vector();
  for (std::size_t i = 0; i < expected.size(); ++i) CHECK_THAT(found[i], Catch::Matchers::WithinAbs(expected[i], 1e-6));
}

TEST_CASE("callbacks remember what they saw before the run was taken up", "[callbacks]") {
  const TemporaryFolder folder;
  // As often interrupted as it is told; what it ends with.
  const auto program = [&](const std::string& run, int steps) {
    struct Pause {
      int left;
      Then on_step(const StepReport&) { return --left == 0 ? Then::pause : Then::go_on; }
    };
    for (;;) {
      auto trainer = make_trainer();
      // An error that falls to the third epoch, then rises.
      BestSoFar best{trainer, [&] { return std::abs(trainer.position().epoch - 3); }, {.epochs = 2}};
      LightAverage average{trainer, 0.8};
      resume(trainer, folder / run, best, average);
      Checkpoints checkpoints{trainer, folder / run, {.steps = 3}, best, average};
      // Told before those that are saved: what is saved is what all know.
      if (trainer.fit(samples().view(), {.epochs = 9, .batch_size = 20}, checkpoints, best, average, Pause{steps}))
        return std::vector<std::uint64_t>{checksum(trainer.net()),
                                          checksum(best.net()),
                                          checksum(average.net()),
                                          static_cast<std::uint64_t>(best.epoch()),
                                          static_cast<std::uint64_t>(best.latest()),
                                          static_cast<std::uint64_t>(trainer.position().epoch)};
    }
  };
  const auto undisturbed = program("whole", 1000);
  CHECK(undisturbed[3] == 3);
  CHECK(undisturbed[4] == 2);
  CHECK(undisturbed[5] == 5);
  CHECK(program("whole", 1000) == undisturbed);  // all was done
  for (int steps = 1; steps <= 9; ++steps) CHECK(program("run" + std::to_string(steps), steps) == undisturbed);
}

TEST_CASE("a checkpoint holds the memory it was given, and no other", "[callbacks]") {
  const TemporaryFolder folder;
  auto trainer = make_trainer();
  BestSoFar best{trainer, Scores{{1}}};
  LightAverage average{trainer};
  save_checkpoint(trainer, folder / "a", {}, best);
  const TensorFile file = read_safetensors(folder / "a");
  CHECK(file.find("callback.best.parameters"));
  CHECK(file.find("callback.best.statistics"));
  CHECK(file.find("callback.best.numbers"));
  CHECK(thrown_by<FileError>([&] { load_checkpoint(trainer, folder / "a"); }).place() ==
        "\"callback.best.parameters\"");
  CHECK(thrown_by<FileError>([&] { load_checkpoint(trainer, folder / "a", TakeUp::here, best, average); }).place() ==
        "\"callback.average.parameters\"");
  CHECK_NOTHROW(load_checkpoint(trainer, folder / "a", TakeUp::here, best));
  CHECK(best.score() == std::numeric_limits<double>::infinity());
}

TEST_CASE("of two callbacks of one kind, each gets its own memory back", "[callbacks]") {
  const TemporaryFolder folder;
  auto trainer = make_trainer();
  const auto make = [&](double first) { return BestSoFar{trainer, Scores{{first, 9}}}; };
  auto low = make(1), high = make(2);
  trainer.fit(samples().view(), {.epochs = 1}, low, high);
  save_checkpoint(trainer, folder / "a", {}, low, high);
  auto once_low = make(5), once_high = make(5);
  load_checkpoint(trainer, folder / "a", TakeUp::here, once_low, once_high);
  CHECK(once_low.score() == 1);
  CHECK(once_high.score() == 2);
  CHECK(read_safetensors(folder / "a").find("callback.best-2.numbers"));
}

TEST_CASE("a run without its types is saved and taken up as with them", "[callbacks]") {
  const TemporaryFolder folder;
  const auto program = [&](const std::string& where, int epochs) {
    auto trainer = make_trainer();
    BestSoFar best{trainer, Scores{{3, 1, 2, 4}}};
    AnyRun run{trainer, best};
    const AnyRun copy{run};  // of a run, not a run of a run
    resume(run, where);
    Checkpoints checkpoints{copy, where};
    trainer.fit(samples().view(), {.epochs = epochs}, best, checkpoints);
    return std::tuple{checksum(trainer.net()), checksum(best.net()), best.epoch()};
  };
  const auto undisturbed = program(folder / "whole", 4);
  CHECK(std::get<2>(undisturbed) == 2);
  CHECK(program(folder / "whole", 4) == undisturbed);
  CHECK(newest_checkpoint(folder / "whole") == folder / "whole/epoch-000004-step-000000.safetensors");
  CHECK(!newest_checkpoint(folder / "nowhere"));
}

TEST_CASE("who saves is told when all know, and not where one stops", "[callbacks]") {
  std::string told;
  struct Teller {
    std::string& told;
    char name;
    Then answer = Then::go_on;
    Then on_step(const StepReport&) { return told += name, Then::go_on; }
    Then on_epoch(const EpochReport&) { return told += static_cast<char>(name - 'a' + 'A'), answer; }
    void when_all_know() { told += '.'; }
    void on_stop() { told += '!'; }
  };
  auto trainer = make_trainer();
  trainer.fit(samples().view(), {.epochs = 3, .batch_size = 40}, Teller{told, 'a'}, Teller{told, 'b', Then::stop});
  CHECK(told == "ab..ab..AB!!");
  told = "";
  trainer.fit(samples().view(), {.epochs = 1, .batch_size = 75}, Teller{told, 'a'});
  CHECK(told == "a.A.!");
}
