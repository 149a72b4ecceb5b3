#pragma once
#include <array>
#include <cstddef>
#include <span>

#include "rocket/kernels/class_logits.hpp"
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
  if constexpr (C == 1) {
    const std::array<T, 2> of_classes = kernels::class_logits(logits);
    std::array<T, 2> both;
    const auto judged = judge(std::span<const T, 2>{of_classes}, label, std::span<T, 2>{both}, weight);
    gradient[0] = both[1];  // the other one doesn't move
    return judged;
  } else {
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
}

}  // namespace detail

/// H(y, p) = -log softmax(logits)[label] of one sample, safe at any logit. Writes its gradient with respect to the
/// logits, softmax(logits) - onehot(label). Of one logit z that is log(1 + exp(-z)) where the label is 1,
/// log(1 + exp(z)) where it is 0, and the gradient sigmoid(z) - label.
template <class T, std::size_t C>
T cross_entropy(std::span<const T, C> logits, int label, std::span<T, C> gradient) {
  return detail::judge(logits, label, gradient, T{1}).loss;
}

}  // namespace rocket
