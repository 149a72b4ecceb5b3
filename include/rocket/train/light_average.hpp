#pragma once
#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "rocket/core/error.hpp"
#include "rocket/train/callback.hpp"

namespace rocket {

namespace detail {
template <class Net>
struct LightOf {
  using type = Net;
};
template <class Net>
requires(Net::heads == 2) struct LightOf<Net> {
  using type = typename Net::light;
};
}  // namespace detail

/// A callback that averages the light net over the steps (the only net, where there is one head), its parameters and
/// its running statistics:
///
///     average <- average + (1 - decay) (net - average)
///
/// so that about the last 1 / (1 - decay) steps count. Until there were that many the average is the plain mean of all
/// steps, and where training started has no say (B. Polyak, A. Juditsky, "Acceleration of Stochastic Approximation by
/// Averaging", 1992). Training knows nothing of it.
///
///     LightAverage average{trainer, 0.999};
///     trainer.fit(train, {.epochs = 30}, average);
///     Predictor light{average.net()};
///
/// It remembers (callback.hpp), so give it to Checkpoints, too. What isn't finite stays in an average: after a
/// NonFiniteError take it from the last checkpoint.
template <class Trainer>
class LightAverage {
  using Whole = std::remove_cvref_t<decltype(std::declval<const Trainer&>().net())>;

 public:
  using Net = typename detail::LightOf<Whole>::type;  ///< what is averaged
  using T = typename Net::Scalar;                     ///< its numbers
  static_assert(Net::NetTables::count == 0,
                "rocket: LightAverage: to average tables would take a pass over all their rows in every step");

  /// \param trainer  must outlive this, and be the one that calls back
  /// \throws ValueError  unless 0 <= decay < 1
  explicit LightAverage(const Trainer& trainer, double decay = 0.999)
      : trainer_{&trainer}, decay_{decay}, net_{trainer.net().seed()} {
    if (!(decay >= 0 && decay < 1)) throw ValueError("decay", "at least 0 and below 1", std::to_string(decay));
    net_.template take_head<0>(trainer.net());
    parameters_ = runs(Whole::template parameter_pieces<0>(), Net::template parameter_pieces<0>(), Net::parameters);
    statistics_ = runs(Whole::template statistic_pieces<0>(), Net::template statistic_pieces<0>(), Net::statistics);
  }

  void on_step(const StepReport&) {
    const auto step = static_cast<T>(std::max(1 - decay_, 1 / ++steps_));
    pull(step, parameters_, trainer_->net().parameter_vector(), net_.parameter_vector());
    pull(step, statistics_, trainer_->net().statistic_vector(), net_.statistic_vector());
  }

  /// The average; before the first step the net as it was when this was made.
  const Net& net() const { return net_; }

  static constexpr std::string_view memory = "average";
  template <class Self, class Visit>
  static void each_memory(Self& self, const Visit& visit) {
    visit("parameters", self.net_.parameter_vector());
    visit("statistics", self.net_.statistic_vector());
    visit("steps", std::span{&self.steps_, 1});
  }

 private:
  /// Numbers that lie one behind the other in both nets.
  struct Run {
    std::size_t from, to, size;
  };
  /// The layers of the light net lie elsewhere in a pair than alone; those that stand twice in it, by name, count once.
  template <class From, class To>
  static std::vector<Run> runs(const From& from, const To& to, std::size_t size) {
    std::vector<Run> list;
    std::vector<bool> seen(size);
    for (std::size_t p = 0; p < to.size(); ++p)
      for (std::size_t i = 0; i < to[p].size; ++i) {
        const std::size_t there = from[p].offset + i, here = to[p].offset + i;
        if (seen[here]) continue;
        seen[here] = true;
        if (!list.empty() && there == list.back().from + list.back().size && here == list.back().to + list.back().size)
          ++list.back().size;
        else
          list.push_back({there, here, 1});
      }
    return list;
  }
  static void pull(T step, std::span<const Run> runs, std::span<const T> source, std::span<T> target) {
    for (const Run& run : runs) {
      const T* from = source.data() + run.from;
      T* to = target.data() + run.to;
      for (std::size_t i = 0; i < run.size; ++i) to[i] += step * (from[i] - to[i]);
    }
  }

  const Trainer* trainer_;
  double decay_;
  Net net_;
  std::vector<Run> parameters_, statistics_;
  double steps_ = 0;
};

}  // namespace rocket
