/// \file
/// What Trainer::fit tells its callbacks, and what they may answer. A callback has some of
///
///     void on_step(const StepReport&)      or    Then on_step(const StepReport&)
///     void on_epoch(const EpochReport&)    or    Then on_epoch(const EpochReport&)
///     void when_all_know()                 after all were told of a step or an epoch, and none stops: to save them
///     void on_stop()                       where the call of fit is done, was stopped by a callback, or is paused
///
/// and at least one of the first two. All of them are told before an answer takes effect. They may look at the trainer,
/// evaluate its net and save checkpoints.
///
/// A callback that goes by what it saw before *remembers*: it names its memory, and a checkpoint can hold it
/// (checkpoint.hpp). It has
///
///     static constexpr std::string_view memory                   "hold_out": a word in the names of arrays
///     template <class Self, class Visit>
///     static void each_memory(Self& self, const Visit& visit)    visit(name, span) for each array of float or double
///                                                                that it remembers, const where Self is; of a size
///                                                                that doesn't change
#pragma once
#include <cstddef>
#include <string_view>
#include <type_traits>

#include "rocket/core/check.hpp"
#include "rocket/objective/losses.hpp"

namespace rocket {

/// What a callback may answer; one that returns nothing lets training go on.
enum class Then {
  go_on,
  stop,  ///< this call of fit is done: early stopping
  pause  ///< this call of fit returns, but isn't done: a checkpoint from now on is taken up where it is
};

/// What a callback is told after a step.
struct StepReport {
  int epoch = 0;           ///< from 0, over all calls of fit
  int epochs = 0;          ///< where this call of fit ends
  long step = 0;           ///< in this epoch, from 0
  long steps = 0;          ///< in an epoch
  int batch = 0;           ///< samples in this step
  double rate = 0;         ///< learning rate
  double hint_weight = 0;  ///< LossWeights::hint times what HintSchedule says
  Losses losses;           ///< of this batch, before the update
};

/// What a callback is told after an epoch.
struct EpochReport {
  int epoch = 0;            ///< from 0, over all calls of fit
  int epochs = 0;           ///< where this call of fit ends
  std::size_t samples = 0;  ///< in an epoch
  long steps = 0;           ///< in an epoch
  double rate = 0;          ///< of its last step
  double hint_weight = 0;   ///< of its last step
  Losses losses;            ///< means over the epoch's training samples, as the steps saw them
};

/// A callback with a memory that a checkpoint can hold.
template <class Callback>
concept Remembers = requires(Callback& callback) {
  std::string_view{Callback::memory};
  Callback::each_memory(callback, [](std::string_view, auto) {});
};

namespace detail {

template <class Callback, bool sound>
struct CallbackHasAMemory {
  static_assert(
      holds<sound, Callback>,
      "rocket: Checkpoints, resume: callbacks that are given along have a memory, as BestSoFar and LightAverage"
      " do (train/callback.hpp); others are given to fit alone");
  static constexpr bool ok = true;
};
template <class Callback, bool sound>
struct CallbackListens {
  static_assert(
      holds<sound, Callback>,
      "rocket: Trainer::fit: a callback has on_step(const StepReport&), on_epoch(const EpochReport&), or both,"
      " and isn't const unless they are");
  static constexpr bool ok = true;
};
template <class Callback, class Answer, bool sound>
struct CallbackAnswers {
  static_assert(holds<sound, Callback, Answer>, "rocket: Trainer::fit: a callback returns nothing or Then");
  static constexpr bool ok = true;
};

template <class Callback>
constexpr bool listens() {
  constexpr bool to_steps = requires(Callback & callback, const StepReport& report) { callback.on_step(report); };
  constexpr bool to_epochs = requires(Callback & callback, const EpochReport& report) { callback.on_epoch(report); };
  // One that is there but can't be called was meant to be.
  constexpr bool step_is_there = requires { &Callback::on_step; };
  constexpr bool epoch_is_there = requires { &Callback::on_epoch; };
  return (to_steps || to_epochs) && (to_steps || !step_is_there) && (to_epochs || !epoch_is_there);
}

/// What a callback answers, or Then::go_on where it returns nothing.
template <class Callback, class Ask>
Then answer_of(const Ask& ask) {
  using Answer = decltype(ask());
  constexpr bool sound = std::is_void_v<Answer> || std::is_same_v<Answer, Then>;
  static_assert(CallbackAnswers<Callback, Answer, sound>::ok);
  if constexpr (std::is_same_v<Answer, Then>) {
    return ask();
  } else {
    ask();
    return Then::go_on;
  }
}

template <class Callback>
Then tell_one(Callback& callback, const StepReport& report) {
  static_assert(CallbackListens<Callback, listens<Callback>()>::ok);
  if constexpr (requires { callback.on_step(report); })
    return answer_of<Callback>([&] { return callback.on_step(report); });
  else
    return Then::go_on;
}
template <class Callback>
Then tell_one(Callback& callback, const EpochReport& report) {
  if constexpr (requires { callback.on_epoch(report); })
    return answer_of<Callback>([&] { return callback.on_epoch(report); });
  else
    return Then::go_on;
}

template <class Callback>
void tell_that_all_know(Callback& callback) {
  if constexpr (requires { callback.when_all_know(); }) callback.when_all_know();
}

/// Tells all callbacks. Of their answers one that stops counts more than one that pauses. Nobody saves what has been
/// answered: a run that is taken up there wouldn't know of it.
template <class Report, class... Callbacks>
Then tell(const Report& report, Callbacks&... callbacks) {
  Then all = Then::go_on;
  [[maybe_unused]] const auto hear = [&](Then answer) {
    if (all == Then::go_on || answer == Then::stop) all = answer;
  };
  (hear(tell_one(callbacks, report)), ...);
  if (all == Then::go_on) (tell_that_all_know(callbacks), ...);
  return all;
}

template <class Callback>
void tell_of_stop(Callback& callback) {
  if constexpr (requires { callback.on_stop(); }) callback.on_stop();
}

}  // namespace detail

}  // namespace rocket
