// The Trainer: its options, its errors, its weights and teachers, and what it tells callbacks.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <numeric>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <rocket/rocket.hpp>

#include "support/catch.hpp"
#include "support/checksum.hpp"
#include "support/random_numbers.hpp"
#include "support/reference_losses.hpp"
#include "support/throws.hpp"

using namespace rocket;

namespace {

using Trunk = Sequential<Dense<6>, BatchNorm<>, Relu>;
using Light = Sequential<Dense<3>>;
using Booster = Sequential<Dense<8>, BatchNorm<>, Relu, Dropout<0.1>, Dense<3>>;
using Pair = Launch<Input<4>, Trunk, Light, Booster>;

const RandomSamples<Pair>& samples() {
  static const RandomSamples<Pair> made{75};
  return made;
}

template <class Net = Pair, class... Options>
std::uint64_t trained(const Options&... options) {
  Trainer trainer{Net{Seed{3}}, options...};
  trainer.fit(samples().view(), {.epochs = 2, .batch_size = 32});
  return checksum(trainer.net());
}

struct Log {
  void on_step(const StepReport& report) { steps.push_back(report); }
  void on_epoch(const EpochReport& report) { epochs.push_back(report); }
  std::vector<StepReport> steps;
  std::vector<EpochReport> epochs;
};

}  // namespace

TEST_CASE("options may come in any order", "[trainer]") {
  const Sgd optimizer{.rate = 0.05, .momentum = 0.9};
  const StepSchedule schedule{.at = {1}};
  const LossWeights weights{.light = 0.5, .booster = 2, .hint = 0.1};
  const HintSchedule ramp{.start = 0, .ramp = 2};
  const ClipNorm clip{1};
  CHECK(trained(Kl{}, GradientBlock::none, optimizer, schedule, weights, ramp, clip, Threads{1}) ==
        trained(Threads{1}, clip, schedule, ramp, weights, GradientBlock::none, Kl{}, optimizer));
}

TEST_CASE("what is left out has the documented default", "[trainer]") {
  CHECK(trained() == trained(LogitMse{}, GradientBlock::logits, Sgd{.rate = 0.1}, ConstantSchedule{},
                             LossWeights{.light = 1, .booster = 1, .hint = 0.03}));
  CHECK(trained<Pair::light>() == trained<Pair::light>(NoHint{}));
}

TEST_CASE("every option is listened to", "[trainer]") {
  const std::uint64_t plain = trained();
  CHECK(trained(Kl{}) != plain);
  CHECK(trained(GradientBlock::none) != plain);
  CHECK(trained(Adam{}) != plain);
  CHECK(trained(CosineSchedule{}) != plain);
  CHECK(trained(LossWeights{.hint = 0.1}) != plain);
  CHECK(trained(HintSchedule{.ramp = 1}) != plain);
  CHECK(trained(ClipNorm{1e-3}) != plain);
  CHECK(trained(Teacher{Pair::booster{Seed{5}}, Kl{}}) != plain);
}

TEST_CASE("a step refuses what doesn't fit, before anything has changed", "[trainer]") {
  Trainer trainer{Pair{Seed{3}}};
  const std::uint64_t before = checksum(trainer.net());
  const std::vector<float> two_rows(8);
  const auto refused = [&](std::span<const float> features, std::vector<int> labels, std::vector<int> indices = {}) {
    return thrown_by<ValueError>([&] { trainer.step(features, labels, indices); }).argument();
  };
  CHECK(refused({}, {}) == "labels");
  CHECK(refused(std::span{two_rows}.first(7), {0, 1}) == "features");
  CHECK(refused(two_rows, {0}) == "features");
  CHECK(refused(two_rows, {0, 3}) == "labels[1]");
  CHECK(refused(two_rows, {-1, 0}) == "labels[0]");
  CHECK(refused(two_rows, {0, 1}, {0}) == "samples");
  CHECK(checksum(trainer.net()) == before);
}

