#include "ads/table.hpp"

#include <cmath>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "support/comparison.hpp"
#include "support/statistics.hpp"

namespace ads {
namespace {

/// A measure of a variant in every seed; none where it has no such net.
std::vector<double> measured(const support::Results& results, const std::string& variant, const std::string& measure) {
  std::vector<double> found;
  for (const support::Run& run : results.runs)
    if (const auto at = run.measures.find(measure); run.variant == variant && at != run.measures.end())
      found.push_back(at->second);
  return found;
}

std::string mean_text(const std::vector<double>& numbers) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4f", numbers.empty() ? 0.0 : support::mean(numbers));
  return numbers.empty() ? "-" : text;
}

/// Seed by seed, in ten-thousandths.
std::string difference_text(const support::Results& results, const std::string& variant, const std::string& other,
                            const std::string& measure) {
  const std::vector<double> of = measured(results, variant, measure), from = measured(results, other, measure);
  if (variant == other || of.empty() || of.size() != from.size()) return "";
  std::vector<double> differences;
  for (std::size_t i = 0; i < of.size(); ++i) differences.push_back(1e4 * (of[i] - from[i]));
  const support::Interval i = support::interval(differences);
  char text[48];
  if (std::isnan(i.half))
    std::snprintf(text, sizeof text, "%+.1f", i.mean);
  else
    std::snprintf(text, sizeof text, "%+.1f +- %.1f%s", i.mean, i.half, i.excludes_zero() ? " *" : "");
  return text;
}

}  // namespace

void print_table(const support::Results& results) {
  std::printf("\n%s, %s nets, %s; mean over %ld seeds, after the last of %d epochs\n", results.data.c_str(),
              results.settings.at("preset").c_str(), results.settings.at("records").c_str(), support::seeds_of(results),
              results.epochs);
  std::printf(
      "differences of the light net in ten-thousandths, seed by seed, with their 95 %% interval; * excludes 0\n\n");
  std::printf("%-25s %-23s   %-23s   %-18s %-18s %-18s %8s\n", "", "light", "booster", "AUC", "GAUC", "AUC", "");
  std::printf("%-25s %7s %7s %7s   %7s %7s %7s   %-18s %-18s %-18s %8s\n", "variant", "AUC", "GAUC", "logloss", "AUC",
              "GAUC", "logloss", "from base", "from base", "from no-hint", "seconds");
  for (const std::string& name : support::variants_of(results)) {
    std::printf("%-25s", name.c_str());
    for (const std::string head : {"light", "booster"}) {
      std::printf(head == "light" ? " " : "   ");
      for (const char* measure : {"_auc", "_gauc", "_logloss"})
        std::printf("%s%7s", measure[1] == 'a' ? "" : " ", mean_text(measured(results, name, head + measure)).c_str());
    }
    std::printf("   %-18s %-18s %-18s %8.1f\n", difference_text(results, name, "base", "light_auc").c_str(),
                difference_text(results, name, "base", "light_gauc").c_str(),
                difference_text(results, name, "rocket-no-hint", "light_auc").c_str(),
                support::mean(support::seconds(results, name)));
  }
  std::printf("\n");
  for (const auto& [name, net] : results.nets)
    std::printf("%-8s %9zu parameters, tables included  %8ld multiply-adds a record  %6.2f us, one by one\n",
                name.c_str(), net.parameters, net.multiply_adds.value_or(0), net.microseconds.value_or(0));
}

}  // namespace ads
