#pragma once
#include <cstddef>
#include <span>

#include "rocket/kernels/log_sum_exp.hpp"
#include "rocket/metrics/metric.hpp"

namespace rocket {

/// The log loss: -log softmax(logits)_label, natural logarithm, mean over the samples. It is the cross-entropy that
/// evaluate reports, but in double whatever the net computes in.
struct LogLoss {
  double sum = 0;           ///< over the samples
  std::size_t samples = 0;  ///< how many

  template <class T>
  void add(std::span<const T> logits, int label) {
    detail::check_label(label, logits.size());
    sum -= kernels::LogSumExp{logits}.log_probability(logits[static_cast<std::size_t>(label)]);
    ++samples;
  }
  double value() const { return detail::mean(sum, samples); }
};

}  // namespace rocket
