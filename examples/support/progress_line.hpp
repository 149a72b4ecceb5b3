#pragma once
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <mutex>
#include <string>

namespace support {

/// Shows how far many runs have come: a line that is written over on a terminal, else a plain line at every tenth.
class ProgressLine {
 public:
  ProgressLine(int total, bool quiet) : total_{total}, quiet_{quiet} {}

  /// One more is done; may be called by several threads.
  void done(const std::string& what) {
    const std::lock_guard lock{mutex_};
    ++done_;
    if (quiet_) return;
    const double left = seconds() / done_ * (total_ - done_);
    if (terminal_) {
      std::fprintf(stderr, "\r\033[K%d of %d runs, %.0f s left: %s", done_, total_, left, what.c_str());
      if (done_ == total_) std::fprintf(stderr, "\r\033[K");
    } else if (10 * done_ / total_ != 10 * (done_ - 1) / total_) {
      std::fprintf(stderr, "%d of %d runs, %.0f s left\n", done_, total_, left);
    }
    std::fflush(stderr);
  }

  double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count(); }

 private:
  std::mutex mutex_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  int total_;
  int done_ = 0;
  bool quiet_;
  bool terminal_ = isatty(fileno(stderr)) != 0;
};

}  // namespace support
