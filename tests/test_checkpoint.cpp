// A run that was saved and taken up again takes the same steps, to the bit; a checkpoint of another run is refused; and
// what training does around them: plans, interruptions, weights by name.
#include <algorithm>
#include <bit>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
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
    return Then::pause;
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
  check_resumed_everywhere(Adam{}, Kl{}, HintSchedule{.start = 0.5, .ramp = 1}, CosineSchedule{.warmup_epochs = 1});
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
  const auto refused = [&](const RandomSamples<Pair>& others, const FitOptions& options) {
    return thrown_by<ValueError>([&] { second.fit(others.view(), options); }).argument();
  };
  CHECK(refused(samples(), {.epochs = 3, .batch_size = 10}) == "batch_size");
  CHECK(refused(samples(), {.epochs = 0, .batch_size = 20}) == "epochs");
  CHECK(refused(RandomSamples<Pair>{76}, fitting) == "samples");
  CHECK(refused(RandomSamples<Pair>{75, 2}, fitting) == "samples");  // other labels
  CHECK(second.fit(samples().view(), fitting));
}

TEST_CASE("a program of several calls of fit is taken up in the one that was interrupted", "[checkpoint]") {
  const TemporaryFolder folder;
  const std::string run = folder / "run";
  struct EarlyStop {
    Then on_epoch(const EpochReport& report) { return report.epoch == 1 ? Then::stop : Then::go_on; }
  };
  // Three calls, of which the first stops early; interrupted after so many steps.
  const auto program = [&](int steps) {
    struct Pause {
      int& left;
      Then on_step(const StepReport&) { return --left == 0 ? Then::pause : Then::go_on; }
    };
    Trainer trainer{Pair{Seed{3}}, Adam{}};
    resume(trainer, run);
    Checkpoints checkpoints{trainer, run, {.steps = 1}};
    Pause pause{steps};
    const RandomSamples<Pair> others{50, 7};
    const bool done = trainer.fit(samples().view(), {.epochs = 5, .batch_size = 25}, EarlyStop{}, checkpoints, pause) &&
                      trainer.fit(others.view(), {.epochs = 2, .batch_size = 25}, pause, checkpoints) &&
                      trainer.fit(samples().view(), {.epochs = 1, .batch_size = 25}, pause, checkpoints);
    return done ? std::optional{checksum(trainer.net())} : std::nullopt;
  };
  const auto undisturbed = program(1000);
  REQUIRE(undisturbed);
  CHECK(program(1000) == undisturbed);  // all was done
  for (int every = 1; every <= 7; ++every) {
    std::filesystem::remove_all(run);
    std::optional<std::uint64_t> end;
    int starts = 0;
    for (; !end && starts < 20; ++starts) end = program(every);
    CHECK(end == undisturbed);
    CHECK(starts > 1);
  }
}

