#pragma once
#include <string>
#include <vector>

#include "support/run.hpp"

/// What an experiment left behind.
struct RunsFile {
  std::string path;
  support::Results results;
  support::Machine machine;  ///< what of it is known
};

/// Reads a file that support::write_json has written, by this version or an older one. Throws rocket::FileError.
RunsFile read_runs(const std::string& path);

/// The runs of all files, as if they were of one. Throws rocket::FileError where a file is of another experiment than
/// the first one, or has a run that another file has.
/// \param files  at least one
support::Results merge(const std::vector<RunsFile>& files);
