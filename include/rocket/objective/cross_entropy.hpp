#pragma once
#include <cstddef>
#include <span>

#include "rocket/kernels/softmax.hpp"

namespace rocket {
namespace detail {

/// What comes of one sample's logits.
template <class T>
struct Judgement {
  T loss;        ///< -log softmax(logits)[label]
  int decision;  ///< the class with the largest logit, the first of equals
};

/// Reads the logits once, and writes `weight` times the gradient of the loss.
template <class T, std::size_t C>
Judgement<T> judge(std::span<const T, C> logits, int label, std::span<T, C> gradient, T weight) {
  using Row = kernels::RegisterRow<T, C>;
  const kernels::Softmax<T, C> softmax{logits.data()};
  const auto labelled = broadcast<Row::lanes>(static_cast<T>(label));
  const auto pull = broadcast<Row::lanes>(weight);
  Row::each([&](auto r) {
    const auto onehot = select(Row::index(r) == labelled, pull, typename Row::V{});
    Row::store(gradient.data(), r, weight * softmax.probabilities(r) - onehot);
  });
  return {-softmax.log(logits[static_cast<std::size_t>(label)]), softmax.largest.position};
}

}  // namespace detail

/// H(y, p) = -log softmax(logits)[label] of one sample, safe at any logit. Writes its gradient with respect to the
/// logits, softmax(logits) - onehot(label).
template <class T, std::size_t C>
T cross_entropy(std::span<const T, C> logits, int label, std::span<T, C> gradient) {
  return detail::judge(logits, label, gradient, T{1}).loss;
}

}  // namespace rocket
