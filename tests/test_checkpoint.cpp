// A run that was saved and taken up again takes the same steps, to the bit; a checkpoint of another run is refused; and
// what training does around them: plans, interruptions, weights by name.
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <rocket/rocket.hpp>
#include <rocket/train/checkpoints.hpp>
#include <rocket/train/stop_on_interrupt.hpp>

#include "support/catch.hpp"
#include "support/checksum.hpp"
#include "support/random_numbers.hpp"
#include "support/temporary_folder.hpp"
#include "support/throws.hpp"

using namespace rocket;

namespace {

using Trunk = Sequential<Dense<6>, BatchNorm<>, Relu, Dropout<0.2>>;
using Light = Sequential<Dense<3>>;
using Booster = Sequential<Dense<8>, BatchNorm<>, Relu, Dense<3>>;
using Pair = Launch<Input<4>, Trunk, Light, Booster>;

const FitOptions fitting{.epochs = 3, .batch_size = 20};  // 4 steps an epoch

const RandomSamples<Pair>& samples() {
  static const RandomSamples<Pair> made{75};
  return made;
}

// What there is to compare after a run: all numbers, and what the last epoch's callbacks were told.
struct Watch {
  void on_epoch(const EpochReport& report) { losses = report.losses; }
  Losses losses;
};
template <class Trainer>
std::vector<std::uint64_t> state_of(const Trainer& trainer, const Watch& watch) {
  std::vector<std::uint64_t> state{checksum(trainer.net()), checksum(trainer.optimizer_state()),
                                   static_cast<std::uint64_t>(trainer.position().epoch)};
  for (const auto term : detail::loss_terms) state.push_back(std::bit_cast<std::uint64_t>(watch.losses.*term));
  return state;
}

// Saves after that step of the run, counted over its epochs from 1, and stops.
template <class Trainer>
struct StopAfter {
  const Trainer& trainer;
  std::string path;
  int left;
  Then on_step(const StepReport&) {
    if (--left > 0) return Then::go_on;
    save_checkpoint(trainer, path);
    return Then::stop;
  }
};

template <class... Options>
void check_resumed_everywhere(const Options&... options) {
  const TemporaryFolder folder;
  const auto make = [&](int threads) { return Trainer{Pair{Seed{3}}, Threads{threads}, options...}; };
  auto whole = make(1);
  Watch watch;
  CHECK(whole.fit(samples().view(), fitting, watch));
  const auto expected = state_of(whole, watch);
  for (int step = 1; step <= 12; ++step) {
    auto first = make(2);
    StopAfter<decltype(first)> stop{first, folder / "checkpoint", step};
    CHECK_FALSE(first.fit(samples().view(), fitting, stop));
    auto second = make(1 + step % 3);
    load_checkpoint(second, stop.path);
    Watch rest;
    CHECK(second.fit(samples().view(), fitting, rest));
    CHECK(state_of(second, rest) == expected);
  }
}

}  // namespace

TEST_CASE("a run that was stopped after any step ends with the same bits, whatever the threads", "[checkpoint]") {
  check_resumed_everywhere(Sgd{.rate = 0.05, .momentum = 0.9}, StepSchedule{.at = {1, 2}, .reset_momentum = true});
  check_resumed_everywhere(Adam{}, Kl{}, HintRamp{.start = 0.5, .epochs = 1}, CosineSchedule{.warmup_epochs = 1});
  check_resumed_everywhere(AdamW{}, GradientBlock::none, ClipNorm{0.1}, Teacher{Pair::booster{Seed{5}}, Kl{}});
}

TEST_CASE("steps of a loop of one's own are taken up, too", "[checkpoint]") {
  const TemporaryFolder folder;
  const auto view = samples().view();
  const auto step = [&](auto& trainer) { trainer.step(view.features.first(80), view.labels.first(20)); };
  Trainer whole{Pair{Seed{3}}, Adam{}}, first{Pair{Seed{3}}, Adam{}}, second{Pair{Seed{3}}, Adam{}};
  for (int i = 0; i < 4; ++i) step(whole);
  for (int i = 0; i < 2; ++i) step(first);
  save_checkpoint(first, folder / "a");
  load_checkpoint(second, folder / "a");
  for (int i = 0; i < 2; ++i) step(second);
  CHECK(checksum(second.net()) == checksum(whole.net()));
}

TEST_CASE("a checkpoint from outside of fit is followed by a new call, one from within by the rest", "[checkpoint]") {
  const TemporaryFolder folder;
  Trainer trainer{Pair{Seed{3}}};
  trainer.fit(samples().view(), {.epochs = 1});
  save_checkpoint(trainer, folder / "outside");
  const auto epochs_after = [&](const char* name, int epochs) {
    Trainer other{Pair{Seed{3}}};
    load_checkpoint(other, folder / name);
    other.fit(samples().view(), {.epochs = epochs});
    return other.position().epoch;
  };
  CHECK(epochs_after("outside", 2) == 3);
  struct AtEnd {
    const decltype(trainer)& saved;
    std::string path;
    void on_epoch(const EpochReport&) { save_checkpoint(saved, path); }
  };
  trainer.fit(samples().view(), {.epochs = 1}, AtEnd{trainer, folder / "within"});
  CHECK(epochs_after("within", 1) == 2);  // it was done
  CHECK(epochs_after("within", 3) == 4);  // the same call, made longer
}

