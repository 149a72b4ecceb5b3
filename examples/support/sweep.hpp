#pragma once
#include <rocket/core/parallel.hpp>
#include <rocket/core/random.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "support/progress_line.hpp"
#include "support/run.hpp"

namespace support {

/// How a comparison is repeated.
struct Sweep {
  int seeds = 1, first_seed = 1;
  int threads = 1;                    ///< seeds at the same time, each of their nets on one thread
  std::vector<std::string> variants;  ///< empty: all
  bool quiet = false;                 ///< no progress line
};

/// Trains the wanted ones of some variants for all seeds: seed by seed, in their order.
///
/// \param variants  each with a name, run(job), and whether it needs a trained booster
/// \param with_job  called with a seed, whether a booster must have been trained, and a function, which it calls with
///                  what a variant's run takes; by several threads at once
template <class Variant, class WithJob>
std::vector<Run> run_sweep(const Sweep& sweep, const std::vector<Variant>& variants, const WithJob& with_job) {
  std::vector<Variant> wanted;
  for (const Variant& variant : variants)
    if (sweep.variants.empty() || std::count(sweep.variants.begin(), sweep.variants.end(), variant.name))
      wanted.push_back(variant);
  const bool needs_booster =
      std::any_of(wanted.begin(), wanted.end(), [](const auto& one) { return one.needs_booster; });

  std::vector<Run> runs(wanted.size() * static_cast<std::size_t>(sweep.seeds));
  ProgressLine progress{static_cast<int>(runs.size()), sweep.quiet};
  const auto worth_it = std::numeric_limits<double>::infinity();
  rocket::parallel_for(sweep.seeds, sweep.threads, worth_it, [&](int s) {
    const int seed = sweep.first_seed + s;
    with_job(rocket::Seed{static_cast<std::uint64_t>(seed)}, needs_booster, [&](const auto& job) {
      for (std::size_t v = 0; v < wanted.size(); ++v) {
        Run& run = runs[static_cast<std::size_t>(s) * wanted.size() + v] = wanted[v].run(job);
        run.variant = wanted[v].name;
        run.seed = seed;
        progress.done(run.variant);
      }
    });
  });
  return runs;
}

}  // namespace support
