#include "support/report.hpp"

#include <algorithm>
#include <cstdio>
#include <string_view>

#include "support/statistics.hpp"

namespace support {
namespace {

using Error = std::optional<double> Run::*;

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

/// Errors of all seeds, in percent.
std::vector<double> errors(const Results& results, std::string_view variant, Error error) {
  std::vector<double> found;
  for (const Run& run : results.runs)
    if (run.variant == variant && run.*error) found.push_back(100 * *(run.*error));
  return found;
}

/// Light errors of `variant` minus those of `other`, seed by seed, in points.
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

std::string mean_text(const std::vector<double>& numbers) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", numbers.empty() ? 0.0 : mean(numbers));
  return numbers.empty() ? "-" : text;
}

std::string interval_text(const std::optional<Interval>& i) {
  char text[48];
  if (!i) return "";
  if (std::isnan(i->half))
    std::snprintf(text, sizeof text, "%+.2f", i->mean);
  else
    std::snprintf(text, sizeof text, "%+.2f +- %.2f%s", i->mean, i->half, i->excludes_zero() ? " *" : "");
  return text;
}

void print_net(const Results& results, const char* name) {
  const auto found = results.nets.find(name);
  if (found == results.nets.end()) return;
  const NetFacts& net = found->second;
  std::printf("%-8s %8zu parameters", name, net.parameters);
  if (net.multiply_adds) std::printf("  %8ld multiply-adds a sample", *net.multiply_adds);
  if (net.microseconds) std::printf("  %6.2f us a sample, one by one", *net.microseconds);
  if (net.workspace_bytes) std::printf("  %8zu bytes of workspace for a training step", *net.workspace_bytes);
  std::printf("\n");
}

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

void print_sentence(const Results& results, const std::vector<std::string>& names) {
  const auto from_base = difference(results, "rocket", "base");
  const auto from_no_hint = difference(results, "rocket", "rocket-no-hint");
  if (!from_base) {
    std::printf("What the booster is worth shows when base and rocket are among the variants.\n");
    return;
  }
  const auto against_base = [&](double sign) {
    return names_where(names, [&](const std::string& name) {
      const auto d = difference(results, name, "base");
      return d && !std::isnan(d->half) && d->excludes_zero() && sign * d->mean > 0;
    });
  };
  std::printf("The light net launched with a booster (rocket) makes %s", compare(*from_base, "base").c_str());
  if (from_no_hint) std::printf(", and %s", compare(*from_no_hint, "the same launch without hint").c_str());
  std::printf(". Intervals that exclude 0, each read by itself: better than base %s; worse %s.\n",
              against_base(-1).c_str(), against_base(1).c_str());
}

}  // namespace

void print_report(const Results& results) {
  const std::vector<std::string> names = variants_of(results);
  std::printf(
      "\n%s: test error in %%, mean over %ld seeds, after the last of %d epochs\n", results.data.c_str(),
      std::count_if(results.runs.begin(), results.runs.end(), [&](const Run& r) { return r.variant == names.front(); }),
      results.epochs);
  std::printf("differences of the light net in points, seed by seed, with their 95 %% interval; * excludes 0\n\n");
  std::printf("%-26s %8s %8s   %-18s %-18s %8s\n", "variant", "light", "booster", "from base", "from no-hint",
              "seconds");
  for (const std::string& name : names) {
    std::vector<double> seconds;
    for (const Run& run : results.runs)
      if (run.variant == name) seconds.push_back(run.seconds);
    std::printf("%-26s %8s %8s   %-18s %-18s %8.3f\n", name.c_str(),
                mean_text(errors(results, name, &Run::light_error)).c_str(),
                mean_text(errors(results, name, &Run::booster_error)).c_str(),
                interval_text(difference(results, name, "base")).c_str(),
                interval_text(difference(results, name, "rocket-no-hint")).c_str(), mean(seconds));
  }
  std::printf("\n");
  for (const char* name : {"light", "booster", "joint"}) print_net(results, name);
  std::printf("\n");
  print_sentence(results, names);
}

}  // namespace support
