#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "rocket/kernels/log_sum_exp.hpp"
#include "rocket/metrics/metric.hpp"

namespace rocket {

/// The area under the ROC curve: how likely it is that a sample of a class looks more like that class than a sample of
/// another does, ties counted half; 0.5 is chance. With two classes that is one number for both, with more the mean
/// over classes, each against the rest.
///
/// How much a sample looks like class k are its log-odds, log(p_k / (1 - p_k)) in double: the order of the
/// probabilities, but without the ties that those fall into next to 0 and 1. All are kept: 12 bytes a sample with two
/// classes, 4 + 8 classes with more. A logit that isn't finite makes the value NaN.
class Auc {
 public:
  /// Throws ValueError if there is one class only, or were other classes before.
  template <class T>
  void add(std::span<const T> logits, int label) {
    if (logits.size() < 2) throw ValueError("logits", "at least 2", std::to_string(logits.size()));
    detail::check_label(label, logits.size());
    detail::agree_on_classes(classes_, logits.size());
    labels_.push_back(label);
    const kernels::LogSumExp all{logits}, others{logits, all.place};
    const bool finite = std::all_of(logits.begin(), logits.end(), [](T logit) { return std::isfinite(logit); });
    for (std::size_t k = classes_ - columns(); k < classes_; ++k) {
      const double logit = logits[k], from_largest = logit - all.largest;
      // Of the largest logit's rest nothing may be lost to the largest.
      const double log_odds = static_cast<int>(k) == all.place
                                  ? logit - others.value()
                                  : from_largest - std::log1p(all.rest - std::exp(from_largest));
      log_odds_.push_back(finite ? log_odds : std::numeric_limits<double>::quiet_NaN());
    }
  }

  /// Throws ValueError before the first sample, and where of() does for some class.
  double value() const {
    double sum = 0;
    for (std::size_t k = 0; k < columns(); ++k) sum += of(static_cast<int>(k));
    return detail::mean(sum, columns());
  }
  /// That of one class against the rest. Throws ValueError if there is no sample of it, or none of another.
  double of(int k) const {
    detail::check_label(k, classes_);
    if (classes_ == 2) k = 1;
    const std::size_t column = classes_ == 2 ? 0 : static_cast<std::size_t>(k);
    std::vector<std::pair<double, bool>> ranked;
    ranked.reserve(labels_.size());
    for (std::size_t i = 0; i < labels_.size(); ++i)
      ranked.emplace_back(log_odds_[i * columns() + column], labels_[i] == k);
    const auto positives = static_cast<std::size_t>(std::count(labels_.begin(), labels_.end(), k));
    const std::size_t negatives = labels_.size() - positives;
    if (positives == 0 || negatives == 0)
      throw ValueError("labels", "samples of class " + std::to_string(k) + " and of others",
                       std::to_string(positives) + " and " + std::to_string(negatives));
    const double pairs = static_cast<double>(positives) * static_cast<double>(negatives);
    return doubled_pairs_in_order(ranked) / (2 * pairs);
  }

 private:
  /// Log-odds a sample: of two classes only those of the second, which are the first's with the sign turned.
  std::size_t columns() const { return classes_ == 2 ? 1 : classes_; }

  /// How many pairs of a positive and a negative have the positive's log-odds on top; twice, to count ties half. NaN
  /// where one is.
  static double doubled_pairs_in_order(std::vector<std::pair<double, bool>>& ranked) {
    const auto is_nan = [](const auto& sample) { return std::isnan(sample.first); };
    if (std::any_of(ranked.begin(), ranked.end(), is_nan)) return std::numeric_limits<double>::quiet_NaN();
    std::sort(ranked.begin(), ranked.end());
    std::uint64_t below = 0, doubled = 0;  // negatives below
    for (std::size_t i = 0; i < ranked.size();) {
      std::uint64_t tied[2]{};  // negatives, positives
      const double log_odds = ranked[i].first;
      for (; i < ranked.size() && ranked[i].first == log_odds; ++i) ++tied[ranked[i].second];
      doubled += tied[1] * (2 * below + tied[0]);
      below += tied[0];
    }
    return static_cast<double>(doubled);
  }

  std::size_t classes_ = 0;
  std::vector<int> labels_;
  std::vector<double> log_odds_;  ///< samples x columns()
};

}  // namespace rocket
