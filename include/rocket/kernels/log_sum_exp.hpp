#pragma once
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>

namespace rocket::kernels {

/// log sum_k exp(logits_k) over a row of any length, in double; Softmax is the fast one of a length that the compiler
/// knows. Logits are measured from the largest, so nothing overflows. NaN where a logit is NaN or +infinity, or all are
/// -infinity.
struct LogSumExp {
  double largest;  ///< of the logits
  int place;       ///< where that is, as argmax says
  double rest;     ///< sum over all others of exp(logits_k - largest)

  /// \param without  a logit to leave out; none where there is no such place
  template <class T>
  explicit LogSumExp(std::span<const T> logits, int without = -1)
      : largest{-std::numeric_limits<double>::infinity()}, place{without == 0 ? 1 : 0} {
    const int count = static_cast<int>(logits.size());
    const T* const logit = logits.data();
    for (int k = 0; k < count; ++k)
      if (k != without && logit[k] > largest) {
        largest = logit[k];
        place = k;
      }
    rest = largest - largest;  // NaN where that isn't finite
    for (int k = 0; k < count; ++k)
      if (k != without && k != place) rest += std::exp(logit[k] - largest);
  }

  /// Of all that weren't left out.
  double value() const { return largest + std::log1p(rest); }
  /// The largest probability of softmax(logits).
  double confidence() const { return 1 / (1 + rest); }
  /// log softmax of one of the logits.
  double log_probability(double logit) const { return (logit - largest) - std::log1p(rest); }
};

}  // namespace rocket::kernels
