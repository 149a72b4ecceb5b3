#include "support/comparison.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace support {
namespace {

/// "0.42 points fewer errors than base (95 % interval 0.10 to 0.74)", or that there is no telling.
std::string compare(const Interval& i, const std::string& than) {
  char text[200];
  if (std::isnan(i.half)) {
    std::snprintf(text, sizeof text, "%.2f points %s errors than %s, in one seed, which proves nothing",
                  std::abs(i.mean), i.mean <= 0 ? "fewer" : "more", than.c_str());
  } else if (i.excludes_zero()) {
    const double near = std::abs(i.mean) - i.half, far = std::abs(i.mean) + i.half;
    std::snprintf(text, sizeof text, "%.2f points %s errors than %s (95 %% interval %.2f to %.2f)", std::abs(i.mean),
                  i.mean < 0 ? "fewer" : "more", than.c_str(), near, far);
  } else {
    std::snprintf(text, sizeof text,
                  "no more and no fewer errors than %s that these seeds could tell (%+.2f +- %.2f points)",
                  than.c_str(), i.mean, i.half);
  }
  return text;
}

std::string names_where(const std::vector<std::string>& names, const auto& condition) {
  std::string list;
  for (const std::string& name : names)
    if (condition(name)) list += (list.empty() ? "" : ", ") + name;
  return list.empty() ? "none" : list;
}

}  // namespace

std::vector<std::string> variants_of(const Results& results) {
  std::vector<std::string> names;
  for (const Run& run : results.runs)
    if (std::find(names.begin(), names.end(), run.variant) == names.end()) names.push_back(run.variant);
  return names;
}

const Run* find(const Results& results, std::string_view variant, int seed) {
  for (const Run& run : results.runs)
    if (run.variant == variant && run.seed == seed) return &run;
  return nullptr;
}

std::vector<double> errors(const Results& results, std::string_view variant, std::optional<double> Run::*error) {
  std::vector<double> found;
  for (const Run& run : results.runs)
    if (run.variant == variant && run.*error) found.push_back(100 * *(run.*error));
  return found;
}

std::optional<Interval> difference(const Results& results, std::string_view variant, std::string_view other) {
  std::vector<double> differences;
  for (const Run& run : results.runs) {
    const Run* pair = run.variant == variant ? find(results, other, run.seed) : nullptr;
    if (pair && run.light_error && pair->light_error)
      differences.push_back(100 * (*run.light_error - *pair->light_error));
  }
  if (differences.empty() || variant == other) return std::nullopt;
  return interval(differences);
}

std::vector<double> seconds(const Results& results, std::string_view variant) {
  std::vector<double> found;
  for (const Run& run : results.runs)
    if (run.variant == variant) found.push_back(run.seconds);
  return found;
}

long seeds_of(const Results& results) {
  return std::count_if(results.runs.begin(), results.runs.end(),
                       [&](const Run& run) { return run.variant == results.runs.front().variant; });
}

std::string verdict(const Results& results) {
  const auto from_base = difference(results, "rocket", "base");
  const auto from_no_hint = difference(results, "rocket", "rocket-no-hint");
  if (!from_base) return "What the booster is worth shows when base and rocket are among the variants.";
  const std::vector<std::string> names = variants_of(results);
  const auto against_base = [&](double sign) {
    return names_where(names, [&](const std::string& name) {
      const auto d = difference(results, name, "base");
      return d && !std::isnan(d->half) && d->excludes_zero() && sign * d->mean > 0;
    });
  };
  std::string text = "The light net launched with a booster (rocket) makes " + compare(*from_base, "base");
  if (from_no_hint) text += ", and " + compare(*from_no_hint, "the same launch without hint");
  return text + ". Intervals that exclude 0, each read by itself: better than base " + against_base(-1) + "; worse " +
         against_base(1) + ".";
}

}  // namespace support
