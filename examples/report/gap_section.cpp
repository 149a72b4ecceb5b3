#include "report/chart.hpp"
#include "report/html.hpp"
#include "report/sections.hpp"
#include "report/variants.hpp"
#include "support/comparison.hpp"

namespace {

using support::Epoch;

std::vector<Line> lines_of(const support::Results& results, OfEpoch number, double factor = 1) {
  std::vector<Line> lines;
  for (const std::string& variant : support::variants_of(results)) {
    Line& line = lines.emplace_back(line_of(results, variant, number, factor));
    line.colour = colour_of(results, variant);
  }
  return lines;
}

/// Percent of the test part on which light and booster disagree.
std::vector<Line> disagreement(const support::Results& results) {
  std::vector<Line> lines = lines_of(results, &Epoch::agreement, 100);
  for (Line& line : lines)
    for (auto& seed : line.seeds)
      for (double& percent : seed) percent = 100 - percent;
  return lines;
}

}  // namespace

std::string gap_section(const support::Results& results) {
  const std::string figures =
      figure_of({"distance", "Distance of the logits, test images",
                 "‖light − booster‖², a sum over classes, a mean over images. Logits of either net may grow without "
                 "its decisions changing.",
                 lines_of(results, &Epoch::distance)}) +
      figure_of({"disagreement", "Disagreement, % of test images", "", disagreement(results)}) +
      figure_of({"hint_loss", "Hint loss in training",
                 "Of augmented images, as the steps saw them, before it is weighed.",
                 lines_of(results, &Epoch::hint_loss)});
  if (figures.empty()) return "";
  return element("h2", "", "The hint gap") +
         element("p", "", "What the hint is to close: how far the light net is from its booster.") +
         element("div", R"(class="figures three")", figures);
}
