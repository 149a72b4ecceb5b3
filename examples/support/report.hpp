#pragma once
#include "support/run.hpp"

namespace support {

/// Prints the table of variants (test errors, paired differences from `base` and from `rocket-no-hint` with their 95 %
/// intervals, cost), and one sentence on what it shows.
void print_report(const Results& results);

}  // namespace support
