#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "rocket/kernels/log_sum_exp.hpp"
#include "rocket/metrics/metric.hpp"

namespace rocket {

/// The expected calibration error (Guo et al. 2017): samples go into bins of equal width by their confidence, the
/// largest probability; bin b takes those in (b/bins, (b+1)/bins]. With c samples right out of n in a bin,
///
///     sum over bins of n / samples |c / n - mean confidence|
///
/// which is 0 for a net that is right as often as it says, and at most 1.
struct CalibrationError {
  /// What the samples of one bin come to: a bar of the reliability diagram.
  struct Bin {
    std::size_t samples = 0;  ///< how many
    std::size_t right = 0;    ///< of which the decision is the label
    double confidence = 0;    ///< sum over the samples
  };
  int bins = 15;              ///< at least 1, else `add` throws ValueError; fixed from the first sample on
  std::vector<Bin> filled{};  ///< all bins; none before the first sample

  template <class T>
  void add(std::span<const T> logits, int label) {
    if (bins < 1) throw ValueError("CalibrationError::bins", "at least 1", std::to_string(bins));
    detail::check_label(label, logits.size());
    if (filled.empty()) filled.resize(static_cast<std::size_t>(bins));
    const kernels::LogSumExp softmax{logits};
    const double behind = std::ceil(softmax.confidence() * static_cast<double>(filled.size()));
    Bin& bin = filled[static_cast<std::size_t>(std::max(0.0, behind - 1))];  // of max(0, NaN) the first is taken
    ++bin.samples;
    bin.right += softmax.place == label;
    bin.confidence += softmax.confidence();
  }
  double value() const {
    double gaps = 0;
    std::size_t samples = 0;
    for (const Bin& bin : filled) {
      gaps += std::abs(static_cast<double>(bin.right) - bin.confidence);
      samples += bin.samples;
    }
    return detail::mean(gaps, samples);
  }
};

}  // namespace rocket
