#pragma once
#include <rocket/train/trainer.hpp>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "images/settings.hpp"
#include "images/tested.hpp"
#include "support/run.hpp"

/// Multiply-adds of a run, by which the journal tells how long the rest will take.
struct Work {
  double image = 0;  ///< of training on one image
  double test = 0;   ///< of the test after an epoch
};

/// Tells how the runs go: a line within an epoch that is written over (on a terminal), a line an epoch, a row an epoch
/// in the file of curves, which is there at once, so that a run that is killed leaves what it found.
class Journal {
 public:
  /// \param work  of all runs together
  /// Throws rocket::FileError if the file of curves can't be written.
  Journal(const Settings& settings, double work);

  void begin(Mode mode, std::uint64_t seed, const Work& work);
  /// The run goes on where a checkpoint was saved, which brought memory() along.
  void take_up(const rocket::TrainingPosition& at);
  void step(const rocket::StepReport& report);
  /// The end of an epoch's training, before it is tested.
  void trained();
  void epoch(const rocket::EpochReport& report, const Tested& tested);

  /// Seconds of training in this run, without its tests; with what saving took.
  double seconds() const { return run_seconds_; }
  /// The learning curve of this run.
  const std::vector<support::Epoch>& epochs() const { return epochs_; }
  /// What a checkpoint of this run holds of it (rocket/train/callback.hpp).
  std::span<double> memory() { return memory_; }

 private:
  using Clock = std::chrono::steady_clock;
  static double since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }
  void keep(const support::Epoch& row);
  support::Epoch row(const rocket::EpochReport& report, const Tested& tested) const;
  void write(const support::Epoch& row);
  void clear_line() const;

  const Settings& settings_;
  bool terminal_;
  std::ofstream curve_;
  double all_work_, done_ = 0;
  Clock::time_point start_ = Clock::now(), epoch_start_ = start_, shown_{};
  Mode mode_ = Mode::base;
  std::uint64_t seed_ = 0;
  Work work_;        ///< of this run
  long images_ = 0;  ///< of this epoch
  double epoch_seconds_ = 0, run_seconds_ = 0;
  std::vector<support::Epoch> epochs_;
  std::vector<double> memory_;  ///< seconds of training in the unfinished epoch; rows of the others
};