TEST_CASE("a trainer isn't restored while it trains, nor to where none can stand", "[checkpoint]") {
  const TemporaryFolder folder;
  Trainer trainer{Pair{Seed{3}}};
  save_checkpoint(trainer, folder / "a");
  struct Restores {
    decltype(trainer)& of;
    std::string path;
    void on_epoch(const EpochReport&) { load_checkpoint(of, path); }
  };
  CHECK(thrown_by<ValueError>([&] {
          trainer.fit(samples().view(), fitting, Restores{trainer, folder / "a"});
        }).argument() == "restore");
  CHECK(trainer.position().epoch == 1);
  CHECK(thrown_by<ValueError>([&] { trainer.restore({.epoch = -1}); }).argument() == "position");
  CHECK(thrown_by<ValueError>([&] { trainer.restore({.step = 1, .steps = 2}); }).argument() == "position");
  CHECK_NOTHROW(trainer.restore({.epoch = 1, .call_began = 1, .step = 2, .steps = 2}));
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
  CHECK(place(Trainer{Pair{Seed{4}}}) == "__metadata__, rocket.seed: 4, as the trainer has, 3: it is of another run");
  CHECK_THAT(place(Trainer{Pair{Seed{3}}, Adam{}}),
             Catch::Matchers::StartsWith("__metadata__, rocket.kinds: optimizer:"));
  CHECK_THAT(place(Trainer{Pair{Seed{3}}, Kl{}}), Catch::Matchers::StartsWith("__metadata__, rocket.kinds: hint:"));
  CHECK_THAT(
      place(Trainer{Launch<Input<4>, Sequential<Dense<6>, BatchNorm<>, Gelu, Dropout<0.2>>, Light, Booster>{Seed{3}}}),
      Catch::Matchers::StartsWith("__metadata__, rocket.net: trunk.2 Gelu"));
  CHECK_THAT(place(Trainer{Pair::unshared{Seed{3}}}), Catch::Matchers::StartsWith("__metadata__, rocket.net:"));
  CHECK_THAT(
      place(Trainer{Launch<Input<4>, Sequential<Dense<6>, BatchNorm<>, Relu, Dropout<0.3>>, Light, Booster>{Seed{3}}}),
      Catch::Matchers::StartsWith("__metadata__, rocket.net: as a type"));
  CHECK_THAT(place(Trainer{Pair{Seed{3}}, Teacher{Pair::booster{Seed{5}}, NoHint{}}}),
             Catch::Matchers::StartsWith("__metadata__, rocket.kinds: teacher:"));

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
  const auto position = [](const std::string& epoch, const std::string& step, const std::string& more = "",
                           const std::string& stage = "0") {
    return "{\"epoch\":" + epoch + ",\"step\":" + step + ",\"stage\":" + stage +
           R"(,"calls":0,"steps":4,"samples":9,"labels":18446744073709551615,"optimizer_steps":0,"nameless_steps":0)" +
           more + '}';
  };
  CHECK(refused(""));
  CHECK(refused("[]"));
  CHECK(refused("{}"));
  CHECK(refused(position("-1", "0")));
  CHECK(refused(position("1e3", "0")));
  CHECK(refused(position("2147483647", "0")));  // counting on would overflow
  CHECK(refused(position("4294967296", "0")));
  CHECK(refused(position("18446744073709551615", "0")));
  CHECK(refused(position("\"1\"", "0")));
  CHECK(refused(position("1", "0", "", "18446744073709551615")));
  CHECK(refused(position("1", "0", "", "-2147483649")));
  CHECK(refused(position("1", "2")));  // a step of no call of fit
  CHECK(refused(position("1", "5", ",\"call_began\":0")));
  CHECK(refused(position("1", "2", ",\"call_began\":2")));
  CHECK(refused(position("1", "2", ",\"call_began\":null")));
  write_safetensors(path, file.tensors, [&] {
    auto metadata = file.metadata;
    metadata["rocket.position"] = position("1", "2", ",\"call_began\":0", "-1");
    return metadata;
  }());
  load_checkpoint(trainer, path);
  CHECK(trainer.position().step == 2);
  CHECK(trainer.position().stage == -1);
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
  CHECK_THROWS_AS(load_weights(doubles, path, Take::by_name), FileError);  // nothing fits
  Launch<Input<4>, Trunk, Light, Sequential<Dense<9>, BatchNorm<>, Relu, Dense<3>>> wider{Seed{9}};
  CHECK(load_weights(wider, path, Take::by_name).unlike.size() == 7);
  const Pair::light moved = std::move(light);
  CHECK(thrown_by<ValueError>([&] { load_weights(light, folder / "light"); }).argument() == "net");
  CHECK(thrown_by<ValueError>([&] { save_weights(light, folder / "light"); }).argument() == "net");
}

TEST_CASE("weights of other layers are refused though they have the same names and shapes", "[checkpoint]") {
  const TemporaryFolder folder;
  const std::string path = folder / "light";
  const auto refused = [&]<class Net>(std::type_identity<Net>) {
    const auto error = thrown_by<FileError>([&] { load_net<Net>(path); });
    CHECK(error.place() == "__metadata__, rocket.layers");
    return error.expected() + ", found " + error.found();
  };
  using Catch::Matchers::StartsWith;

  save_weights(Plain<Input<4>, Sequential<Dense<6>, Relu, Dense<3>>>{Seed{3}}, path);
  using Gelus = Plain<Input<4>, Sequential<Dense<6>, Gelu, Dense<3>>>;
  CHECK_THAT(refused(std::type_identity<Gelus>{}),
             StartsWith("net.1 Gelu [6] -> [6], 1 of it, found net.1 Relu [6] -> [6], 1 of it: its numbers"));
  Gelus gelus{Seed{4}};
  const auto before = checksum(gelus);
  CHECK(thrown_by<FileError>([&] { load_weights(gelus, path); }).place() == "__metadata__, rocket.layers");
  CHECK(checksum(gelus) == before);
  CHECK(load_weights(gelus, path, Take::by_name).left.empty());
  CHECK(checksum(gelus) != before);

  using Layers = Head<"net", Sequential<Dense<3>>>;
  using User = Id<"user", 4>;
  using Item = Id<"item", 4>;
  using Tags = Bag<"tags", 4, 5>;
  save_weights(Solo<Fields<User, Item, Tags, Numbers<"age">>, Sequential<>, Layers>{Seed{3}, {7, 7, 7}}, path);
  CHECK_THAT(refused(std::type_identity<Solo<Fields<Item, User, Tags, Numbers<"age">>, Sequential<>, Layers>>{}),
             StartsWith("field item: 1 rows of item, 4 numbers each, found field user: 1 rows of user"));
  using Sums = Bag<"tags", 4, 5, Pool::sum>;
  CHECK_THAT(refused(std::type_identity<Solo<Fields<User, Item, Sums, Numbers<"age">>, Sequential<>, Layers>>{}),
             StartsWith("field tags: the sum of rows of tags, 4 numbers each, found field tags: the mean of"));
  CHECK_THAT(refused(std::type_identity<Solo<Fields<User, Item, Tags, Numbers<"price">>, Sequential<>, Layers>>{}),
             StartsWith("field price: 1 numbers, found field age: 1 numbers"));

  // Neither the head's name, where the layers have their own, nor a bag's room changes what numbers mean.
  using Called = Named<"all", Dense<3>>;
  save_weights(Solo<Fields<User, Tags>, Sequential<>, Head<"light", Called>>{Seed{3}, {7, 7}}, path);
  CHECK_NOTHROW(load_net<Solo<Fields<User, Bag<"tags", 4, 9>>, Sequential<>, Head<"net", Called>>>(path));
  save_weights(gelus, path, read_safetensors(path).metadata);
  CHECK_NOTHROW(load_net<Gelus>(path));
}

