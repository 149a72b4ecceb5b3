#pragma once
#include <string>

#include "support/run.hpp"

namespace support {

/// Finds out before hours of work whether the file can be written. Throws rocket::FileError if it cannot.
void check_can_write(const std::string& path);

/// Writes all runs to a file: beside it first, then renamed, so there is never half a file.
/// Throws rocket::FileError if it cannot be written.
void write_json(const Results& results, const std::string& path);

}  // namespace support
