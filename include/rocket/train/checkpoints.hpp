/// \file
/// Checkpoints while training goes on, and back to the newest. Needs nlohmann-json.
#pragma once
#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "rocket/core/error.hpp"
#include "rocket/train/checkpoint.hpp"

namespace rocket {

/// When to save, and how much to keep. Of several rules each does.
struct CheckpointPlan {
  double minutes = 0;                             ///< so long after the last one; 0: this rule isn't used
  int epochs = 1;                                 ///< after so many; 0: this rule isn't used
  long steps = 0;                                 ///< after so many; 0: this rule isn't used
  int keep = 1;                                   ///< how many to keep, the newest, at least 1
  std::map<std::string, std::string> notes = {};  ///< texts to keep with each, such as a commit
};

namespace detail {

/// The checkpoints in a folder, the oldest first: their names go by epoch and step.
inline std::vector<std::string> checkpoints_in(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator{folder, error}) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("epoch-") && name.ends_with(".safetensors")) names.push_back(entry.path().string());
  }
  if (error && error != std::errc::no_such_file_or_directory)
    throw FileError(folder, "", "a folder that can be read", error.message());
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace detail

/// A callback that saves checkpoints in a folder, "epoch-000003-step-000120.safetensors" (both counted as done), and
/// removes the older ones once a newer one is on the disk. When a callback stops training, it saves, too.
///
///     resume(trainer, "run");
///     Checkpoints checkpoints{trainer, "run", {.minutes = 5, .keep = 2}};
///     trainer.fit(train, {.epochs = 30}, checkpoints);
template <class Trainer>
class Checkpoints {
  using Clock = std::chrono::steady_clock;

 public:
  /// \param trainer  must outlive this, and be the one that calls back
  /// \param folder   made if there is none
  /// \throws ValueError  where the plan makes no sense
  /// \throws FileError   where the folder can't be made, or holds a checkpoint that is further than the trainer: resume
  ///                     would take that one, so it is to be resumed now, or removed
  Checkpoints(const Trainer& trainer, std::string folder, CheckpointPlan plan = {})
      : trainer_{&trainer}, folder_{std::move(folder)}, plan_{std::move(plan)} {
    if (plan_.keep < 1) throw ValueError("CheckpointPlan::keep", "at least 1", std::to_string(plan_.keep));
    if (!(plan_.minutes >= 0)) throw ValueError("CheckpointPlan::minutes", "at least 0", std::to_string(plan_.minutes));
    if (plan_.epochs < 0) throw ValueError("CheckpointPlan::epochs", "at least 0", std::to_string(plan_.epochs));
    if (plan_.steps < 0) throw ValueError("CheckpointPlan::steps", "at least 0", std::to_string(plan_.steps));
    std::error_code error;
    std::filesystem::create_directories(folder_, error);
    if (error) throw FileError(folder_, "", "a folder that can be made", error.message());
    const std::vector<std::string> all = detail::checkpoints_in(folder_);
    if (!all.empty() && all.back() > path_now())
      throw FileError(all.back(), "", "no checkpoint of a run that is further than this one (" + path_now() + ')',
                      "one: resume it, or remove it");
  }

  void on_step(const StepReport&) {
    ++steps_;
    const std::chrono::duration<double, std::ratio<60>> minutes = Clock::now() - last_;
    if ((plan_.steps > 0 && steps_ >= plan_.steps) || (plan_.minutes > 0 && minutes.count() >= plan_.minutes)) save();
  }
  void on_epoch(const EpochReport&) {
    ++epochs_;
    if (plan_.epochs > 0 && epochs_ >= plan_.epochs) save();
  }
  void on_stop() { save(); }

  /// Saves one now.
  void save() {
    newest_ = path_now();
    save_checkpoint(*trainer_, newest_, plan_.notes);
    const std::vector<std::string> all = detail::checkpoints_in(folder_);
    for (std::size_t i = 0; i + static_cast<std::size_t>(plan_.keep) < all.size(); ++i) std::filesystem::remove(all[i]);
    steps_ = 0;
    epochs_ = 0;
    last_ = Clock::now();
  }
  /// The file saved last; empty before the first.
  const std::string& newest() const { return newest_; }

 private:
  std::string path_now() const {
    const TrainingPosition& at = trainer_->position();
    std::array<char, 64> name;
    std::snprintf(name.data(), name.size(), "epoch-%06d-step-%06ld.safetensors", at.epoch, at.step);
    return (std::filesystem::path{folder_} / name.data()).string();
  }

  const Trainer* trainer_;
  std::string folder_, newest_;
  CheckpointPlan plan_;
  long steps_ = 0;
  int epochs_ = 0;
  Clock::time_point last_ = Clock::now();
};

/// Takes the run up at the newest checkpoint of the folder. Returns its path, or none where there is no checkpoint and
/// nothing has changed.
/// \throws FileError  where the newest isn't sound or of another run: remove it to go back to the one before
template <class Trainer>
std::optional<std::string> resume(Trainer& trainer, const std::string& folder) {
  const std::vector<std::string> all = detail::checkpoints_in(folder);
  if (all.empty()) return std::nullopt;
  load_checkpoint(trainer, all.back());
  return all.back();
}

}  // namespace rocket
