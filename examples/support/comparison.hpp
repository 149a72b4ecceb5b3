#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/run.hpp"
#include "support/statistics.hpp"

/// \file
/// Variants against each other: the numbers of every table.

namespace support {

/// Their names, in the order of the runs.
std::vector<std::string> variants_of(const Results& results);

/// The run of that variant and seed; null if there is none.
const Run* find(const Results& results, std::string_view variant, int seed);

/// Errors of all seeds after the last epoch, in percent.
/// \param error  &Run::light_error or &Run::booster_error
std::vector<double> errors(const Results& results, std::string_view variant, std::optional<double> Run::*error);

/// Seconds of training of all seeds.
std::vector<double> seconds(const Results& results, std::string_view variant);

/// Light errors of `variant` minus those of `other`, seed by seed, in points; none where there is nothing to compare.
std::optional<Interval> difference(const Results& results, std::string_view variant, std::string_view other);

/// Of how many seeds the first variant was trained with.
long seeds_of(const Results& results);

/// What the runs show of the worth of a booster, in a sentence or two; their variants must be base and rocket for that.
std::string verdict(const Results& results);

}  // namespace support
