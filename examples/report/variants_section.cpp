#include <cmath>

#include "report/html.hpp"
#include "report/sections.hpp"
#include "support/comparison.hpp"
#include "support/format.hpp"

namespace {

using support::format;

std::string mean_text(const std::vector<double>& numbers, const char* pattern = "%.2f") {
  return numbers.empty() ? "" : format(pattern, support::mean(numbers));
}

/// Bold where it excludes 0.
std::string interval_text(const std::optional<support::Interval>& i) {
  if (!i) return "";
  const std::string mean = format("%s%.2f", i->mean < 0 ? "−" : "+", std::abs(i->mean));
  if (std::isnan(i->half)) return mean;
  const std::string text = mean + format(" ± %.2f", i->half);
  return i->excludes_zero() ? "<strong>" + text + "</strong>" : text;
}

/// With the signs that a terminal may lack.
std::string typeset(std::string text) {
  const auto replace = [&](const char* what, const char* by) {
    const std::string old{what};
    for (std::size_t at = text.find(old); at != std::string::npos; at = text.find(old, at))
      text.replace(at, old.size(), by);
  };
  replace("+-", "±");
  replace("(-", "(−");
  return text;
}

}  // namespace

std::string variants_section(const support::Results& results) {
  std::vector<std::vector<std::string>> rows;
  for (const std::string& name : support::variants_of(results)) {
    const auto seconds = support::seconds(results, name);
    rows.push_back({escaped(name), mean_text(support::errors(results, name, &support::Run::light_error)),
                    mean_text(support::errors(results, name, &support::Run::booster_error)),
                    interval_text(support::difference(results, name, "base")),
                    interval_text(support::difference(results, name, "rocket-no-hint")), std::to_string(seconds.size()),
                    mean_text(seconds, "%.3g")});
  }
  return element("h2", "", "What the booster is worth") +
         element("p", R"(class="verdict")", escaped(typeset(support::verdict(results)))) +
         table(
             "Test error in % after the last epoch, mean over the seeds. Differences of the light net in points, "
             "seed by seed, with their 95 % interval (Student’s t); bold where it excludes 0.",
             {"variant", "light", "booster", "light, from base", "light, from no hint", "seeds", "seconds of training"},
             rows);
}
