#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "support/profile.hpp"

/// \file
/// What an experiment found out: the contents of its table and of its JSON file.

namespace support {

/// One variant, trained once.
struct Run {
  std::string variant;
  int seed = 0;
  std::optional<double> light_error;  ///< fraction of the test part after the last epoch; none: no such net
  std::optional<double> booster_error;
  double seconds = 0;                ///< of training
  std::uint64_t checksum = 0;        ///< of the final parameters' bits
  std::optional<Profile> profile{};  ///< if it was asked for
};

/// What a net costs.
struct NetFacts {
  std::size_t parameters = 0;
  std::optional<long> multiply_adds;           ///< a sample
  std::optional<double> microseconds;          ///< a sample, one by one, on one thread
  std::optional<std::size_t> workspace_bytes;  ///< of a training step
};

struct Results {
  std::string example;
  std::string data;
  int threads = 1;
  int epochs = 0;
  std::vector<Run> runs;
  std::map<std::string, NetFacts> nets;           ///< light, booster, joint
  std::map<std::string, std::string> settings{};  ///< what else was chosen
};

}  // namespace support
