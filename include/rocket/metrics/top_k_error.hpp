#pragma once
#include <cstddef>
#include <limits>
#include <span>
#include <string>

#include "rocket/metrics/metric.hpp"

namespace rocket {

/// The top-k error: the fraction of the samples whose label isn't among the k largest logits. Of equals the first count
/// as larger, as in a decision; NaN counts as -infinity. With k = 1 it is the error that evaluate reports.
struct TopKError {
  int k = 5;                ///< from 1 to the number of classes, else `add` throws ValueError
  std::size_t wrong = 0;    ///< samples whose label isn't
  std::size_t samples = 0;  ///< all

  template <class T>
  void add(std::span<const T> logits, int label) {
    if (k < 1 || static_cast<std::size_t>(k) > logits.size())
      throw ValueError("TopKError::k", "1 to " + std::to_string(logits.size()) + " (the classes)", std::to_string(k));
    detail::check_label(label, logits.size());
    const auto number = [&](std::size_t c) {
      return logits[c] == logits[c] ? logits[c] : -std::numeric_limits<T>::infinity();
    };
    const auto own = static_cast<std::size_t>(label);
    int before = 0;
    for (std::size_t c = 0; c < logits.size(); ++c)
      before += number(c) > number(own) || (number(c) == number(own) && c < own);
    wrong += before >= k;
    ++samples;
  }
  double value() const { return detail::mean(static_cast<double>(wrong), samples); }
};

}  // namespace rocket
