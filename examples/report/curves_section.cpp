#include <algorithm>

#include "report/chart.hpp"
#include "report/html.hpp"
#include "report/sections.hpp"
#include "report/variants.hpp"
#include "support/comparison.hpp"

namespace {

using support::Epoch;

/// The light and the booster line of each of these variants; the booster's is dashed.
std::vector<Line> both(const support::Results& results, const std::vector<std::string>& variants, OfEpoch of_light,
                       OfEpoch of_booster, double factor) {
  std::vector<Line> lines;
  for (const std::string& variant : variants) {
    Line light = line_of(results, variant, of_light, factor), booster = line_of(results, variant, of_booster, factor);
    light.colour = booster.colour = colour_of(results, variant);
    booster.dashed = true;
    const bool pair = !light.is_empty() && !booster.is_empty();
    if (pair) light.label += ", light";
    if (pair || variant != "booster") booster.label += ", booster";
    lines.push_back(std::move(light));
    lines.push_back(std::move(booster));
  }
  return lines;
}

/// All light nets, or all boosters.
std::vector<Line> all(const support::Results& results, OfEpoch number, bool dashed, double factor) {
  std::vector<Line> lines;
  for (const std::string& variant : support::variants_of(results)) {
    Line& line = lines.emplace_back(line_of(results, variant, number, factor));
    line.colour = colour_of(results, variant);
    line.dashed = dashed;
  }
  return lines;
}

}  // namespace

std::string curves_section(const support::Results& results) {
  // The story first: the light net alone and launched, and who launched it.
  std::vector<std::string> story = support::variants_of(results);
  if (std::count(story.begin(), story.end(), "rocket"))
    std::erase_if(story, [](const std::string& name) { return name != "base" && name != "rocket"; });
  const std::string figures =
      figure_of({"test_error", "Test error, %: base and rocket", "",
                 both(results, story, &Epoch::light_test_error, &Epoch::booster_test_error, 100)}) +
      figure_of({"loss", "Cross-entropy in training: base and rocket",
                 "Of augmented images, as the steps saw them, without hint and weight decay.",
                 both(results, story, &Epoch::light_loss, &Epoch::booster_loss, 1)}) +
      figure_of({"light_test_error", "Test error, %: all light nets", "",
                 all(results, &Epoch::light_test_error, false, 100)}) +
      figure_of({"booster_test_error", "Test error, %: all boosters", "",
                 all(results, &Epoch::booster_test_error, true, 100)});
  if (figures.empty()) return "";
  return element("h2", "", "Learning curves") +
         element("p", "",
                 "Thick: the mean over the seeds; thin: each of them. Solid: light nets; dashed: "
                 "boosters. Where numbers span much, their scale is logarithmic.") +
         element("div", R"(class="figures")", figures);
}
