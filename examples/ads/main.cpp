/// \file
/// Ranking: a log of what users were shown and whether they took it, ids through tables that light and booster share,
/// and what the booster is worth to the light net that is served.
#include <cstdio>
#include <exception>

#include "ads/presets.hpp"
#include "ads/table.hpp"
#include "support/json.hpp"

int main(int argc, char** argv) {
  const ads::Settings settings = ads::read_command_line(argc, argv, {"small", "table5"}, ads::variant_names());
  try {
    if (!settings.json.empty()) support::check_can_write(settings.json);
    const support::Results results = settings.format == "criteo"  ? ads::run_criteo(settings)
                                     : settings.preset == "small" ? ads::run_small(settings)
                                                                  : ads::run_table5(settings);
    ads::print_table(results);
    if (!settings.json.empty()) support::write_json(results, settings.json);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "ads: %s\n", error.what());
    return 1;
  }
}
