#pragma once
#include <chrono>

namespace rocket {

/// Adds the seconds from its making to the end of its scope to a number of the caller's. Without a number it doesn't
/// even look at the clock, so what nobody measures pays a branch.
class Stopwatch {
 public:
  /// \param seconds  is added to; null: nobody measures
  explicit Stopwatch(double* seconds) : seconds_{seconds} {
    if (seconds_) start_ = Clock::now();
  }
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;
  ~Stopwatch() {
    if (seconds_) *seconds_ += std::chrono::duration<double>(Clock::now() - start_).count();
  }

 private:
  using Clock = std::chrono::steady_clock;
  double* seconds_;
  Clock::time_point start_{};
};

}  // namespace rocket
