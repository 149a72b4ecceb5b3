#include "ads/experiment.hpp"
#include "ads/presets.hpp"

support::Results ads::run_small(const Settings& settings) { return run_experiment<Small>(settings); }

std::vector<std::string> ads::variant_names() { return support::names_of(Experiment<Small>::variants()); }