TEST_CASE("fit and evaluate refuse samples that don't fit the net, before anything has changed", "[trainer]") {
  Trainer trainer{Pair{Seed{3}}};
  const std::uint64_t before = checksum(trainer.net());
  const auto check_refused = [&](const Samples<float>& given, const std::string& argument) {
    CHECK(thrown_by<ValueError>([&] { trainer.fit(given, {}); }).argument() == argument);
    CHECK(thrown_by<ValueError>([&] { trainer.evaluate(given); }).argument() == argument);
  };
  const std::vector<int> labels{0, 1}, beyond{0, 3};
  const std::vector<float> features(10);
  check_refused({features, labels, 5, 3}, "features_per_sample");
  check_refused({std::span{features}.first(8), labels, 4, 4}, "classes");
  check_refused({{}, {}, 4, 3}, "samples");
  check_refused({features, labels, 4, 3}, "features");
  check_refused({std::span{features}.first(8), beyond, 4, 3}, "labels[1]");
  CHECK(thrown_by<ValueError>([&] { trainer.fit(samples().view(), {.batch_size = 0}); }).argument() == "batch_size");
  CHECK(thrown_by<ValueError>([&] { trainer.fit(samples().view(), {.epochs = -1}); }).argument() == "epochs");
  CHECK(checksum(trainer.net()) == before);
}

TEST_CASE("a Trainer needs a thread", "[trainer]") {
  CHECK(thrown_by<ValueError>([] { Trainer{Pair{Seed{3}}, Threads{0}}; }).argument() == "Threads::count");
}

TEST_CASE("a report knows the heads of its net", "[trainer]") {
  const auto report = Trainer{Pair::light{Seed{3}}}.evaluate(samples().view());
  CHECK(report.light().name == "light");
  CHECK(report.agreement == 1);
  CHECK(thrown_by<ValueError>([&] { report.booster(); }).found() == "booster");
}

TEST_CASE("by running statistics a step trains without moving them", "[trainer]") {
  Trainer trainer{Pair{Seed{3}}, Sgd{}};
  trainer.fit(samples().view(), {.epochs = 1, .batch_size = 32});
  const std::span<const float> now = std::as_const(trainer).net().statistic_vector();
  const std::vector<float> before(now.begin(), now.end());
  const std::uint64_t untrained = checksum(trainer.net());
  trainer.normalise_by = NormaliseBy::running;
  // One sample has no deviation of its own: what it does hangs on the running statistics alone.
  trainer.step(std::span{samples().features}.first(4), std::span{samples().labels}.first(1));
  CHECK(std::equal(before.begin(), before.end(), now.begin(), now.end()));
  CHECK(checksum(trainer.net()) != untrained);
  trainer.normalise_by = NormaliseBy::batch;
  trainer.step(samples().features, samples().labels);
  CHECK_FALSE(std::equal(before.begin(), before.end(), now.begin(), now.end()));
}

TEST_CASE("callbacks are told every step and every epoch", "[trainer]") {
  Log log;
  Trainer trainer{Pair{Seed{3}}, Sgd{.rate = 0.05}};
  trainer.fit(samples().view(), {.epochs = 2, .batch_size = 32}, log);
  REQUIRE(log.steps.size() == 6);
  for (int i = 0; i < 6; ++i) {
    const StepReport& step = log.steps[static_cast<std::size_t>(i)];
    CHECK(step.epoch == i / 3);
    CHECK(step.epochs == 2);
    CHECK(step.step == i % 3);
    CHECK(step.steps == 3);
    CHECK(step.rate == 0.05);
    CHECK(step.hint_weight == 0.03);
  }
  REQUIRE(log.epochs.size() == 2);
  CHECK(log.epochs[1].epoch == 1);
  CHECK(log.epochs[1].samples == 75);

  // An epoch's losses are means over its samples, whatever the sizes of the batches.
  double light = 0, error = 0;
  for (const StepReport& step : std::span{log.steps}.last(3)) {
    light += step.losses.light * step.batch / 75;
    error += step.losses.light_error * step.batch / 75;
  }
  CHECK(log.epochs[1].losses.light == Approx(light));
  CHECK(log.epochs[1].losses.light_error == Approx(error));
}

TEST_CASE("a callback may listen to steps or to epochs only", "[trainer]") {
  struct Steps {
    int count = 0;
    void on_step(const StepReport&) { ++count; }
  } steps;
  struct Epochs {
    int count = 0;
    void on_epoch(const EpochReport&) { ++count; }
  } epochs;
  Trainer{Pair{Seed{3}}}.fit(samples().view(), {.epochs = 2, .batch_size = 32}, steps, epochs);
  CHECK(steps.count == 6);
  CHECK(epochs.count == 2);
}

