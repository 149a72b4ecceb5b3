#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>

#include "rocket/kernels/log_sum_exp.hpp"

namespace rocket::detail {

/// How much a sample looks like class k: log(p_k / (1 - p_k)) in double, the order of the probabilities without the
/// ties that those fall into next to 0 and 1. NaN where a logit isn't finite.
template <class T>
class LogOdds {
 public:
  explicit LogOdds(std::span<const T> logits)
      : logits_{logits},
        all_{logits},
        others_{logits, all_.place},
        finite_{std::all_of(logits.begin(), logits.end(), [](T logit) { return std::isfinite(logit); })} {}

  double operator()(std::size_t k) const {
    if (!finite_) return std::numeric_limits<double>::quiet_NaN();
    const double logit = logits_[k], from_largest = logit - all_.largest;
    // Of the largest logit's rest nothing may be lost to the largest.
    return static_cast<int>(k) == all_.place ? logit - others_.value()
                                             : from_largest - std::log1p(all_.rest - std::exp(from_largest));
  }

 private:
  std::span<const T> logits_;
  kernels::LogSumExp all_, others_;  ///< of all logits, and of all but the largest
  bool finite_;
};

/// How many pairs of a positive and a negative have the positive's log-odds on top; twice, to count ties half. NaN
/// where one is. Sorts the samples.
inline double doubled_pairs_in_order(std::span<std::pair<double, bool>> samples) {
  const auto is_nan = [](const auto& sample) { return std::isnan(sample.first); };
  if (std::any_of(samples.begin(), samples.end(), is_nan)) return std::numeric_limits<double>::quiet_NaN();
  std::sort(samples.begin(), samples.end());
  std::uint64_t below = 0, doubled = 0;  // negatives below
  for (std::size_t i = 0; i < samples.size();) {
    std::uint64_t tied[2]{};  // negatives, positives
    const double log_odds = samples[i].first;
    for (; i < samples.size() && samples[i].first == log_odds; ++i) ++tied[samples[i].second];
    doubled += tied[1] * (2 * below + tied[0]);
    below += tied[0];
  }
  return static_cast<double>(doubled);
}

}  // namespace rocket::detail
