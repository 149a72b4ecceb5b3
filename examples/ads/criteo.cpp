#include "ads/experiment.hpp"
#include "ads/presets.hpp"

support::Results ads::run_criteo(const Settings& settings) { return run_experiment<Criteo>(settings); }
