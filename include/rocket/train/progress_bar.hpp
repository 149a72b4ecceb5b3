#pragma once
#include <unistd.h>

#include <chrono>
#include <cstdio>

#include "rocket/train/callback.hpp"

namespace rocket {

/// A callback that shows how training goes: one line that is written over on a terminal, a plain line an epoch
/// otherwise. Losses and errors are those of the training samples.
class ProgressBar {
 public:
  /// \param out              where to write
  /// \param updates_a_second the most updates of the line, above 0
  explicit ProgressBar(std::FILE* out = stderr, double updates_a_second = 10)
      : out_{out}, terminal_{isatty(fileno(out)) != 0}, pause_{1 / updates_a_second} {}

  /// Writes the line over, on a terminal.
  void on_step(const StepReport& report) {
    samples_ += report.batch;
    if (!terminal_ || seconds_since(shown_) < pause_) return;
    shown_ = Clock::now();
    std::fprintf(out_, "\r\033[Kepoch %d/%d  step %ld/%ld", report.epoch + 1, report.epochs, report.step + 1,
                 report.steps);
    print(report.losses);
    std::fflush(out_);
  }

  /// Writes the line of the epoch.
  void on_epoch(const EpochReport& report) {
    if (terminal_) std::fprintf(out_, "\r\033[K");
    const double seconds = seconds_since(epoch_start_);
    epoch_start_ = Clock::now();
    std::fprintf(out_, "epoch %d/%d  %.0f samples/s", report.epoch + 1, report.epochs,
                 static_cast<double>(samples_) / seconds);
    samples_ = 0;
    print(report.losses);
    if (terminal_ && report.epoch + 1 < report.epochs)
      std::fflush(out_);
    else
      std::fprintf(out_, "\n");
  }

  /// Ends the line that is written over.
  void on_stop() {
    if (terminal_) std::fprintf(out_, "\n");
  }

 private:
  using Clock = std::chrono::steady_clock;
  static double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
  }
  void print(const Losses& losses) const {
    std::fprintf(out_, "  loss %.4f  error %.2f %%", losses.light, 100 * losses.light_error);
    if (!(losses.booster == 0))  // also where it isn't a number
      std::fprintf(out_, "  booster %.4f  %.2f %%  hint %.3f", losses.booster, 100 * losses.booster_error, losses.hint);
    if (!(losses.teacher == 0)) std::fprintf(out_, "  teacher %.4g", losses.teacher);
  }

  std::FILE* out_;
  bool terminal_;
  double pause_;
  long samples_ = 0;  ///< of the epoch, as far as it was trained here
  Clock::time_point shown_{}, epoch_start_ = Clock::now();
};

}  // namespace rocket
