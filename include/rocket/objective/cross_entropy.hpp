#pragma once
#include <cstddef>
#include <span>

#include "rocket/kernels/softmax.hpp"

namespace rocket {

/// H(y, p) = -log softmax(logits)[label] of one sample, safe at any logit. Writes its gradient with respect to the
/// logits, softmax(logits) - onehot(label).
template <class T, std::size_t C>
T cross_entropy(std::span<const T, C> logits, int label, std::span<T, C> gradient) {
  const auto log_softmax = kernels::softmax(logits, gradient);
  gradient[static_cast<std::size_t>(label)] -= 1;
  return -log_softmax(logits[static_cast<std::size_t>(label)]);
}

}  // namespace rocket
