#pragma once
#include <cmath>
#include <cstddef>
#include <span>

namespace rocket::kernels {

/// Writes softmax(logits / temperature) and returns the logarithm of the sum it was divided by,
/// log sum_k exp(logits_k / temperature). The largest logit is taken out first, so nothing overflows at any logit.
template <class T, std::size_t C>
T softmax(std::span<const T, C> logits, std::span<T, C> probabilities, T temperature = 1) {
  T largest = logits[0];
  for (const T logit : logits) largest = logit > largest ? logit : largest;
  T sum = 0;
  for (std::size_t c = 0; c < logits.size(); ++c) {
    probabilities[c] = std::exp((logits[c] - largest) / temperature);
    sum += probabilities[c];
  }
  const T scale = 1 / sum;
  for (std::size_t c = 0; c < logits.size(); ++c) probabilities[c] *= scale;
  return largest / temperature + std::log(sum);
}

/// Where the largest number is; the first of equals.
template <class T, std::size_t C>
int argmax(std::span<const T, C> numbers) {
  std::size_t best = 0;
  for (std::size_t c = 1; c < numbers.size(); ++c)
    if (numbers[c] > numbers[best]) best = c;
  return static_cast<int>(best);
}

}  // namespace rocket::kernels
