#pragma once
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "rocket/core/check.hpp"
#include "rocket/core/error.hpp"
#include "rocket/train/callback.hpp"

namespace rocket {

/// When BestSoFar has seen enough.
struct Patience {
  int epochs = 0;   ///< so many without a better score stop the training; 0: never
  double gain = 0;  ///< a score counts as better if it is lower than the best one by more than this
};

namespace detail {
template <class Score, bool sound>
struct ScoreIsANumber {
  static_assert(holds<sound, Score>, "rocket: BestSoFar: a score is called without arguments and returns a number");
  static constexpr bool ok = true;
};
}  // namespace detail

/// A callback that keeps the net of the best epoch, and stops where no better one comes (early stopping). What is good
/// is for a *hold-out* to say, samples that are neither trained on nor reported on: the best of many epochs on the test
/// part is a choice by the test part.
///
///     BestSoFar best{trainer, [&] { return trainer.evaluate(hold_out).light().error; }, {.epochs = 5}};
///     trainer.fit(train, {.epochs = 100}, best);
///     const auto report = evaluate(best.net(), ...);
///
/// It remembers (callback.hpp), so give it to Checkpoints, too.
///
/// \tparam Score  called without arguments after every epoch; returns a number, the lower the better
template <class Trainer, class Score>
class BestSoFar {
  static_assert(detail::ScoreIsANumber<Score, std::is_invocable_r_v<double, Score&>>::ok);

 public:
  /// What is kept.
  using Net = std::remove_cvref_t<decltype(std::declval<const Trainer&>().net())>;

  /// \param trainer  must outlive this, and be the one that calls back
  /// \throws ValueError  where the patience is less than none
  BestSoFar(const Trainer& trainer, Score score, Patience patience = {})
      : trainer_{&trainer}, score_of_{std::move(score)}, patience_{patience}, net_{trainer.net()} {
    if (patience.epochs < 0) throw ValueError("Patience::epochs", "at least 0", std::to_string(patience.epochs));
    if (!(patience.gain >= 0)) throw ValueError("Patience::gain", "at least 0", std::to_string(patience.gain));
  }

  /// \throws ValueError  where the score is no number
  Then on_epoch(const EpochReport& report) {
    numbers_[last] = static_cast<double>(score_of_());
    if (std::isnan(latest())) throw ValueError("BestSoFar, score", "a number", "nan");
    if (latest() < score() - patience_.gain) {
      net_ = trainer_->net();
      numbers_[best] = latest();
      numbers_[best_epoch] = report.epoch + 1;
    }
    const bool enough = report.epoch + 1 - epoch() >= patience_.epochs;
    return patience_.epochs > 0 && enough ? Then::stop : Then::go_on;
  }

  /// The net after the best epoch; before the first epoch, and while all scores are infinite, the net as it was when
  /// this was made.
  const Net& net() const { return net_; }
  /// The best score; infinite before the first epoch.
  double score() const { return numbers_[best]; }
  /// How many epochs had been trained for it; 0 before the first.
  int epoch() const { return static_cast<int>(numbers_[best_epoch]); }
  /// The score after the last epoch; none at all before the first.
  double latest() const { return numbers_[last]; }

  static constexpr std::string_view memory = "best";
  template <class Self, class Visit>
  static void each_memory(Self& self, const Visit& visit) {
    visit("parameters", self.net_.parameter_vector());
    visit("statistics", self.net_.statistic_vector());
    if constexpr (Net::NetTables::count > 0) visit("tables", self.net_.tables().vector());
    visit("numbers", std::span{self.numbers_});
  }

 private:
  enum Number : std::size_t { best, best_epoch, last };

  const Trainer* trainer_;
  Score score_of_;
  Patience patience_;
  Net net_;
  double numbers_[3] = {std::numeric_limits<double>::infinity(), 0, std::numeric_limits<double>::quiet_NaN()};
};

}  // namespace rocket
