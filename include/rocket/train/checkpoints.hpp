/// \file
/// Checkpoints while training goes on, and back to the newest. Needs nlohmann-json.
#pragma once
#include <algorithm>
#include <array>
#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <ratio>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "rocket/core/error.hpp"
#include "rocket/files/replace_file.hpp"
#include "rocket/train/checkpoint.hpp"

namespace rocket {

/// When to save, and how much to keep. Several rules may be given; without any it is after every epoch.
struct CheckpointPlan {
  double minutes = 0;                             ///< so long after the last one; 0: not a rule
  int epochs = 0;                                 ///< after so many; 0: not a rule
  long steps = 0;                                 ///< after so many; 0: not a rule
  int keep = 1;                                   ///< how many to keep, the newest, at least 1
  std::map<std::string, std::string> notes = {};  ///< texts to keep with each, such as a commit
};

namespace detail {

/// A checkpoint in a folder, "epoch-000003-step-000120.safetensors".
struct CheckpointFile {
  int epoch = 0;  ///< done
  long step = 0;  ///< done, in the next epoch

  auto operator<=>(const CheckpointFile&) const = default;

  std::string name() const {
    std::array<char, 64> text;
    std::snprintf(text.data(), text.size(), "epoch-%06d-step-%06ld.safetensors", epoch, step);
    return text.data();
  }
  std::string path_in(const std::string& folder) const { return (std::filesystem::path{folder} / name()).string(); }

  /// None where a file is called otherwise.
  static std::optional<CheckpointFile> called(const std::string& name) {
    CheckpointFile file;
    if (std::sscanf(name.c_str(), "epoch-%d-step-%ld", &file.epoch, &file.step) != 2 || file.name() != name) return {};
    return file;
  }
};

/// The checkpoints in a folder, in the order of training; none where there is no folder. Others' files are let be;
/// those that a killed process left unfinished are named by `unfinished`.
inline std::vector<CheckpointFile> checkpoints_in(const std::string& folder,
                                                  std::vector<std::string>* unfinished = nullptr) {
  std::vector<CheckpointFile> found;
  std::error_code error;
  std::filesystem::directory_iterator entry{folder, error};
  for (; !error && entry != std::filesystem::directory_iterator{}; entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (const auto file = CheckpointFile::called(name)) found.push_back(*file);
    const std::string whole = name.substr(0, name.rfind('.'));
    if (unfinished && name == partial_path(whole) && CheckpointFile::called(whole))
      unfinished->push_back(entry->path().string());
  }
  if (error && error != std::errc::no_such_file_or_directory)
    throw FileError(folder, "", "a folder that can be read", error.message());
  std::sort(found.begin(), found.end());
  return found;
}

inline void remove_file(const std::string& path) {
  std::error_code error;
  std::filesystem::remove(path, error);
  if (error) throw FileError(path, "", "a file that can be removed", error.message());
}

}  // namespace detail

/// A callback that saves checkpoints in a folder, "epoch-000003-step-000120.safetensors" (both counted as done), and
/// removes older ones once a newer one is on the disk. Where a call of fit ends or is paused, it saves, too.
///
///     resume(trainer, "run");
///     Checkpoints checkpoints{trainer, "run", {.minutes = 5, .keep = 2}};
///     if (!trainer.fit(train, {.epochs = 30}, StopOnInterrupt{}, checkpoints)) return 1;
///
/// Callbacks that go by what they saw before are given to both, so that they remember:
///
///     resume(trainer, "run", best);
///     Checkpoints checkpoints{trainer, "run", {}, best};
///
/// As long as it lives, the folder is this run's (flock on ".lock" in it).
///
/// What can't be saved ends the training with an exception: a run that leaves nothing behind isn't worth its time.
class Checkpoints {
  using Clock = std::chrono::steady_clock;

 public:
  /// \param trainer    must outlive this, and be the one that calls back
  /// \param folder     made if there is none
  /// \param callbacks  whose memory to save, too; they must outlive this
  /// \throws ValueError  where the plan makes no sense, or there is no folder's name
  /// \throws FileError   where the folder can't be made; where another Checkpoints saves in it, of this process or
  ///                     another one; where it holds a checkpoint that is further than the trainer: resume would take
  ///                     that one, so it is to be resumed now, or removed
  template <class Trainer, class... Callbacks>
  explicit Checkpoints(const Trainer& trainer, std::string folder, CheckpointPlan plan = {}, Callbacks&... callbacks)
      : Checkpoints{[&trainer] {
                      static_assert((detail::CallbackHasAMemory<Callbacks, Remembers<Callbacks>>::ok && ...));
                      return trainer.position();
                    },
                    [&] { return detail::state_of(trainer, callbacks...); }, std::move(folder), std::move(plan)} {}
  /// As above, of a trainer and callbacks without their types.
  Checkpoints(const AnyRun& run, std::string folder, CheckpointPlan plan = {})
      : Checkpoints{[run] { return run.position(); }, [run] { return run.state(); }, std::move(folder),
                    std::move(plan)} {}

  void on_step(const StepReport&) { ++steps_; }
  void on_epoch(const EpochReport&) { ++epochs_; }
  /// Saves if it is time.
  void when_all_know() {
    const std::chrono::duration<double, std::ratio<60>> minutes = Clock::now() - last_;
    if ((plan_.steps > 0 && steps_ >= plan_.steps) || (plan_.epochs > 0 && epochs_ >= plan_.epochs) ||
        (plan_.minutes > 0 && minutes.count() >= plan_.minutes))
      save();
  }
  /// Also where the last one was saved at the same step: a call of fit that is done isn't taken up.
  void on_stop() { save(); }

