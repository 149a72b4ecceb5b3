#pragma once
#include <rocket/rocket.hpp>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "digits/recipe.hpp"
#include "support/modes.hpp"
#include "support/net_facts.hpp"
#include "support/run.hpp"

/// A pair of dense nets on samples of `Features` numbers in ten classes. The booster's own layers are `First` and
/// `Second` wide, chosen so that it does at least eight times the light net's multiply-adds.
template <int Features, int First, int Second>
struct Nets {
  using Input = rocket::Input<Features>;
  using Trunk = rocket::Sequential<rocket::Dense<16>, rocket::BatchNorm<>, rocket::Relu>;
  using Light = rocket::Sequential<rocket::Dense<10>>;
  using Booster = rocket::Sequential<rocket::Dense<First>, rocket::BatchNorm<>, rocket::Relu, rocket::Dense<Second>,
                                     rocket::BatchNorm<>, rocket::Relu, rocket::Dense<10>>;
  using Pair = rocket::Launch<Input, Trunk, Light, Booster>;
  using Unshared = rocket::LaunchUnshared<Input, Trunk, Light, Booster>;
  static_assert(Pair::booster::multiply_adds >= 8 * Pair::light::multiply_adds);
};

/// One seed: its data and recipe.
template <class BoosterNet>
struct Job {
  rocket::Seed seed;
  const rocket::Dataset& train;
  const rocket::Dataset& test;
  const Recipe& recipe;
  std::optional<BoosterNet> trained_booster{};
};

/// All modes for one pair of nets.
template <class Pair, class Unshared>
struct Experiment : support::Modes<Experiment<Pair, Unshared>, Job<typename Pair::booster>, Pair, Unshared> {
  using TheJob = Job<typename Pair::booster>;

  template <class Net>
  static Net made(const TheJob& job) {
    return Net{job.seed};
  }
  /// Trains a net with whatever its variant adds to the recipe, and tests it.
  template <class Net, class... Options>
  static auto trained(Net net, const TheJob& job, const Options&... options) {
    const Recipe& recipe = job.recipe;
    const rocket::Sgd sgd{.rate = recipe.rate, .momentum = recipe.momentum, .weight_decay = recipe.weight_decay};
    rocket::Trainer trainer{std::move(net), sgd, rocket::CosineSchedule{}, rocket::Threads{1}, options...};
    const auto start = std::chrono::steady_clock::now();
    trainer.fit(job.train, {.epochs = recipe.epochs, .batch_size = recipe.batch});
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;

    support::Run run;
    run.seconds = seconds.count();
    run.checksum = support::checksum(trainer.net());
    for (const rocket::HeadReport& head : trainer.evaluate(job.test).heads)
      (head.name == "light" ? run.light_error : run.booster_error) = head.error;
    return std::pair{std::move(trainer), run};
  }

  static std::map<std::string, support::NetFacts> nets(const rocket::Dataset& data, const Recipe& recipe) {
    using Joint = decltype(rocket::Trainer{Pair{rocket::Seed{}}, rocket::LogitMse{}});
    return {{"light", facts<typename Pair::light>(data)},
            {"booster", facts<typename Pair::booster>(data)},
            {"joint", {Pair::parameters, std::nullopt, std::nullopt, Joint::workspace_bytes(recipe.batch)}}};
  }

 private:
  /// What a net alone costs.
  template <class Net>
  static support::NetFacts facts(const rocket::Dataset& data) {
    const Net net{rocket::Seed{1}};
    return {Net::parameters, Net::multiply_adds, support::microseconds_a_sample(net, data.features), std::nullopt};
  }
};

/// All modes for such nets.
template <class TheNets>
using ExperimentOn = Experiment<typename TheNets::Pair, typename TheNets::Unshared>;
