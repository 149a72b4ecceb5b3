#pragma once
#include <span>

#include "rocket/kernels/softmax.hpp"
#include "rocket/metrics/pair_counts.hpp"

namespace rocket {

/// The confusion matrix: what was taken for what.
struct Confusion {
  PairCounts counts;  ///< counts(3, 5): samples of class 3 that were taken for 5

  template <class T>
  void add(std::span<const T> logits, int label) {
    counts.add(label, kernels::argmax(logits), logits.size());
  }
};

}  // namespace rocket
