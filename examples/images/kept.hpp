#pragma once
#include <rocket/train/run_state.hpp>

#include <memory>
#include <string>

/// A callback that keeps a run in a folder of its own, if there is one, and takes up what is there: the same command,
/// given again, goes on where it was interrupted. Compiled once for all nets.
class Kept {
 public:
  /// \param run     of a trainer and callbacks that outlive this
  /// \param folder  empty: nothing is kept, and Ctrl-C ends the program as it always does
  /// \param recipe  what the amounts of the run are, which must be the same where it is taken up
  /// \throws rocket::FileError  where the newest checkpoint isn't sound or is of another run
  Kept(const rocket::AnyRun& run, const std::string& folder, const std::string& recipe);
  ~Kept();

  /// Whether a checkpoint was taken up.
  bool taken_up() const { return taken_up_; }
  /// Ends the program where fit was paused.
  /// \throws rocket::Error
  void check_done(bool done) const;

  rocket::Then on_step(const rocket::StepReport& report);
  void on_epoch(const rocket::EpochReport& report);
  void when_all_know();
  void on_stop();

 private:
  struct Callbacks;
  std::unique_ptr<Callbacks> callbacks_;  ///< null: nothing is kept
  bool taken_up_ = false;
};
