#pragma once
#include <cstddef>

#include "rocket/kernels/softmax.hpp"
#include "rocket/metrics/metric.hpp"

namespace rocket {

/// The fraction of the samples on which all heads say the same, right or wrong; 1 where there is one head.
struct Agreement {
  std::size_t agreeing = 0;  ///< samples on which they do
  std::size_t samples = 0;   ///< all

  template <class T, std::size_t Heads>
  void add(const HeadLogits<T, Heads>& logits, int) {
    bool all = true;
    for (std::size_t h = 1; h < Heads; ++h) all = all && kernels::argmax(logits[h]) == kernels::argmax(logits[0]);
    agreeing += all;
    ++samples;
  }
  double value() const { return detail::mean(static_cast<double>(agreeing), samples); }
};

}  // namespace rocket