TEST_CASE("arrays of all nets have names of their own", "[checkpoint]") {
  const TemporaryFolder folder;
  using Layers = Named<"group", Repeat<2, Dense<6>, BatchNorm<>>>;
  using More = Named<"group", Repeat<3, Dense<6>, BatchNorm<>>>;
  using Pairs = Launch<Input<6>, Sequential<>, Sequential<Layers, Dense<3>>, Sequential<More, Dense<3>>>;
  const auto check = [&]<class Net>(std::type_identity<Net>) {
    const Net saved{Seed{3}};
    save_weights(saved, folder / "a");
    Net loaded{Seed{4}};
    CHECK(load_weights(loaded, folder / "a").left.empty());
    CHECK(checksum(loaded) == checksum(saved));
  };
  check(std::type_identity<Pairs>{});
  check(std::type_identity<Pairs::unshared>{});
  check(std::type_identity<Pairs::light>{});
  check(std::type_identity<Plain<Input<6>, Layers>>{});
  CHECK(read_safetensors(folder / "a").find("group.1.0.weight"));
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
    const auto files = detail::checkpoints_in(run);
    for (const auto& file : files) found += std::to_string(file.epoch) + ':' + std::to_string(file.step) + ' ';
    CHECK(checkpoints.newest() == (files.empty() ? "" : files.back().path_in(run)));
    return found;
  };
  CHECK(names({}) == "3:0 ");
  CHECK(names({.keep = 9}) == "1:0 2:0 3:0 ");
  CHECK(names({.epochs = 2, .keep = 9}) == "2:0 3:0 ");  // the end is always saved
  CHECK(names({.steps = 5, .keep = 9}) == "1:1 2:2 3:0 ");
  CHECK(names({.minutes = 1e-9, .keep = 2}) == "2:4 3:0 ");
  CHECK(names({.minutes = 60}) == "3:0 ");

  Trainer trainer{Pair{Seed{3}}};
  const auto refused = [&](const CheckpointPlan& plan) {
    return thrown_by<ValueError>([&] { Checkpoints{trainer, folder / "run", plan}; }).argument();
  };
  CHECK(refused({.keep = 0}) == "CheckpointPlan::keep");
  CHECK(refused({.minutes = -1}) == "CheckpointPlan::minutes");
  CHECK(refused({.epochs = -1}) == "CheckpointPlan::epochs");
  CHECK(refused({.steps = -1}) == "CheckpointPlan::steps");
  CHECK(refused({.notes = {{"rocket.net", ""}}}) == "notes");
  CHECK(refused({.notes = {{"commit", "\xff"}}}) == "notes, commit");
  CHECK_THROWS_AS((Checkpoints{trainer, folder.write("file", "")}), FileError);
  CHECK_THROWS_AS((Checkpoints{trainer, ""}), ValueError);
}