TEST_CASE("an epoch is finished on as many steps as it was begun with", "[checkpoint]") {
  const TemporaryFolder folder;
  Trainer first{Pair{Seed{3}}}, second{Pair{Seed{3}}};
  StopAfter<decltype(first)> stop{first, folder / "a", 2};
  first.fit(samples().view(), fitting, stop);
  load_checkpoint(second, folder / "a");
  CHECK(thrown_by<ValueError>([&] { second.fit(samples().view(), {.epochs = 3, .batch_size = 10}); }).argument() ==
        "samples and batch_size");
  CHECK(second.fit(samples().view(), fitting));
}

TEST_CASE("a checkpoint of another run is refused, before anything has changed", "[checkpoint]") {
  const TemporaryFolder folder;
  Trainer trainer{Pair{Seed{3}}};
  trainer.fit(samples().view(), {.epochs = 1});
  const std::string path = folder / "a";
  save_checkpoint(trainer, path);
  const auto place = [&](auto other) {
    const std::uint64_t before = checksum(other.net());
    const FileError error = thrown_by<FileError>([&] { load_checkpoint(other, path); });
    CHECK(checksum(other.net()) == before);
    CHECK(other.position().optimizer_steps == 0);
    return error.place() + ": " + error.expected() + ", " + error.found();
  };
  CHECK(place(Trainer{Pair{Seed{4}}}) == "__metadata__, rocket.seed: 4 (the trainer's), 3");
  CHECK_THAT(place(Trainer{Pair{Seed{3}}, Adam{}}),
             Catch::Matchers::StartsWith("__metadata__, rocket.kinds: optimizer:"));
  CHECK_THAT(place(Trainer{Pair{Seed{3}}, Kl{}}), Catch::Matchers::StartsWith("__metadata__, rocket.kinds: hint:"));
  CHECK_THAT(
      place(Trainer{Launch<Input<4>, Sequential<Dense<6>, BatchNorm<>, Gelu, Dropout<0.2>>, Light, Booster>{Seed{3}}}),
      Catch::Matchers::StartsWith("__metadata__, rocket.net: trunk: trunk.2 Gelu"));
  CHECK_THAT(place(Trainer{Pair::unshared{Seed{3}}}), Catch::Matchers::StartsWith("__metadata__, rocket.net:"));

  save_weights(trainer.net(), path);
  CHECK_THAT(place(Trainer{Pair{Seed{3}}}), Catch::Matchers::StartsWith("__metadata__: rocket."));
  CHECK(thrown_by<ValueError>([&] { save_checkpoint(trainer, path, {{"rocket.net", ""}}); }).argument() == "notes");
}

TEST_CASE("a position that can't be is refused", "[checkpoint]") {
  const TemporaryFolder folder;
  Trainer trainer{Pair{Seed{3}}};
  const std::string path = folder / "a";
  save_checkpoint(trainer, path, {{"commit", "abc"}});
  const TensorFile file = read_safetensors(path);
  CHECK(file.metadata.at("commit") == "abc");
  const auto refused = [&](const std::string& position) {
    auto metadata = file.metadata;
    metadata["rocket.position"] = position;
    write_safetensors(path, file.tensors, metadata);
    return thrown_by<FileError>([&] { load_checkpoint(trainer, path); }).place() == "__metadata__, rocket.position";
  };
  const auto position = [](const std::string& epoch, const std::string& step, const std::string& more = "") {
    return "{\"epoch\":" + epoch + ",\"step\":" + step +
           R"(,"steps":4,"optimizer_steps":0,"stage":0,"nameless_steps":0)" + more + '}';
  };
  CHECK(refused(""));
  CHECK(refused("[]"));
  CHECK(refused("{}"));
  CHECK(refused(position("-1", "0")));
  CHECK(refused(position("1e3", "0")));
  CHECK(refused(position("4294967296", "0")));
  CHECK(refused(position("18446744073709551615", "0")));
  CHECK(refused(position("\"1\"", "0")));
  CHECK(refused(position("1", "2")));  // a step of no call of fit
  CHECK(refused(position("1", "5", ",\"fit_began\":0")));
  CHECK(refused(position("1", "2", ",\"fit_began\":2")));
  CHECK(refused(position("1", "2", ",\"fit_began\":null")));
}

