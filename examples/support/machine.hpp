#pragma once
#include "support/run.hpp"

namespace support {

/// The machine that this program runs on, and what it was compiled by. A system that doesn't say what processor it has
/// leaves that empty.
Machine this_machine();

}  // namespace support
