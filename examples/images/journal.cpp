#include "images/journal.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <rocket/core/duration.hpp>

#include "support/format.hpp"

using support::format;

namespace {

constexpr double none = -1;  // in the memory: no number is less than 0 by more than rounding

/// All of a row but its epoch, in the order of the file.
constexpr std::size_t numbers_of_a_row = 12;
template <class Epoch, class Visit>
void each_number(Epoch& row, const Visit& visit) {
  visit(row.rate);
  visit(row.light_loss);
  visit(row.booster_loss);
  visit(row.hint_loss);
  visit(row.teacher_loss);
  visit(row.light_train_error);
  visit(row.booster_train_error);
  visit(row.light_test_error);
  visit(row.booster_test_error);
  visit(row.agreement);
  visit(row.seconds);
  visit(row.distance);
}

}  // namespace

Journal::Journal(const Settings& settings, double work)
    : settings_{settings}, terminal_{isatty(fileno(stderr)) != 0}, all_work_{work} {
  if (settings.curve.empty()) return;
  curve_.open(settings.curve);
  curve_ << "# " << settings.command << '\n'
         << "mode,sharing,hint,block,seed,epoch,rate,light_loss,booster_loss,hint_loss,teacher_loss,"
            "light_train_error,booster_train_error,light_test_error,booster_test_error,agreement,seconds,distance\n"
         << std::flush;
  if (!curve_) throw rocket::FileError(settings.curve, "", "a file that can be written", std::strerror(errno));
}

void Journal::begin(Mode mode, std::uint64_t seed, const Work& work) {
  work_ = work;
  mode_ = mode;
  seed_ = seed;
  images_ = 0;
  run_seconds_ = 0;
  epochs_.clear();
  memory_.assign(1 + numbers_of_a_row * static_cast<std::size_t>(settings_.epochs), 0);
  epoch_start_ = Clock::now();
}

void Journal::take_up(const rocket::TrainingPosition& at) {
  const double* number = &memory_[1];
  for (int epoch = 1; epoch <= at.epoch; ++epoch) {
    support::Epoch row;
    row.epoch = epoch;
    each_number(row, [&](auto& into) {
      if (*number != none) into = *number;
      ++number;
    });
    run_seconds_ += row.seconds;
    epochs_.push_back(row);
    if (curve_.is_open()) write(row);
  }
  images_ = at.steps > 0 ? static_cast<long>(at.samples) * at.step / at.steps : 0;
  all_work_ -= at.epoch * (work_.image * static_cast<double>(at.samples) + work_.test) +
               work_.image * static_cast<double>(images_);
  epoch_start_ = Clock::now() - std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>{memory_[0]});
}

void Journal::step(const rocket::StepReport& report) {
  images_ += report.batch;
  done_ += work_.image * report.batch;
  memory_[0] = since(epoch_start_);
  if (settings_.quiet || !terminal_ || since(shown_) < 0.5) return;
  shown_ = Clock::now();
  std::fprintf(stderr,
               "\r\033[K%s seed %llu  epoch %d/%d  step %ld/%ld  %.0f images/s  %s left  loss %.3f  error %.1f %%",
               word(mode_), static_cast<unsigned long long>(seed_), report.epoch + 1, report.epochs, report.step + 1,
               report.steps, static_cast<double>(images_) / since(epoch_start_),
               rocket::detail::spell_duration(since(start_) / done_ * (all_work_ - done_)).c_str(), report.losses.light,
               100 * report.losses.light_error);
  std::fflush(stderr);
}

void Journal::trained() {
  epoch_seconds_ = since(epoch_start_);
  run_seconds_ += epoch_seconds_;
}

void Journal::epoch(const rocket::EpochReport& report, const Tested& tested) {
  done_ += work_.test;
  keep(row(report, tested));
  if (curve_.is_open()) write(epochs_.back());
  if (!settings_.quiet) {
    clear_line();
    std::string line = format("%-14s seed %llu  epoch %3d/%d  test error", word(mode_),
                              static_cast<unsigned long long>(seed_), report.epoch + 1, report.epochs);
    if (tested.light_error) line += format("  light %6.2f %%", 100 * *tested.light_error);
    if (tested.booster_error) line += format("  booster %6.2f %%", 100 * *tested.booster_error);
    if (tested.agreement) line += format("  agree %6.2f %%", 100 * *tested.agreement);
    line += "  loss";
    const rocket::Losses& losses = report.losses;
    line += format(trains_light(mode_) ? "  light %.4f" : "  booster %.4f", losses.light);
    if (tested.agreement) line += format("  booster %.4f", losses.booster);
    if (takes_hint(mode_) && tested.agreement) line += format("  hint %.4f", losses.hint);
    if (needs_teacher(mode_)) line += format("  teacher %.4g", losses.teacher);
    std::printf("%s  %.0f images/s\n", line.c_str(), static_cast<double>(report.samples) / epoch_seconds_);
    std::fflush(stdout);
  }
  images_ = 0;
  epoch_start_ = Clock::now();
}

void Journal::keep(const support::Epoch& row) {
  double* number = &memory_[1 + numbers_of_a_row * epochs_.size()];
  each_number(row, [&](std::optional<double> found) { *number++ = found.value_or(none); });
  memory_[0] = 0;
  epochs_.push_back(row);
}

support::Epoch Journal::row(const rocket::EpochReport& report, const Tested& tested) const {
  const bool pair = trains_light(mode_) && trains_booster(mode_);
  const auto if_there = [](bool there, double number) { return there ? std::optional{number} : std::nullopt; };
  const rocket::Losses& losses = report.losses;
  // The losses of a net alone stand under `light`, whatever its role.
  const double booster_loss = pair ? losses.booster : losses.light;
  const double booster_error = pair ? losses.booster_error : losses.light_error;
  return {.epoch = report.epoch + 1,
          .rate = report.rate,
          .light_loss = if_there(trains_light(mode_), losses.light),
          .booster_loss = if_there(trains_booster(mode_), booster_loss),
          .hint_loss = if_there(takes_hint(mode_) && pair, losses.hint),
          .teacher_loss = if_there(needs_teacher(mode_), losses.teacher),
          .light_train_error = if_there(trains_light(mode_), losses.light_error),
          .booster_train_error = if_there(trains_booster(mode_), booster_error),
          .light_test_error = tested.light_error,
          .booster_test_error = tested.booster_error,
          .agreement = tested.agreement,
          .seconds = epoch_seconds_,
          .distance = tested.distance};
}

void Journal::write(const support::Epoch& row) {
  const auto cell = [&](std::optional<double> number) { curve_ << ',' << (number ? format("%.7g", *number) : ""); };
  curve_ << word(mode_) << ',' << word(settings_.sharing) << ',' << (takes_hint(mode_) ? word(settings_.hint) : "")
         << ',' << (takes_block(mode_) ? word(settings_.block) : "") << ',' << seed_ << ',' << row.epoch;
  each_number(row, cell);
  curve_ << std::endl;
  if (!curve_) throw rocket::FileError(settings_.curve, "", "a file that can be written", std::strerror(errno));
}

void Journal::clear_line() const {
  if (!terminal_) return;
  std::fprintf(stderr, "\r\033[K");
  std::fflush(stderr);
}