TEST_CASE("a light net, a booster, a teacher take what is theirs from a pair's checkpoint", "[checkpoint]") {
  const TemporaryFolder folder;
  Trainer trainer{Pair{Seed{3}}};
  trainer.fit(samples().view(), {.epochs = 1});
  const std::string path = folder / "pair";
  save_checkpoint(trainer, path);
  Pair::booster booster{Seed{9}};
  CHECK_THROWS_AS(load_weights(booster, path), FileError);  // there is more in it
  const LoadReport report = load_weights(booster, path, Take::by_name);
  CHECK(checksum(booster) == checksum(trainer.booster()));
  CHECK(report.left.empty());
  CHECK(report.taken.size() == 14);
  CHECK(std::ranges::count(report.left_in_file, "light.0.weight") == 1);
  CHECK(std::ranges::count(report.left_in_file, "optimizer.0.trunk.0.weight") == 1);

  save_weights(trainer.light(), folder / "light", {{"for", "shipping"}});
  Pair::light light{Seed{9}};
  CHECK(load_weights(light, folder / "light").taken.size() == 8);
  CHECK(checksum(light) == checksum(trainer.light()));
  CHECK(read_safetensors(folder / "light").metadata.at("for") == "shipping");
  Launch<Input<4>, Trunk, Light, Booster, double> doubles{Seed{9}};
  CHECK(load_weights(doubles, path, Take::by_name).taken.empty());
}

TEST_CASE("checkpoints are saved by plan, and the newest are kept", "[checkpoint]") {
  const TemporaryFolder folder;
  const auto names = [&](const CheckpointPlan& plan) {
    const std::string run = folder / "run";
    std::filesystem::remove_all(run);
    Trainer trainer{Pair{Seed{3}}};
    Checkpoints checkpoints{trainer, run, plan};
    trainer.fit(samples().view(), fitting, checkpoints);
    std::string found;
    for (const std::string& path : detail::checkpoints_in(run))
      found += std::filesystem::path{path}.stem().string().substr(9) + ' ';
    CHECK((found.empty() ? checkpoints.newest().empty() : checkpoints.newest() == detail::checkpoints_in(run).back()));
    return found;
  };
  CHECK(names({}) == "003-step-000000 ");
  CHECK(names({.keep = 9}) == "001-step-000000 002-step-000000 003-step-000000 ");
  CHECK(names({.epochs = 2, .keep = 9}) == "002-step-000000 ");
  CHECK(names({.epochs = 0, .steps = 5, .keep = 9}) == "001-step-000001 002-step-000002 ");
  CHECK(names({.minutes = 1e-9, .epochs = 0, .keep = 2}) == "002-step-000003 002-step-000004 ");
  CHECK(names({.minutes = 60, .epochs = 0}) == "");

  Trainer trainer{Pair{Seed{3}}};
  const auto refused = [&](const CheckpointPlan& plan) {
    return thrown_by<ValueError>([&] { Checkpoints{trainer, folder / "run", plan}; }).argument();
  };
  CHECK(refused({.keep = 0}) == "CheckpointPlan::keep");
  CHECK(refused({.minutes = -1}) == "CheckpointPlan::minutes");
  CHECK(refused({.epochs = -1}) == "CheckpointPlan::epochs");
  CHECK(refused({.steps = -1}) == "CheckpointPlan::steps");
  CHECK_THROWS_AS((Checkpoints{trainer, folder.write("file", "")}), FileError);
}

TEST_CASE("a run is resumed at its newest checkpoint, and not begun beside one that is further", "[checkpoint]") {
  const TemporaryFolder folder;
  const std::string run = folder / "run";
  Trainer trainer{Pair{Seed{3}}};
  CHECK(resume(trainer, run) == std::nullopt);
  Checkpoints checkpoints{trainer, run, {.keep = 2}};
  trainer.fit(samples().view(), fitting, checkpoints);

  Trainer anew{Pair{Seed{3}}};
  CHECK(thrown_by<FileError>([&] { Checkpoints{anew, run}; }).path() == checkpoints.newest());
  CHECK(resume(anew, run) == checkpoints.newest());
  CHECK_NOTHROW(Checkpoints{anew, run});
  CHECK(checksum(anew.net()) == checksum(trainer.net()));
}

TEST_CASE("an interrupted run finishes its step, saves, and is taken up", "[checkpoint]") {
  const TemporaryFolder folder;
  const std::string run = folder / "run";
  struct Interrupts {
    int left;
    void on_step(const StepReport&) {
      if (--left == 0) std::raise(SIGINT);
    }
  };
  Trainer whole{Pair{Seed{3}}}, trainer{Pair{Seed{3}}};
  whole.fit(samples().view(), fitting);
  {
    StopOnInterrupt stop{nullptr};
    Checkpoints checkpoints{trainer, run};
    CHECK_FALSE(trainer.fit(samples().view(), fitting, Interrupts{6}, stop, checkpoints));
    CHECK(StopOnInterrupt::interrupted());
    CHECK(std::filesystem::path{checkpoints.newest()}.stem() == "epoch-000001-step-000002");
  }
  Trainer rest{Pair{Seed{3}}};
  CHECK(resume(rest, run));
  StopOnInterrupt stop{nullptr};
  CHECK_FALSE(StopOnInterrupt::interrupted());
  CHECK(rest.fit(samples().view(), fitting, stop));
  CHECK(checksum(rest.net()) == checksum(whole.net()));
}
