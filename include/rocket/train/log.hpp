/// \file
/// A run's log: a row an epoch, and between them a row every so many steps if asked for, as CSV or as JSON lines.
/// Columns or keys are
///
///     event                             "step" or "epoch"
///     epoch, step                       where the run stands, both counted as done: epochs, then steps of the next one
///     seconds                           since the log was made; where the run was taken up, its times are added up
///     samples_per_second                since the row before; of an "epoch" since the one before
///     rate, hint_weight                 of the last step
///     light_loss ... agreement          Losses: of a "step" those of its batch, of an "epoch" means over its samples
///     shared_gradient ... gradient_cosine   GradientReport, on the batch of the last step
///
/// and then those of the user. What a net doesn't have, or wasn't asked, is an empty cell or null; a hint that weighs
/// nothing counts as 0. Before the rows stand notes, of the run and the user's: lines that begin with "#" in CSV, a
/// first object {"event": "log", "columns": ..., "notes": ...} among JSON lines.
#pragma once
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

#include "rocket/core/error.hpp"
#include "rocket/core/text.hpp"
#include "rocket/files/replace_file.hpp"
#include "rocket/train/callback.hpp"
#include "rocket/train/gradient_report.hpp"
#include "rocket/train/log_format.hpp"

namespace rocket {

/// A column of one's own in a log, such as the error on a hold-out.
struct LogColumn {
  std::string name;               ///< letters, digits and underscores
  std::function<double()> value;  ///< asked after every epoch
};

/// What a log holds besides what every log holds.
struct LogPlan {
  long steps = 0;  ///< also a row after so many steps; 0: after epochs alone
  /// With the row of an epoch that takes the run past a multiple of so many steps, a GradientReport. It costs two
  /// steps, so by default less than one in a hundred. 0: never
  long gradients = 250;
  std::vector<LogColumn> columns = {};  ///< behind the others
  /// At the head of the file, such as the command: the same where the run is taken up. "run" is the log's own.
  std::map<std::string, std::string> notes = {};
};

/// A callback that writes the log of a run. Where the run was taken up at a checkpoint, so is its log: rows up to there
/// stay, later ones are written again as those steps are taken again; where there is none, one begins. Where the run
/// begins, so does the log, in place of what was there.
///
///     resume(trainer, "run");
///     Checkpoints checkpoints{trainer, "run"};  // makes the folder
///     Log log{trainer, "run/log.csv", {.columns = {{"hold_out_error", [&] { return best.latest(); }}}}};
///     trainer.fit(train, {.epochs = 30}, best, log, checkpoints);
///
/// A row is on its way to the disk when the step or epoch is over, so a process that is killed leaves all of them.
/// Values of columns are asked in the order in which callbacks are told, so a log stands behind whom it asks.
template <class Trainer>
class Log {
  using Clock = std::chrono::steady_clock;
  using Net = std::remove_cvref_t<decltype(std::declval<Trainer&>().net())>;

 public:
  /// \param trainer  must outlive this, and be the one that calls back; what it stands at says which rows stay
  /// \param path     ends in .csv or .jsonl; its folder is made if there is none
  /// \throws ValueError  where the plan or the path's ending makes no sense
  /// \throws FileError   where the file can't be written, is there and is no log, or, of a run that was taken up, isn't
  ///                     that run's
  Log(Trainer& trainer, std::string path, LogPlan plan = {})
      : trainer_{&trainer}, path_{std::move(path)}, plan_{std::move(plan)}, format_{path_, notes(), columns()} {
    if (plan_.steps < 0) throw ValueError("LogPlan::steps", "at least 0", std::to_string(plan_.steps));
    if (plan_.gradients < 0) throw ValueError("LogPlan::gradients", "at least 0", std::to_string(plan_.gradients));
    const std::filesystem::path folder = std::filesystem::path{path_}.parent_path();
    std::error_code error;
    if (!folder.empty()) std::filesystem::create_directories(folder, error);
    if (error) throw FileError(path_, "", "a folder that can be made", error.message());
    const std::string kept = rows_to_keep();
    replace_file(path_, std::array<std::string_view, 2>{format_.head(), kept});
    file_.open(path_, std::ios::app | std::ios::binary);
    check();
  }

  void on_step(const StepReport& report) {
    row_.samples += report.batch;
    epoch_.samples += report.batch;
    if (plan_.steps > 0 && (report.step + 1) % plan_.steps == 0)
      write("step", {report.epoch, report.step + 1}, report, row_, {}, {});
  }
  void on_epoch(const EpochReport& report) {
    std::optional<GradientReport> gradients;
    if (passes_a_multiple(plan_.gradients, report)) gradients = trainer_->gradient_report();
    std::vector<double> own;
    for (const LogColumn& column : plan_.columns) own.push_back(column.value());
    write("epoch", {report.epoch + 1, 0}, report, epoch_, gradients, own);
    epoch_ = row_;
  }

 private:
  /// When a row was written, and how many samples came after it.
  struct Since {
    double seconds = 0;
    long samples = 0;
  };