TEST_CASE("an epoch trains on every sample, in batches of nearly one size", "[trainer]") {
  for (const int batch_size : {1, 32, 64, 74, 75, 1000}) {
    Log log;
    Trainer{Pair{Seed{3}}}.fit(samples().view(), {.batch_size = batch_size}, log);
    std::vector<int> sizes;
    for (const StepReport& step : log.steps) sizes.push_back(step.batch);
    const auto [smallest, largest] = std::minmax_element(sizes.begin(), sizes.end());
    CHECK(std::accumulate(sizes.begin(), sizes.end(), 0) == 75);
    CHECK(*largest <= batch_size);
    CHECK(*largest - *smallest <= 1);
  }
}

TEST_CASE("a second fit goes on where the first one ended", "[trainer]") {
  Trainer once{Pair{Seed{3}}, Adam{}}, twice{Pair{Seed{3}}, Adam{}};
  Log log;
  once.fit(samples().view(), {.epochs = 3, .batch_size = 32});
  twice.fit(samples().view(), {.epochs = 1, .batch_size = 32});
  twice.fit(samples().view(), {.epochs = 2, .batch_size = 32}, log);
  CHECK(checksum(twice.net()) == checksum(once.net()));
  CHECK(log.epochs.front().epoch == 1);
  CHECK(log.epochs.front().epochs == 3);
}

TEST_CASE("evaluate looks at one sample at a time, and changes nothing", "[trainer]") {
  Trainer trainer{Pair{Seed{3}}}, undisturbed{Pair{Seed{3}}};
  const auto all = samples().view();
  for (Trainer<Pair>* each : {&trainer, &undisturbed}) each->fit(all, {.batch_size = 32});

  const std::uint64_t before = checksum(trainer.net());
  const auto report = trainer.evaluate(all);
  double loss = 0, error = 0, agreement = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {  // BatchNorm in training mode could tell a batch of 1
    const auto one = trainer.evaluate(make_samples(all.row(i), all.labels.subspan(i, 1), 4, 3));
    loss += one.booster().loss / 75;
    error += one.booster().error / 75;
    agreement += one.agreement / 75;
  }
  CHECK(report.booster().loss == Approx(loss));
  CHECK(report.booster().error == Approx(error));
  CHECK(report.agreement == Approx(agreement));
  CHECK(checksum(trainer.net()) == before);

  for (Trainer<Pair>* each : {&trainer, &undisturbed}) each->fit(all, {.batch_size = 32});
  CHECK(checksum(trainer.net()) == checksum(undisturbed.net()));
}

TEST_CASE("durations are spelled for people", "[trainer]") {
  CHECK(detail::spell_duration(42.9) == "42 s");
  CHECK(detail::spell_duration(187) == "3 min 07 s");
  CHECK(detail::spell_duration(2 * 3600 + 5 * 60 + 59) == "2 h 05 min");
  CHECK(detail::spell_duration(-1) == "0 s");
}

TEST_CASE("a hint begins, grows and ends", "[trainer]") {
  const HintSchedule schedule{.start = 1, .ramp = 2, .end = 5};
  for (const auto& [epoch, factor] :
       std::vector<std::pair<double, double>>{{0, 0}, {0.9, 0}, {1, 0}, {1.5, 0.25}, {3, 1}, {4.99, 1}, {5, 0}, {7, 0}})
    CHECK(schedule.factor(epoch) == Approx(factor));
  CHECK(HintSchedule{}.factor(1e6) == 1);
  const auto refused = [](const HintSchedule& wrong) {
    return thrown_by<ValueError>([&] { Trainer{Pair{Seed{3}}, wrong}; }).argument();
  };
  CHECK(refused({.start = -1}) == "HintSchedule::start");
  CHECK(refused({.ramp = -1}) == "HintSchedule::ramp");
  CHECK(refused({.start = 2, .end = 1}) == "HintSchedule::end");
}

TEST_CASE("a ramp takes the hint's weight from 0 to its own", "[trainer]") {
  Log log;
  Trainer trainer{Pair{Seed{3}}, LossWeights{.hint = 0.4}, HintSchedule{.start = 1, .ramp = 2}};
  trainer.fit(samples().view(), {.epochs = 4, .batch_size = 38}, log);
  std::vector<double> weights;
  for (const StepReport& step : log.steps) weights.push_back(step.hint_weight);
  const std::vector<double> expected{0, 0, 0, 0.1, 0.2, 0.3, 0.4, 0.4};
  REQUIRE(weights.size() == expected.size());
  for (std::size_t i = 0; i < weights.size(); ++i) CHECK(weights[i] == Approx(expected[i]));
}

