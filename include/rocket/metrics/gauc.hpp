#pragma once
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "rocket/core/error.hpp"
#include "rocket/core/word.hpp"
#include "rocket/metrics/metric.hpp"
#include "rocket/metrics/ranking.hpp"

namespace rocket {

/// The grouped AUC (Zhou et al. 2018): the AUC of each user's samples, averaged over the users by how many samples
/// (impressions) they have. Users whose samples are all of one class have none and don't count. It asks how well each
/// user's list is ranked, not whether users who click more are told from those who click less.
///
///     Gauc{test.column("user")}
///
/// Of two classes; 20 bytes a sample are kept. Samples of nobody (Word::most_rows, an id that isn't known) don't count.
class Gauc {
 public:
  /// \param users  of each sample, in the order of the samples
  explicit Gauc(std::vector<std::uint32_t> users)
      : users_{std::make_shared<const std::vector<std::uint32_t>>(std::move(users))} {}

  /// Throws ValueError where there are not two classes, or more samples than users.
  template <class T>
  void add(std::span<const T> logits, int label) {
    if (logits.size() != 2) throw ValueError("logits", "2", std::to_string(logits.size()));
    detail::check_label(label, 2);
    if (samples_.size() == users_->size())
      throw ValueError("samples", std::to_string(users_->size()) + ", one a user that Gauc was given", "more");
    samples_.emplace_back(detail::LogOdds<T>{logits}(1), label == 1);
  }

  /// NaN where a logit wasn't finite. Throws ValueError where there weren't as many samples as users, and where no user
  /// has samples of both classes.
  double value() const {
    if (samples_.size() != users_->size())
      throw ValueError("samples", std::to_string(users_->size()) + ", one a user that Gauc was given",
                       std::to_string(samples_.size()));
    std::map<std::uint32_t, std::vector<std::pair<double, bool>>> by_user;
    for (std::size_t i = 0; i < samples_.size(); ++i) {
      if (std::isnan(samples_[i].first)) return samples_[i].first;
      if ((*users_)[i] != Word::most_rows) by_user[(*users_)[i]].push_back(samples_[i]);
    }
    double sum = 0;
    std::size_t impressions = 0;
    for (auto& [user, samples] : by_user) {
      std::size_t positives = 0;
      for (const auto& sample : samples) positives += sample.second;
      const std::size_t pairs = positives * (samples.size() - positives);
      if (pairs == 0) continue;
      const double auc = detail::doubled_pairs_in_order(samples) / (2 * static_cast<double>(pairs));
      sum += auc * static_cast<double>(samples.size());
      impressions += samples.size();
    }
    if (impressions == 0) throw ValueError("users", "at least one with samples of both classes", "none");
    return sum / static_cast<double>(impressions);
  }

 private:
  std::shared_ptr<const std::vector<std::uint32_t>> users_;
  std::vector<std::pair<double, bool>> samples_;
};

}  // namespace rocket