  std::vector<std::string> columns() const {
    std::vector<std::string> names(detail::log_columns.begin(), detail::log_columns.end());
    for (const LogColumn& column : plan_.columns) {
      for (const char c : column.name)
        if (!(c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')))
          throw ValueError("LogColumn::name", "letters, digits and underscores", column.name);
      for (const std::string& name : names)
        if (name == column.name || column.name.empty())
          throw ValueError("LogColumn::name", "a name that no other column has", '"' + column.name + '"');
      if (!column.value) throw ValueError("LogColumn::value", "a function", "none");
      names.push_back(column.name);
    }
    return names;
  }

  /// With what tells a run from others.
  std::map<std::string, std::string> notes() const {
    std::map<std::string, std::string> all = plan_.notes;
    const std::uint64_t kinds = name_hash(type_name<Net>()) ^ name_hash(Trainer::kinds());
    if (!all.emplace("run", "seed " + std::to_string(trainer_->net().seed().value) + ", kinds " + std::to_string(kinds))
             .second)
      throw ValueError("LogPlan::notes", "keys other than \"run\", which every log has", "run");
    return all;
  }

  /// Reads what there is of a run that was taken up. What is no log at all isn't written over.
  std::string rows_to_keep() {
    const detail::LogPlace now{trainer_->position().epoch, trainer_->position().step};
    if (!std::filesystem::exists(path_)) return {};
    std::ifstream file{path_, std::ios::binary};
    if (!file) throw FileError(path_, "", "a file that can be read", std::generic_category().message(errno));
    const std::string text{std::istreambuf_iterator<char>{file}, {}};
    if (!text.empty() && !text.starts_with(format_.opening()))
      throw FileError(path_, "", "a log, or no file", "another file");
    if (!trainer_->taken_up()) return {};
    if (!text.starts_with(format_.head())) {
      const auto [ours, theirs] = detail::first_difference(format_.head(), text);
      throw FileError(path_, "", "the log of the run that was taken up, with \"" + std::string{ours} + '"',
                      '"' + std::string{theirs} + '"');
    }
    std::string_view rest = std::string_view{text}.substr(format_.head().size());
    std::string kept;
    for (long line = 1; !rest.empty(); ++line) {
      const std::size_t end = rest.find('\n');
      if (end == std::string_view::npos) break;  // its writer was killed
      const auto row = format_.read(rest.substr(0, end));
      if (!row)
        throw FileError(path_, "row " + std::to_string(line), "event, epoch, step, seconds",
                        std::string{rest.substr(0, end)});
      if (row->first <= now) {
        kept += rest.substr(0, end + 1);
        seconds_before_ = row->second;
      }
      rest.remove_prefix(end + 1);
    }
    return kept;
  }

  /// \param since  the row from which samples a second are counted
  /// \param own    the user's columns; none where they aren't asked
  template <class Report>
  void write(std::string_view event, detail::LogPlace place, const Report& report, const Since& since,
             const std::optional<GradientReport>& gradients, const std::vector<double>& own) {
    constexpr bool pair = Net::heads == 2;
    const auto cell = [](bool there, double number) { return there ? std::optional{number} : std::nullopt; };
    const auto norm = [&](bool there, double GradientReport::*of) {
      return gradients && there ? std::optional{(*gradients).*of} : std::nullopt;
    };
    const Losses& losses = report.losses;
    const auto seconds = std::chrono::duration<double>(Clock::now() - start_).count();
    std::vector<std::optional<double>> cells{seconds_before_ + seconds,
                                             static_cast<double>(since.samples) / (seconds - since.seconds),
                                             report.rate,
                                             cell(pair, report.hint_weight),
                                             losses.light,
                                             cell(pair, losses.booster),
                                             cell(pair, losses.hint),
                                             cell(Trainer::has_teacher, losses.teacher),
                                             losses.light_error,
                                             cell(pair, losses.booster_error),
                                             cell(pair, losses.agreement),
                                             norm(pair, &GradientReport::shared),
                                             norm(true, &GradientReport::light),
                                             norm(pair, &GradientReport::booster),
                                             gradients ? gradients->cosine : std::nullopt};
    cells.insert(cells.end(), own.begin(), own.end());
    cells.resize(cells.size() + plan_.columns.size() - own.size());
    file_ << format_.row(event, place, cells) << std::flush;
    check();
    row_ = {seconds};
  }
  /// Whether a step of that epoch did.
  static bool passes_a_multiple(long of, const EpochReport& report) {
    const long before = report.epoch * report.steps;
    return of > 0 && (before + report.steps) / of > before / of;
  }
  void check() const {
    if (!file_) throw FileError(path_, "", "a file that can be written", std::generic_category().message(errno));
  }

  Trainer* trainer_;
  std::string path_;
  LogPlan plan_;
  detail::LogFormat format_;
  std::ofstream file_;
  Clock::time_point start_ = Clock::now();
  double seconds_before_ = 0;  ///< of training before the run was taken up
  Since row_, epoch_;
};

}  // namespace rocket
