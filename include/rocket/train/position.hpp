#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>

#include "rocket/objective/losses.hpp"

namespace rocket {

/// Where training stands: with the net's numbers and the optimizer's, all that the next step hangs on. Random decisions
/// are functions of seed, epoch and sample, so there is no generator's state.
///
/// A *call* is one of Trainer::fit. It ends when its epochs are done or a callback answers Then::stop; until then, and
/// so after Then::pause or an exception, too, it is there to be taken up.
struct TrainingPosition {
  int epoch = 0;                       ///< epochs done, over all calls
  int calls = 0;                       ///< calls that ended
  std::optional<int> call_began = {};  ///< the epoch in which the call that hasn't ended began; none where all have
  long step = 0;                       ///< its steps in the unfinished epoch
  long steps = 0;                      ///< its steps in an epoch
  std::size_t samples = 0;             ///< how many samples it trains on
  std::uint64_t labels = 0;            ///< a hash of their labels
  Losses sums = {};                    ///< of the steps of the unfinished epoch, each times its share of the samples
  long optimizer_steps = 0;            ///< since the optimizer's state was cleared
  int stage = 0;                       ///< the schedule's
  std::uint32_t nameless_steps = 0;    ///< steps taken without saying which samples they are on

  /// Whether a trainer can stand there.
  bool is_sound() const {
    constexpr long most = 1'000'000'000;  // so that counting on doesn't overflow
    const auto counts = [](long number) { return number >= 0 && number <= most; };
    return counts(epoch) && counts(calls) && counts(step) && counts(steps) && counts(optimizer_steps) &&
           (call_began ? *call_began >= 0 && *call_began <= epoch && step <= steps : step == 0);
  }
};

/// From where a program takes a position up.
enum class TakeUp {
  here,         ///< the next call of fit is the one that hasn't ended, if there is one, else a new one
  from_the_top  ///< the program begins anew: first it makes the calls that have ended, which return at once
};

}  // namespace rocket
