#pragma once
#include <algorithm>
#include <limits>
#include <string>

#include "rocket/core/error.hpp"

namespace rocket {

/// The hint's weight over time, in epochs, fractions included: 0 until `start`, then a line up to LossWeights::hint
/// over `ramp`, and 0 again from `end` on. Before it has settled the booster has nothing to teach, and its growing
/// logits can pull both nets apart; at the end the light net may want to look at the labels alone. The default is the
/// full weight all the time.
struct HintSchedule {
  double start = 0;                                      ///< without a hint before
  double ramp = 0;                                       ///< from 0 to the full weight; 0: at once
  double end = std::numeric_limits<double>::infinity();  ///< without a hint after

  /// Throws ValueError unless all are at least 0, and the end isn't before the start.
  void check() const {
    if (!(start >= 0)) throw ValueError("HintSchedule::start", "at least 0", std::to_string(start));
    if (!(ramp >= 0)) throw ValueError("HintSchedule::ramp", "at least 0", std::to_string(ramp));
    if (!(end >= start)) throw ValueError("HintSchedule::end", "no less than the start", std::to_string(end));
  }
  /// The factor at a step that begins after `epoch` epochs.
  double factor(double epoch) const {
    if (epoch < start || epoch >= end) return 0;
    return ramp <= 0 ? 1.0 : std::min(1.0, (epoch - start) / ramp);
  }
};

}  // namespace rocket
