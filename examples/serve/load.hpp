#pragma once
#include <cstddef>

#include "serve/net.hpp"

namespace serve {

/// What requests are made up for a measurement.
struct Load {
  std::size_t requests = 0;      ///< in all
  std::size_t candidates = 100;  ///< of each
  int threads = 1;               ///< that score at the same time, on one ranker
};

/// Scores made-up requests and prints how long one takes: median and 99th percentile, and requests a second of all
/// threads. Returns false where an answer differs from the one that was given before the threads began.
bool measure(const Ranker& ranker, const Load& load);

}  // namespace serve
