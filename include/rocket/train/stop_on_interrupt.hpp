/// \file
/// Ctrl-C ends training between two steps. POSIX.
#pragma once
#include <csignal>
#include <cstdio>

#include "rocket/train/callback.hpp"

namespace rocket {

namespace detail {
/// Set by the signal: a handler has no other way to tell anybody anything.
inline volatile std::sig_atomic_t interrupted = 0;
}  // namespace detail

/// A callback that stops training once the process is interrupted (SIGINT) or asked to end (SIGTERM). The step that
/// runs is finished, and Checkpoints, behind or before it in the list, save what there is. A second Ctrl-C ends the
/// process at once. One at a time; what signals did before is put back at the end.
class StopOnInterrupt {
 public:
  /// \param out  where to say so; null: nowhere
  explicit StopOnInterrupt(std::FILE* out = stderr) : out_{out} {
    detail::interrupted = 0;
    struct sigaction action {};
    action.sa_handler = [](int) { detail::interrupted = 1; };
    action.sa_flags = static_cast<int>(SA_RESETHAND) | SA_RESTART;
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, &before_interrupt_);
    sigaction(SIGTERM, &action, &before_end_);
  }
  ~StopOnInterrupt() {
    sigaction(SIGINT, &before_interrupt_, nullptr);
    sigaction(SIGTERM, &before_end_, nullptr);
  }
  StopOnInterrupt(const StopOnInterrupt&) = delete;
  StopOnInterrupt& operator=(const StopOnInterrupt&) = delete;

  /// Whether the signal came.
  static bool interrupted() { return detail::interrupted != 0; }

  Then on_step(const StepReport& report) {
    if (!interrupted()) return Then::go_on;
    if (out_)
      std::fprintf(out_, "\ninterrupted: stopped after step %ld of %ld in epoch %d of %d\n", report.step + 1,
                   report.steps, report.epoch + 1, report.epochs);
    return Then::stop;
  }

 private:
  std::FILE* out_;
  struct sigaction before_interrupt_ {
  }, before_end_{};
};

}  // namespace rocket
