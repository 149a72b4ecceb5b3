#pragma once
#include <functional>

#include "digits/experiment.hpp"
#include "support/settings.hpp"
#include "support/sweep.hpp"

/// What a seed trains on and is tested on.
struct Parts {
  rocket::Dataset train;
  rocket::Dataset test;
};

/// Trains all variants for all seeds. Seeds run side by side, each of their nets on one thread: nets this small gain
/// nothing from threads inside a step.
/// \param parts the data of a seed
template <class TheExperiment>
support::Results run_experiment(const support::Settings& settings, const Recipe& recipe,
                                const std::function<Parts(rocket::Seed)>& parts) {
  const support::Sweep sweep{settings.seeds, settings.hold_out ? 1001 : 1, settings.threads, settings.variants,
                             settings.quiet};
  support::Results results{"digits", settings.data, settings.threads, recipe.epochs, {}, {}};
  results.runs = support::run_sweep(sweep, TheExperiment::variants(),
                                    [&](rocket::Seed seed, bool needs_booster, const auto& run_all) {
                                      const Parts data = parts(seed);
                                      typename TheExperiment::Job job{seed, data.train, data.test, recipe};
                                      if (needs_booster) job.trained_booster = TheExperiment::train_booster(job);
                                      run_all(job);
                                    });
  results.nets = TheExperiment::nets(parts(rocket::Seed{1}).test, recipe);
  return results;
}
