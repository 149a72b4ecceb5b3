#include "ads/experiment.hpp"
#include "ads/presets.hpp"

support::Results ads::run_small(const Settings& settings) { return run_experiment<Small>(settings); }

std::vector<std::string> ads::variant_names() {
  std::vector<std::string> names;
  for (const auto& variant : Experiment<Small>::variants) names.push_back(variant.name);
  return names;
}
