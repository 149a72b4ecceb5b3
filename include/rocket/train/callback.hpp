/// \file
/// What Trainer::fit tells its callbacks, and what they may answer. A callback has some of
///
///     void on_step(const StepReport&)      or    Then on_step(const StepReport&)
///     void on_epoch(const EpochReport&)    or    Then on_epoch(const EpochReport&)
///     void on_stop()                       where a callback, maybe another, has stopped training
///
/// and at least one of the first two. All of them are told before a stop takes effect.
#pragma once
#include <cstddef>
#include <type_traits>

#include "rocket/objective/objective.hpp"

namespace rocket {

/// What a callback may answer; one that returns nothing lets training go on.
enum class Then { go_on, stop };

/// What a callback is told after a step.
struct StepReport {
  int epoch = 0;           ///< from 0, over all calls of fit
  int epochs = 0;          ///< where this call of fit ends
  long step = 0;           ///< in this epoch, from 0
  long steps = 0;          ///< in an epoch
  int batch = 0;           ///< samples in this step
  double rate = 0;         ///< learning rate
  double hint_weight = 0;  ///< LossWeights::hint times the ramp
  Losses losses;           ///< of this batch, before the update
};

/// What a callback is told after an epoch.
struct EpochReport {
  int epoch = 0;            ///< from 0, over all calls of fit
  int epochs = 0;           ///< where this call of fit ends
  std::size_t samples = 0;  ///< in an epoch
  Losses losses;            ///< means over the epoch's training samples, as the steps saw them
};

namespace detail {

/// What a callback answers, or Then::go_on where it returns nothing.
template <class Ask>
Then answer_of(const Ask& ask) {
  if constexpr (std::is_same_v<decltype(ask()), Then>) {
    return ask();
  } else {
    ask();
    return Then::go_on;
  }
}

template <class Callback>
Then tell_one(Callback& callback, const StepReport& report) {
  static_assert(
      requires { callback.on_step(report); } || requires(const EpochReport& e) { callback.on_epoch(e); },
      "rocket: Trainer::fit: a callback has on_step(const StepReport&), on_epoch(const EpochReport&), or both");
  if constexpr (requires { callback.on_step(report); })
    return answer_of([&] { return callback.on_step(report); });
  else
    return Then::go_on;
}
template <class Callback>
Then tell_one(Callback& callback, const EpochReport& report) {
  if constexpr (requires { callback.on_epoch(report); })
    return answer_of([&] { return callback.on_epoch(report); });
  else
    return Then::go_on;
}

template <class Callback>
void tell_of_stop(Callback& callback) {
  if constexpr (requires { callback.on_stop(); }) callback.on_stop();
}

/// Tells all callbacks; whether to go on.
template <class TheReport, class... Callbacks>
bool tell(const TheReport& report, Callbacks&... callbacks) {
  bool go_on = true;
  ((go_on = tell_one(callbacks, report) == Then::go_on && go_on), ...);
  if (!go_on) (tell_of_stop(callbacks), ...);
  return go_on;
}

}  // namespace detail

}  // namespace rocket
