/// \file
/// Learning-rate schedules: a factor on the optimizer's rate as a function of the epoch, fractions included, so that it
/// moves with every step. A schedule of one's own is a struct with the same two functions:
///
///     double factor(double epoch, double epochs) const;  // epochs done at the end of this step, and all of them
///     int stage(double epoch) const;                     // the optimizer's state is cleared where this number changes
///
/// Epochs count over all calls of Trainer::fit; `epochs` ends with the present one.
#pragma once
#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

namespace rocket {

namespace detail {
/// Linear warm-up: epoch / warmup until it is 1. A step asks for its end, so the first one doesn't get 0.
inline double warmed(double epoch, double warmup) { return warmup <= 0 ? 1.0 : std::min(1.0, epoch / warmup); }
}  // namespace detail

/// The rate as it is, after a linear warm-up.
struct ConstantSchedule {
  double warmup_epochs = 0;  ///< 0: none

  /// 1, after the warm-up.
  double factor(double epoch, double /*epochs*/) const { return detail::warmed(epoch, warmup_epochs); }
  /// One for all of the training.
  int stage(double /*epoch*/) const { return 0; }
};

/// The rate times `drop` after each of the epochs in `at`: {60, 120, 160} and 0.2 are the paper's.
struct StepSchedule {
  std::vector<double> at;    ///< epochs, in any order
  double drop = 0.2;         ///< a factor
  double warmup_epochs = 0;  ///< 0: none
  bool reset_momentum =
      false;  ///< clear the optimizer's state at a drop, as the paper's code does by building a new one

  /// `drop` to the power of the drops so far.
  double factor(double epoch, double /*epochs*/) const {
    return std::pow(drop, drops(epoch)) * detail::warmed(epoch, warmup_epochs);
  }
  /// The drops so far, if they reset.
  int stage(double epoch) const { return reset_momentum ? drops(epoch) : 0; }

 private:
  /// A drop after epoch 60 holds for the first step of the next one, whose end is later than 60.
  int drops(double epoch) const {
    return static_cast<int>(std::count_if(at.begin(), at.end(), [&](double e) { return epoch > e + 1e-9; }));
  }
};

/// From the full rate along half a cosine down to `end` times it (Loshchilov, Hutter 2017), after a linear warm-up.
struct CosineSchedule {
  double warmup_epochs = 0;  ///< 0: none
  double end = 0;            ///< the factor at the last step

  /// From 1 after the warm-up down to `end`.
  double factor(double epoch, double epochs) const {
    if (epoch <= warmup_epochs) return detail::warmed(epoch, warmup_epochs);
    const double done = std::min(1.0, (epoch - warmup_epochs) / (epochs - warmup_epochs));
    return end + (1 - end) * 0.5 * (1 + std::cos(std::numbers::pi * done));
  }
  int stage(double /*epoch*/) const { return 0; }
};

}  // namespace rocket
