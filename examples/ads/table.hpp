#pragma once
#include "support/run.hpp"

namespace ads {

/// Prints AUC, GAUC and log loss of all variants after the last epoch, mean over the seeds, and the light net's paired
/// differences from base and from no hint with their 95 % intervals.
void print_table(const support::Results& results);

}  // namespace ads