  /// Saves one now.
  /// \throws FileError       where it can't be written, or an older one can't be removed
  /// \throws NonFiniteError  where training has left the finite numbers: the last one that hasn't stays the newest
  void save() {
    const detail::CheckpointFile file = now();
    const std::string path = file.path_in(folder_);
    save_checkpoint(state_(), path, plan_.notes);
    newest_ = path;
    steps_ = 0;
    epochs_ = 0;
    last_ = Clock::now();
    // Those that are further were saved here, by a call of fit that was left.
    std::vector<detail::CheckpointFile> all = detail::checkpoints_in(folder_);
    for (; all.back() > file; all.pop_back()) detail::remove_file(all.back().path_in(folder_));
    prune(all);
  }
  /// The file saved last; empty before the first.
  const std::string& newest() const { return newest_; }

 private:
  Checkpoints(std::function<TrainingPosition()> position, std::function<RunState()> state, std::string folder,
              CheckpointPlan plan)
      : position_{std::move(position)}, state_{std::move(state)}, folder_{std::move(folder)}, plan_{std::move(plan)} {
    if (folder_.empty()) throw ValueError("folder", "a path", "an empty one");
    if (plan_.keep < 1) throw ValueError("CheckpointPlan::keep", "at least 1", std::to_string(plan_.keep));
    if (!(plan_.minutes >= 0)) throw ValueError("CheckpointPlan::minutes", "at least 0", std::to_string(plan_.minutes));
    if (plan_.epochs < 0) throw ValueError("CheckpointPlan::epochs", "at least 0", std::to_string(plan_.epochs));
    if (plan_.steps < 0) throw ValueError("CheckpointPlan::steps", "at least 0", std::to_string(plan_.steps));
    detail::check_notes(plan_.notes);
    if (plan_.minutes == 0 && plan_.epochs == 0 && plan_.steps == 0) plan_.epochs = 1;

    std::error_code error;
    std::filesystem::create_directories(folder_, error);
    if (error) throw FileError(folder_, "", "a folder that can be made", error.message());
    lock_ = std::make_unique<detail::Descriptor>(folder_ + "/.lock", O_RDWR | O_CREAT | O_CLOEXEC);
    if (!lock_->take())
      throw FileError(folder_, "", "a folder that no other run saves in",
                      "one that another one does: end it, or take another folder");
    std::vector<std::string> unfinished;
    const auto all = detail::checkpoints_in(folder_, &unfinished);
    if (!all.empty() && all.back() > now())
      throw FileError(all.back().path_in(folder_), "",
                      "no checkpoint that is further than the trainer, which is at epoch " +
                          std::to_string(now().epoch) + ", step " + std::to_string(now().step),
                      "one: call resume first, take another folder, or remove it");
    for (const std::string& path : unfinished) detail::remove_file(path);
    prune(all);  // what a process that was killed behind its last save had no time for
  }

  /// Removes all but the newest, as many as the plan keeps.
  void prune(const std::vector<detail::CheckpointFile>& all) const {
    for (std::size_t i = 0; i + static_cast<std::size_t>(plan_.keep) < all.size(); ++i)
      detail::remove_file(all[i].path_in(folder_));
  }
  detail::CheckpointFile now() const {
    const TrainingPosition at = position_();
    return {at.epoch, at.step};
  }

  std::function<TrainingPosition()> position_;
  std::function<RunState()> state_;
  std::string folder_, newest_;
  CheckpointPlan plan_;
  std::unique_ptr<detail::Descriptor> lock_;  ///< as long as it is held, nobody else saves in the folder
  long steps_ = 0;                            ///< since the last one
  int epochs_ = 0;
  Clock::time_point last_ = Clock::now();
};

/// The path of the newest checkpoint in a folder, the one that resume takes; none where there is none.
inline std::optional<std::string> newest_checkpoint(const std::string& folder) {
  const auto all = detail::checkpoints_in(folder);
  return all.empty() ? std::nullopt : std::optional{all.back().path_in(folder)};
}

/// Takes a run up at the newest checkpoint of the folder, for a program that makes the same calls of fit again, from
/// the top: those that were done return at once, the one that was interrupted goes on (load_checkpoint has what must be
/// the same, TakeUp what happens). Returns the file's path, or none where there is no checkpoint and nothing has
/// changed.
/// \throws FileError  where the newest isn't sound or is of another run
inline std::optional<std::string> resume(AnyRun run, const std::string& folder) {
  const auto all = detail::checkpoints_in(folder);
  if (all.empty()) return std::nullopt;
  const std::string path = all.back().path_in(folder);
  try {
    load_checkpoint(run, path, TakeUp::from_the_top);
  } catch (const FileError& error) {
    if (all.size() == 1) throw;
    throw FileError(error.path(), error.place(), error.expected(),
                    error.found() + "; without this file, " + all[all.size() - 2].name() + " is the newest");
  }
  return path;
}

/// As above, of a trainer.
/// \param callbacks  those that were given to Checkpoints, in their order: they remember what they did then
template <class Trainer, class... Callbacks>
std::optional<std::string> resume(Trainer& trainer, const std::string& folder, Callbacks&... callbacks) {
  return resume(AnyRun{trainer, callbacks...}, folder);
}

}  // namespace rocket
