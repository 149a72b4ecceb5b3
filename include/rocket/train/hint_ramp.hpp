#pragma once
#include <algorithm>

namespace rocket {

/// The hint's weight over time: 0 until epoch `start`, then a line up to LossWeights::hint over `epochs`. Before it has
/// settled the booster has nothing to teach, and its growing logits can pull both nets apart. The default is no ramp.
struct HintRamp {
  double start = 0;   ///< epochs without a hint
  double epochs = 0;  ///< from 0 to the full weight; 0: at once

  /// The factor at a step that begins after `epoch` epochs, fractions included.
  double factor(double epoch) const {
    if (epoch < start) return 0;
    return epochs <= 0 ? 1.0 : std::min(1.0, (epoch - start) / epochs);
  }
};

}  // namespace rocket