TEST_CASE("a run is resumed at its newest checkpoint, and not begun beside one that is further", "[checkpoint]") {
  const TemporaryFolder folder;
  const std::string run = folder / "run";
  Trainer trainer{Pair{Seed{3}}};
  CHECK(resume(trainer, run) == std::nullopt);
  std::string newest;
  {
    Checkpoints checkpoints{trainer, run, {.keep = 2}};
    trainer.fit(samples().view(), fitting, checkpoints);
    newest = checkpoints.newest();
  }

  Trainer anew{Pair{Seed{3}}};
  CHECK(thrown_by<FileError>([&] { Checkpoints{anew, run}; }).path() == newest);
  CHECK(resume(anew, run) == newest);
  CHECK(detail::checkpoints_in(run).size() == 2);
  CHECK_NOTHROW(Checkpoints{anew, run});
  CHECK(detail::checkpoints_in(run).size() == 1);  // as the new plan says
  CHECK(checksum(anew.net()) == checksum(trainer.net()));
}

TEST_CASE("a folder is one run's at a time", "[checkpoint]") {
  const TemporaryFolder folder;
  const std::string run = folder / "run";
  const Trainer trainer{Pair{Seed{3}}};
  {
    Checkpoints checkpoints{trainer, run};
    const Checkpoints moved{std::move(checkpoints)};
    const auto error = thrown_by<FileError>([&] { Checkpoints{trainer, run}; });
    CHECK(error.path() == run);
    CHECK(error.expected() == "a folder that no other run saves in");
    CHECK_NOTHROW(Checkpoints{trainer, folder / "other"});
  }
  CHECK_NOTHROW(Checkpoints{trainer, run});
}

TEST_CASE("a folder's other files are let be, what a kill left unfinished isn't", "[checkpoint]") {
  const TemporaryFolder folder;
  const std::vector<std::string> others{"epoch-best.safetensors", "epoch-000009-step-000000-best.safetensors",
                                        "epoch-9-step-0.safetensors", "notes.partial"};
  for (const std::string& name : others) folder.write(name, "");
  const std::string unfinished = folder.write("epoch-000002-step-000000.safetensors.partial", "");
  Trainer trainer{Pair{Seed{3}}};
  CHECK(resume(trainer, folder.path()) == std::nullopt);
  Checkpoints checkpoints{trainer, folder.path()};
  CHECK_FALSE(std::filesystem::exists(unfinished));
  trainer.fit(samples().view(), fitting, checkpoints);
  for (const std::string& name : others) CHECK(std::filesystem::exists(folder / name));
  CHECK(detail::checkpoints_in(folder.path()).size() == 1);
  CHECK(detail::CheckpointFile{0, 999999} < *detail::CheckpointFile::called("epoch-000000-step-1000000.safetensors"));
}

TEST_CASE("what an abandoned call of fit left behind isn't taken for the newest", "[checkpoint]") {
  const TemporaryFolder folder;
  const std::string run = folder / "run";
  struct Pause {
    Then on_step(const StepReport& report) { return report.step == 2 ? Then::pause : Then::go_on; }
  };
  Trainer trainer{Pair{Seed{3}}}, other{Pair{Seed{3}}};
  Checkpoints checkpoints{trainer, run, {.steps = 1, .keep = 2}};
  CHECK_FALSE(trainer.fit(samples().view(), fitting, Pause{}, checkpoints));
  struct Once {
    Then on_step(const StepReport&) { return Then::pause; }
  };
  CHECK_FALSE(trainer.fit(samples().view(), fitting, checkpoints, Once{}));  // a new call
  CHECK(resume(other, run) == checkpoints.newest());
  CHECK(checksum(other.net()) == checksum(trainer.net()));
}

TEST_CASE("a damaged newest checkpoint is told, and which one there is besides", "[checkpoint]") {
  const TemporaryFolder folder;
  Trainer trainer{Pair{Seed{3}}};
  Checkpoints checkpoints{trainer, folder.path(), {.keep = 2}};
  trainer.fit(samples().view(), fitting, checkpoints);
  std::string bytes = content(checkpoints.newest());
  bytes[bytes.size() - 100] ^= 1;
  folder.write("epoch-000003-step-000000.safetensors", bytes);
  Trainer other{Pair{Seed{3}}};
  const FileError error = thrown_by<FileError>([&] { resume(other, folder.path()); });
  CHECK(error.place() == "data");
  CHECK_THAT(error.found(), Catch::Matchers::EndsWith("epoch-000002-step-000000.safetensors is the newest"));
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
  CHECK_THROWS_AS(StopOnInterrupt{nullptr}, ValueError);
  CHECK_FALSE(StopOnInterrupt::interrupted());
  CHECK(rest.fit(samples().view(), fitting, stop));
  CHECK(checksum(rest.net()) == checksum(whole.net()));
}
