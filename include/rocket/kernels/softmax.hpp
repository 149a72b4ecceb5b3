#pragma once
#include <cmath>
#include <cstddef>
#include <span>

namespace rocket::kernels {

/// The logarithms of softmax(logits / temperature). Logits are measured from the largest, so nothing overflows, and no
/// digits are lost where all of them are large.
template <class T>
struct LogSoftmax {
  T largest;
  T temperature;
  T log_sum;  ///< log sum_k exp((logits_k - largest) / temperature)
  T operator()(T logit) const { return (logit - largest) / temperature - log_sum; }
};

/// Writes softmax(logits / temperature) and returns its logarithm.
template <class T, std::size_t C>
LogSoftmax<T> softmax(std::span<const T, C> logits, std::span<T, C> probabilities, T temperature = 1) {
  T largest = logits[0];
  for (const T logit : logits) largest = logit > largest ? logit : largest;
  T sum = 0;
  for (std::size_t c = 0; c < logits.size(); ++c) {
    probabilities[c] = std::exp((logits[c] - largest) / temperature);
    sum += probabilities[c];
  }
  const T scale = 1 / sum;
  for (std::size_t c = 0; c < logits.size(); ++c) probabilities[c] *= scale;
  return {largest, temperature, std::log(sum)};
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
