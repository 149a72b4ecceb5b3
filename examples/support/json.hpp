#pragma once
#include <string>

#include "support/run.hpp"

namespace support {

/// Writes all runs to a file: beside it first, then renamed, so there is never half a file.
/// Throws rocket::FileError if it cannot be written.
void write_json(const Results& results, const std::string& path);

}  // namespace support
