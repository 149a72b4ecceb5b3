/// \file
/// Ctrl-C ends training between two steps. POSIX.
#pragma once
#include <signal.h>

#include <atomic>
#include <cstdio>

#include "rocket/core/error.hpp"
#include "rocket/train/callback.hpp"

namespace rocket {

namespace detail {
/// The signal that came; 0: none yet, -1: nobody waits for one. A handler has no other way to tell anybody anything.
inline std::atomic<int> interrupted_by = -1;
static_assert(std::atomic<int>::is_always_lock_free);
}  // namespace detail

/// A callback that pauses training (Then::pause) once the process is interrupted (SIGINT, Ctrl-C) or asked to end
/// (SIGTERM). The step that runs is finished, and Checkpoints save what there is. A second Ctrl-C ends the process at
/// once. What signals did before is put back at the end; a signal that no step has seen by then, since none ran, is
/// raised again. Signals that are ignored stay so.
class StopOnInterrupt {
 public:
  /// \param out  where to say so; null: nowhere
  /// \throws ValueError  where there is another one
  explicit StopOnInterrupt(std::FILE* out = stderr) : out_{out} {
    int nobody = -1;
    if (!detail::interrupted_by.compare_exchange_strong(nobody, 0))
      throw ValueError("StopOnInterrupt", "one at a time", "a second one");
    listen(SIGINT, interrupt_before_);
    listen(SIGTERM, end_before_);
  }
  ~StopOnInterrupt() {
    sigaction(SIGINT, &interrupt_before_, nullptr);
    sigaction(SIGTERM, &end_before_, nullptr);
    const int signal = detail::interrupted_by.exchange(-1);
    if (signal > 0 && !seen_) raise(signal);
  }
  StopOnInterrupt(const StopOnInterrupt&) = delete;
  StopOnInterrupt& operator=(const StopOnInterrupt&) = delete;

  /// Whether the signal came.
  static bool interrupted() { return detail::interrupted_by.load(std::memory_order_relaxed) > 0; }

  /// Pauses, if it came.
  Then on_step(const StepReport& report) {
    if (!interrupted()) return Then::go_on;
    seen_ = true;
    at_ = report;
    return Then::pause;
  }
  /// Says so.
  void on_stop() {
    if (seen_ && out_)
      std::fprintf(out_, "interrupted: paused after step %ld of %ld in epoch %d of %d\n", at_.step + 1, at_.steps,
                   at_.epoch + 1, at_.epochs);
  }

 private:
  static void listen(int signal, struct sigaction& before) {
    struct sigaction action {};
    action.sa_handler = [](int which) { detail::interrupted_by.store(which, std::memory_order_relaxed); };
    action.sa_flags = static_cast<int>(SA_RESETHAND) | SA_RESTART;
    sigemptyset(&action.sa_mask);
    sigaction(signal, &action, &before);
    if (before.sa_handler == SIG_IGN) sigaction(signal, &before, nullptr);
  }

  std::FILE* out_;
  bool seen_ = false;
  StepReport at_;  ///< the step behind which it was seen
  struct sigaction interrupt_before_ {};
  struct sigaction end_before_ {};
};

}  // namespace rocket
