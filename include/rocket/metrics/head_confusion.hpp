#pragma once
#include <algorithm>

#include "rocket/kernels/softmax.hpp"
#include "rocket/metrics/pair_counts.hpp"

namespace rocket {

/// What two heads say of the same samples, whatever the labels.
struct HeadConfusion {
  PairCounts counts;  ///< counts(3, 5): samples of which light says 3 and the booster 5

  template <class T>
  void add(const HeadLogits<T, 2>& logits, int) {
    counts.add(kernels::argmax(logits[0]), kernels::argmax(logits[1]), std::max(logits[0].size(), logits[1].size()));
  }
};

}  // namespace rocket
