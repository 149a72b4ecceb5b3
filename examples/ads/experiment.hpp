#pragma once
#include <rocket/metrics/auc.hpp>
#include <rocket/metrics/gauc.hpp>
#include <rocket/metrics/log_loss.hpp>
#include <rocket/rocket.hpp>

#include <chrono>
#include <numeric>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "ads/logs.hpp"
#include "ads/nets.hpp"
#include "ads/settings.hpp"
#include "support/modes.hpp"
#include "support/net_facts.hpp"
#include "support/run.hpp"
#include "support/sweep.hpp"

namespace ads {

/// One seed: its data and recipe.
template <class Stacks>
struct Job {
  using Log = rocket::Records<typename Stacks::Inputs>;
  rocket::Seed seed;
  const Log& train;
  const Log& test;
  const typename Pair<Stacks>::NetTables::Rows& rows;  ///< of the tables
  const Recipe& recipe;
  std::optional<typename Pair<Stacks>::booster> trained_booster{};
};

/// All modes for one pair of nets.
template <class Stacks>
struct Experiment : support::Modes<Experiment<Stacks>, Job<Stacks>, Pair<Stacks>> {
  template <class Net>
  static Net made(const Job<Stacks>& job) {
    return Net{job.seed, job.rows};
  }
  /// Trains a net with whatever its variant adds to the recipe, and tests it.
  template <class AnyNet, class... Options>
  static auto trained(AnyNet net, const Job<Stacks>& job, const Options&... options) {
    const Recipe& recipe = job.recipe;
    const rocket::Adam adam{.rate = recipe.rate, .weight_decay = recipe.weight_decay};
    rocket::Trainer trainer{std::move(net), adam, rocket::CosineSchedule{}, rocket::Threads{1}, options...};
    const auto start = std::chrono::steady_clock::now();
    trainer.fit(job.train, {.epochs = recipe.epochs, .batch_size = recipe.batch});
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;

    support::Run run;
    run.seconds = seconds.count();
    run.checksum = support::checksum(trainer.net());
    for (const rocket::HeadReport& head : trainer.evaluate(job.test).heads)
      (head.name == "light" ? run.light_error : run.booster_error) = head.error;
    const auto keep = [&](const std::string& name, const auto& measured) {
      for (std::size_t h = 0; h < AnyNet::heads; ++h)
        run.measures[std::string{AnyNet::head_names[h]} + name] = measured.heads[h].value();
    };
    if constexpr (Stacks::are_criteos) {
      const auto [auc, log_loss] = trainer.measure(job.test, rocket::Auc{}, rocket::LogLoss{});
      keep("_auc", auc), keep("_logloss", log_loss);
    } else {
      const auto [auc, gauc, log_loss] =
          trainer.measure(job.test, rocket::Auc{}, rocket::Gauc{job.test.column("user")}, rocket::LogLoss{});
      keep("_auc", auc), keep("_gauc", gauc), keep("_logloss", log_loss);
    }
    return std::pair{std::move(trainer), run};
  }
};

/// The two parts of a log, or of its training part.
template <class Log>
struct Parts {
  Log train, test;
};
template <class Log>
Parts<Log> held_out(const Log& train, rocket::Seed seed) {
  std::vector<std::size_t> order(train.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  rocket::shuffle(std::span{order}, rocket::Random{seed, rocket::name_hash("hold-out")});
  const std::size_t kept = train.size() / 4 * 3;
  return {train.take(std::span{order}.first(kept)), train.take(std::span{order}.subspan(kept))};
}

/// Trains all variants for all seeds. Seeds run side by side, each of their nets on one thread.
template <class Stacks>
support::Results run_experiment(const Settings& settings) {
  using TheExperiment = Experiment<Stacks>;
  using Log = typename Job<Stacks>::Log;
  const Logs<Stacks> logs{settings};
  const Log &train = logs.train, &test = logs.test;
  const auto rows = logs.ids.rows();

  support::Results results{"ads", settings.train, settings.threads, settings.recipe.epochs, {}, {}};
  results.settings = {
      {"preset", Stacks::name},
      {"format", Stacks::are_criteos ? "criteo" : "libsvm, libfm or libffm, as each line says"},
      {"test", settings.hold_out ? "a quarter of the training part" : settings.test},
      {"records", std::to_string(train.size()) + " to train on, " + std::to_string(test.size()) + " to test"},
      {"unknown ids in the test part", std::to_string(test.report.unknown)}};
  const support::Sweep sweep{settings.seeds, settings.hold_out ? 1001 : 1, settings.threads, settings.variants,
                             settings.quiet};
  results.runs = support::run_sweep(
      sweep, TheExperiment::variants(), [&](rocket::Seed seed, bool needs_booster, const auto& run_all) {
        std::optional<Parts<Log>> parts;
        if (settings.hold_out) parts = held_out(train, seed);
        Job<Stacks> job{seed, parts ? parts->train : train, parts ? parts->test : test, rows, settings.recipe};
        if (needs_booster) job.trained_booster = TheExperiment::train_booster(job);
        run_all(job);
      });
  const auto facts = [&]<class Net>(std::type_identity<Net>) {
    const Net net{rocket::Seed{1}, rows};
    return support::NetFacts{Net::parameters + net.tables().size(), Net::multiply_adds,
                             support::microseconds_a_sample(net, std::span<const rocket::Word>{test.words}),
                             std::nullopt};
  };
  results.nets["light"] = facts(std::type_identity<typename TheExperiment::LightNet>{});
  results.nets["booster"] = facts(std::type_identity<typename TheExperiment::BoosterNet>{});
  return results;
}

}  // namespace ads