TEST_CASE("a loss weight belongs to the role it is named after", "[trainer]") {
  // Nothing is shared, so a net whose terms weigh nothing stays as it is.
  using Apart = LaunchUnshared<Input<4>, Dense<6>, Dense<3>, Dense<3>>;
  const Apart start{Seed{3}};
  const auto moves = [&](const LossWeights& weights) {
    Trainer trainer{start, weights};
    trainer.fit(samples().view(), {});
    return std::pair{checksum(trainer.net().launch_light()) != checksum(start.launch_light()),
                     checksum(trainer.net().launch_booster()) != checksum(start.launch_booster())};
  };
  CHECK(moves({.light = 1, .booster = 0, .hint = 0}) == std::pair{true, false});
  CHECK(moves({.light = 0, .booster = 1, .hint = 0}) == std::pair{false, true});
  CHECK(moves({.light = 0, .booster = 0, .hint = 1}) == std::pair{true, false});

  CHECK(trained<Apart::booster>(LossWeights{.booster = 0}) == checksum(Apart::booster{Seed{3}}));
  CHECK(trained<Apart::booster>(LossWeights{.light = 0}) == trained<Apart::booster>());
  CHECK(trained<Plain<Input<4>, Light>>(LossWeights{.light = 0}) == checksum(Plain<Input<4>, Light>{Seed{3}}));
}

TEST_CASE("a teacher is frozen, and in evaluation mode", "[trainer]") {
  using Net = Launch<Input<4>, Sequential<>, Dense<3>, Booster, double>;
  const RandomSamples<Net> batch{30};
  Trainer booster{Net::booster{Seed{3}}};
  booster.fit(batch.view(), {.epochs = 3});
  Predictor teacher{booster.net(), 30};
  const auto z = teacher(batch.features);

  Trainer student{Net::light{Seed{4}}, Teacher{booster.net(), Kl{2}, 0.9}};
  for (int step = 0; step < 3; ++step) {
    Predictor light{student.net(), 30};
    const auto l = light(batch.features);
    double divergence = 0;
    for (std::size_t i = 0; i < 30; ++i) divergence += reference::hint(Kl{2}, l.subspan(3 * i, 3), z.subspan(3 * i, 3));
    CHECK(student.step(batch.features, batch.labels).teacher == Approx(divergence / 30));
  }
}

TEST_CASE("a teacher of weight 0 is none", "[trainer]") {
  const Pair::booster booster{Seed{5}};
  CHECK(trained<Pair::light>(Teacher{booster, Kl{}, 0}) == trained<Pair::light>());
  CHECK(trained(Teacher{booster, LogitMse{}, 0}) == trained());
}

TEST_CASE("a progress bar writes a plain line an epoch where there is no terminal", "[trainer]") {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file{std::tmpfile(), std::fclose};
  REQUIRE(file);
  Trainer{Pair{Seed{3}}}.fit(samples().view(), {.epochs = 2, .batch_size = 32}, ProgressBar{file.get()});
  Trainer{Pair::light{Seed{3}}}.fit(samples().view(), {.epochs = 1}, ProgressBar{file.get()});

  std::rewind(file.get());
  std::vector<std::string> lines;
  for (char line[256]; std::fgets(line, sizeof line, file.get());) lines.emplace_back(line);
  REQUIRE(lines.size() == 3);
  CHECK_THAT(lines[0], Catch::Matchers::StartsWith("epoch 1/2  ") && Catch::Matchers::ContainsSubstring("  booster "));
  CHECK_THAT(lines[1], Catch::Matchers::StartsWith("epoch 2/2  ") && Catch::Matchers::EndsWith("\n"));
  CHECK_THAT(lines[2], Catch::Matchers::StartsWith("epoch 1/1  ") && !Catch::Matchers::ContainsSubstring("booster"));
  for (const std::string& line : lines) CHECK(line.find_first_of("\r\033") == std::string::npos);
}

