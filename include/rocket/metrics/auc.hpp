#pragma once
#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "rocket/metrics/metric.hpp"
#include "rocket/metrics/ranking.hpp"

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
    const detail::LogOdds<T> log_odds{logits};
    for (std::size_t k = classes_ - columns(); k < classes_; ++k) log_odds_.push_back(log_odds(k));
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
    return detail::doubled_pairs_in_order(ranked) / (2 * pairs);
  }

 private:
  /// Log-odds a sample: of two classes only those of the second, which are the first's with the sign turned.
  std::size_t columns() const { return classes_ == 2 ? 1 : classes_; }

  std::size_t classes_ = 0;
  std::vector<int> labels_;
  std::vector<double> log_odds_;  ///< samples x columns()
};

}  // namespace rocket
