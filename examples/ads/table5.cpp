#include "ads/experiment.hpp"
#include "ads/presets.hpp"

support::Results ads::run_table5(const Settings& settings) { return run_experiment<Table5>(settings); }
