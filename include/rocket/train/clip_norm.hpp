#pragma once
#include <array>
#include <cmath>
#include <span>

#include "rocket/core/parallel.hpp"

namespace rocket {

/// Scales the gradient of the whole net down to this Euclidean norm where it is longer. 0: never.
struct ClipNorm {
  double norm = 0;  ///< the longest that stays as it is
};

namespace detail {

/// The Euclidean norm, summed in double over 64 slices, which depend on nothing but the length.
template <class T>
double euclidean_norm(std::span<const T> numbers, int threads) {
  constexpr int slices = 64;
  std::array<double, slices> sums{};
  const std::size_t slice = (numbers.size() + slices - 1) / slices;
  parallel_for(slices, threads, 0.5 * static_cast<double>(numbers.size()), [&](int s) {
    const std::size_t begin = std::min(slice * static_cast<std::size_t>(s), numbers.size());
    const std::size_t end = std::min(begin + slice, numbers.size());
    double sum = 0;
    for (std::size_t i = begin; i < end; ++i) sum += static_cast<double>(numbers[i]) * static_cast<double>(numbers[i]);
    sums[static_cast<std::size_t>(s)] = sum;
  });
  tree_sum(sums.data(), slices, 1);
  return std::sqrt(sums[0]);
}

/// Returns the norm before clipping.
template <class T>
double clip(std::span<T> gradients, double norm, int threads) {
  const double length = euclidean_norm(std::span<const T>{gradients}, threads);
  if (length > norm) {
    const T factor = static_cast<T>(norm / length);
    for (T& g : gradients) g *= factor;
  }
  return length;
}

}  // namespace detail
}  // namespace rocket
