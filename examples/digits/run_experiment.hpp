#pragma once
#include <rocket/core/parallel.hpp>

#include <algorithm>
#include <functional>
#include <limits>

#include "digits/experiment.hpp"
#include "support/progress_line.hpp"
#include "support/settings.hpp"

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
  std::vector<typename TheExperiment::Variant> wanted;
  for (const auto& variant : TheExperiment::variants)
    if (settings.variants.empty() || std::count(settings.variants.begin(), settings.variants.end(), variant.name))
      wanted.push_back(variant);

  support::Results results{"digits", settings.data, settings.threads, recipe.epochs, {}, {}};
  results.runs.resize(wanted.size() * static_cast<std::size_t>(settings.seeds));
  support::ProgressLine progress{static_cast<int>(results.runs.size()), settings.quiet};
  const auto worth_it = std::numeric_limits<double>::infinity();
  rocket::parallel_for(settings.seeds, settings.threads, worth_it, [&](int s) {
    const int first_seed = settings.hold_out ? 1001 : 1;
    const rocket::Seed seed{static_cast<std::uint64_t>(first_seed + s)};
    const Parts data = parts(seed);
    typename TheExperiment::Job job{seed, data.train, data.test, recipe, std::nullopt};
    if (std::any_of(wanted.begin(), wanted.end(), [](const auto& variant) { return variant.needs_booster; }))
      job.trained_booster = TheExperiment::train_booster(job);
    for (std::size_t v = 0; v < wanted.size(); ++v) {
      support::Run run = wanted[v].run(job);
      run.variant = wanted[v].name;
      run.seed = first_seed + s;
      results.runs[static_cast<std::size_t>(s) * wanted.size() + v] = run;
      progress.done(run.variant);
    }
  });
  results.nets = TheExperiment::nets(parts(rocket::Seed{1}).test, recipe);
  return results;
}
