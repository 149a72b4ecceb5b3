#include "support/report.hpp"

#include <cmath>
#include <cstdio>

#include "support/comparison.hpp"

namespace support {
namespace {

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

}  // namespace

void print_report(const Results& results) {
  std::printf("\n%s: test error in %%, mean over %ld seeds, after the last of %d epochs\n", results.data.c_str(),
              seeds_of(results), results.epochs);
  std::printf("differences of the light net in points, seed by seed, with their 95 %% interval; * excludes 0\n\n");
  std::printf("%-26s %8s %8s   %-18s %-18s %8s\n", "variant", "light", "booster", "from base", "from no-hint",
              "seconds");
  for (const std::string& name : variants_of(results)) {
    std::printf("%-26s %8s %8s   %-18s %-18s %8.3f\n", name.c_str(),
                mean_text(errors(results, name, &Run::light_error)).c_str(),
                mean_text(errors(results, name, &Run::booster_error)).c_str(),
                interval_text(difference(results, name, "base")).c_str(),
                interval_text(difference(results, name, "rocket-no-hint")).c_str(), mean(seconds(results, name)));
  }
  std::printf("\n");
  for (const char* name : {"light", "booster", "joint"}) print_net(results, name);
  std::printf("\n");
  std::printf("%s\n", verdict(results).c_str());
}

}  // namespace support
