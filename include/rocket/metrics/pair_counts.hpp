#pragma once
#include <cstddef>
#include <vector>

#include "rocket/metrics/metric.hpp"

namespace rocket {

/// How often each pair of classes came up: a square table, as large as the first pair says.
class PairCounts {
 public:
  /// Counts a pair. Throws ValueError if a class isn't in [0, classes), or there were other classes before.
  void add(int first, int second, std::size_t classes) {
    detail::check_label(first, classes);
    detail::check_label(second, classes);
    detail::agree_on_classes(classes_, classes);
    counts_.resize(classes * classes);
    ++counts_[place(first, second)];
  }
  /// How many classes there are; 0 before the first pair.
  int classes() const { return static_cast<int>(classes_); }
  /// How often that pair came up. Throws ValueError if a class isn't in [0, classes()).
  std::size_t operator()(int first, int second) const {
    detail::check_label(first, classes_);
    detail::check_label(second, classes_);
    return counts_[place(first, second)];
  }

 private:
  std::size_t place(int first, int second) const {
    return static_cast<std::size_t>(first) * classes_ + static_cast<std::size_t>(second);
  }

  std::size_t classes_ = 0;
  std::vector<std::size_t> counts_;
};

}  // namespace rocket
