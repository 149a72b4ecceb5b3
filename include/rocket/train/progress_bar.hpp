#pragma once
#include <unistd.h>

#include <chrono>
#include <cstdio>

#include "rocket/core/duration.hpp"
#include "rocket/train/callback.hpp"

namespace rocket {

/// A callback that shows how training goes: on a terminal a line that is written over, with the rate and the time that
/// is left of this call of fit, and that becomes the line of the epoch; a plain line an epoch otherwise; nothing on
/// request. Losses and errors are those of the training samples.
class ProgressBar {
 public:
  /// \param out              where to write; null: nowhere
  /// \param updates_a_second the most updates of the line, above 0
  explicit ProgressBar(std::FILE* out = stderr, double updates_a_second = 10)
      : out_{out}, terminal_{out && isatty(fileno(out)) != 0}, pause_{1 / updates_a_second} {}

  ~ProgressBar() { end_line(); }
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  /// Writes the line over, on a terminal.
  void on_step(const StepReport& report) {
    if (!in_call_) return begin();  // this step began before
    samples_ += report.batch;
    ++steps_;
    if (!terminal_ || seconds_since(shown_) < pause_) return;
    shown_ = Clock::now();
    const long left = (report.epochs - report.epoch) * report.steps - report.step - 1;
    std::fprintf(out_, "\r\033[Kepoch %d/%d  step %ld/%ld  %.0f samples/s", report.epoch + 1, report.epochs,
                 report.step + 1, report.steps, static_cast<double>(samples_) / seconds_since(epoch_start_));
    const double seconds_left = seconds_since(start_) / static_cast<double>(steps_) * static_cast<double>(left);
    std::fprintf(out_, "  %s left", detail::spell_duration(seconds_left).c_str());
    print(report.losses);
    std::fflush(out_);
    line_is_open_ = true;
  }

  /// Writes the line of the epoch.
  void on_epoch(const EpochReport& report) {
    if (!out_) return;
    if (terminal_) std::fprintf(out_, "\r\033[K");
    const double seconds = seconds_since(epoch_start_);
    epoch_start_ = Clock::now();
    std::fprintf(out_, "epoch %d/%d  %.0f samples/s", report.epoch + 1, report.epochs,
                 static_cast<double>(samples_) / seconds);
    samples_ = 0;
    print(report.losses);
    line_is_open_ = true;
    in_call_ = report.epoch + 1 < report.epochs;
    if (!terminal_ || !in_call_) end_line();
    std::fflush(out_);
  }

  /// Ends the line that is written over.
  void on_stop() {
    end_line();
    in_call_ = false;
  }

 private:
  using Clock = std::chrono::steady_clock;
  static double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
  }
  /// Of a call of fit that isn't the first one; its first step is done.
  void begin() {
    in_call_ = true;
    start_ = epoch_start_ = Clock::now();
    steps_ = samples_ = 0;
  }
  void end_line() {
    if (line_is_open_) std::fprintf(out_, "\n");
    line_is_open_ = false;
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
  bool in_call_ = true, line_is_open_ = false;
  long steps_ = 0;    ///< of the call, as far as they were taken here
  long samples_ = 0;  ///< of the epoch, as far as it was trained here
  Clock::time_point shown_{}, start_ = Clock::now(), epoch_start_ = start_;
};

}  // namespace rocket
