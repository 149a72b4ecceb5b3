#pragma once
#include <cstdint>
#include <optional>

#include "rocket/objective/objective.hpp"

namespace rocket {

/// Where training stands: with the net's numbers and the optimizer's, all that the next step hangs on. Random decisions
/// are functions of seed, epoch and sample, so there is no generator's state.
struct TrainingPosition {
  int epoch = 0;                     ///< epochs done, over all calls of fit
  long step = 0;                     ///< steps done in the next one
  long steps = 0;                    ///< in an epoch of this call of fit
  std::optional<int> fit_began;      ///< the epoch in which this call of fit began; none outside of fit
  Losses sums;                       ///< of the steps done in this epoch, each times its share of the samples
  long optimizer_steps = 0;          ///< since the optimizer's state was cleared
  int stage = 0;                     ///< the schedule's
  std::uint32_t nameless_steps = 0;  ///< steps taken without saying which samples they are on
};

}  // namespace rocket
