#pragma once
#include <string>
#include <vector>

#include "ads/settings.hpp"
#include "support/run.hpp"

namespace ads {

/// The experiment with the nets of a preset; each is compiled by itself.
support::Results run_small(const Settings& settings);
support::Results run_table5(const Settings& settings);
support::Results run_criteo(const Settings& settings);

/// The names of all variants, the same for every preset.
std::vector<std::string> variant_names();

}  // namespace ads