TEST_CASE("a loop of one's own that says where it stands gives the bits of fit", "[trainer]") {
  // One sample, so that there is only one order.
  const auto trainer = [] {
    return Trainer{Pair{Seed{3}}, CosineSchedule{.warmup_epochs = 1}, HintSchedule{.start = 0, .ramp = 3}, Adam{}};
  };
  constexpr int epochs = 4;
  auto by_fit = trainer(), by_hand = trainer();
  const Samples<float> one{std::span{samples().features}.first(4), std::span{samples().labels}.first(1), 4, 3};
  by_fit.fit(one, {.epochs = epochs, .batch_size = 1});
  const int zero = 0;
  for (int epoch = 0; epoch < epochs; ++epoch) {
    by_hand.set_progress(epoch, epoch + 1, epochs);
    by_hand.step(one.features, one.labels, {&zero, 1});
  }
  CHECK(checksum(by_hand.net()) == checksum(by_fit.net()));
  CHECK(checksum(by_hand.net()) != checksum(trainer().net()));
  CHECK(thrown_by<ValueError>([&] { by_hand.set_progress(2, 1, epochs); }).argument() == "progress");
}

TEST_CASE("steps without sample numbers draw anew every time", "[trainer]") {
  using Net = Plain<Input<4>, Sequential<Dense<64>, Dropout<0.5>, Dense<3>>>;
  Trainer trainer{Net{Seed{1}}, Sgd{.rate = 0}};
  const double first = trainer.step(samples().features, samples().labels).light;
  CHECK(trainer.step(samples().features, samples().labels).light != first);
}

TEST_CASE("a net that was moved from is refused", "[trainer]") {
  Pair net{Seed{1}};
  const Pair taken = std::move(net);
  CHECK(thrown_by<ValueError>([&] { Trainer trainer{net}; }).argument() == "net");  // NOLINT(bugprone-use-after-move)
}

TEST_CASE("a callback may stop training, once all have been told", "[trainer]") {
  struct StopAt {
    int epoch, step;
    Then answer;
    Then on_step(const StepReport& report) {
      return report.epoch == epoch && report.step == step ? answer : Then::go_on;
    }
  };
  struct Counts {
    int steps = 0, epochs = 0, stops = 0;
    void on_step(const StepReport&) { ++steps; }
    void on_epoch(const EpochReport&) { ++epochs; }
    void on_stop() { ++stops; }
  };
  const FitOptions options{.epochs = 2, .batch_size = 25};  // 3 steps an epoch
  Trainer trainer{Pair{Seed{3}}};
  Counts before, after;
  CHECK(trainer.fit(samples().view(), options, before, StopAt{1, 1, Then::stop}, after));
  for (const Counts& counts : {before, after}) {
    CHECK(counts.steps == 5);
    CHECK(counts.epochs == 1);
    CHECK(counts.stops == 1);
  }
  CHECK(trainer.position().epoch == 1);
  CHECK(trainer.position().step == 0);  // the epoch begins again
  Counts rest;
  CHECK(trainer.fit(samples().view(), {.epochs = 1, .batch_size = 25}, rest));
  CHECK(rest.steps == 3);
  CHECK(rest.stops == 1);
  CHECK(trainer.position().epoch == 2);

  CHECK(trainer.fit(samples().view(), options, StopAt{2, 2, Then::stop}));
  CHECK(trainer.position().epoch == 3);  // all of its steps were taken
  Counts paused;
  CHECK_FALSE(trainer.fit(samples().view(), options, paused, StopAt{3, 1, Then::pause}));
  CHECK(paused.stops == 1);
  CHECK(trainer.position().step == 2);
  CHECK(trainer.fit(samples().view(), options, paused));  // a new call: the epoch begins again
  CHECK(paused.steps == 2 + 6);
  CHECK(trainer.position().epoch == 5);
}

TEST_CASE("a callback may stop training after an epoch", "[trainer]") {
  struct StopNow {
    Then on_epoch(const EpochReport&) { return Then::stop; }
  };
  Trainer trainer{Pair{Seed{3}}};
  CHECK(trainer.fit(samples().view(), {.epochs = 5}, StopNow{}));
  CHECK(trainer.position().epoch == 1);
}

TEST_CASE("an exception out of a callback leaves a trainer that can go on", "[trainer]") {
  struct Throws {
    void on_step(const StepReport& report) {
      if (report.step == 1) throw Error("enough");
    }
  };
  Trainer trainer{Pair{Seed{3}}};
  CHECK_THROWS_AS(trainer.fit(samples().view(), {.epochs = 2, .batch_size = 25}, Throws{}), Error);
  CHECK(trainer.fit(samples().view(), {.epochs = 2, .batch_size = 15}));
  CHECK(trainer.position().epoch == 2);
}
