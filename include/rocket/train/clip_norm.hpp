#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <span>

#include "rocket/core/parallel.hpp"
#include "rocket/core/simd.hpp"
#include "rocket/core/type_list.hpp"

namespace rocket {

/// Scales the gradient of the whole net down to this Euclidean norm where it is longer. 0: never.
struct ClipNorm {
  double norm = 0;  ///< the longest that stays as it is
};

namespace detail {

/// The sum of the squares, in double: four registers of sums hide how long an addition takes. The order depends on the
/// size alone.
template <class T>
double sum_of_squares(std::span<const T> numbers) {
  constexpr int lanes = native_lanes<double>, sums = 4;
  constexpr std::size_t step = sums * lanes;
  using V = Simd<double, lanes>;
  V sum[sums]{};
  std::size_t i = 0;
  for (; i + step <= numbers.size(); i += step)
    for_each_index<sums>([&](auto s) {
      const V number = __builtin_convertvector(load_lanes<lanes>(numbers.data() + i + s * lanes), V);
      sum[s] += number * number;
    });
  double rest = 0;
  for (; i < numbers.size(); ++i) rest += static_cast<double>(numbers[i]) * static_cast<double>(numbers[i]);
  return sum_of_lanes((sum[0] + sum[1]) + (sum[2] + sum[3])) + rest;
}

/// The Euclidean norm, summed in double over 64 slices, which depend on nothing but the length.
template <class T>
double euclidean_norm(std::span<const T> numbers, Workers workers) {
  constexpr int slices = 64;
  std::array<double, slices> sums{};
  const std::size_t slice = (numbers.size() + slices - 1) / slices;
  parallel_for(slices, workers, 0.1 * static_cast<double>(numbers.size()), [&](int s) {
    const std::size_t begin = std::min(slice * static_cast<std::size_t>(s), numbers.size());
    const std::size_t end = std::min(begin + slice, numbers.size());
    sums[static_cast<std::size_t>(s)] = sum_of_squares(numbers.subspan(begin, end - begin));
  });
  tree_sum(sums.data(), slices, 1);
  return std::sqrt(sums[0]);
}

/// Shortens a gradient in several parts to that norm where it is longer. Returns the norm before.
template <class T, std::size_t Parts>
double clip(const std::array<std::span<T>, Parts>& gradients, double norm, Workers workers) {
  double length = 0;
  for (const std::span<T> part : gradients)
    length = std::hypot(length, euclidean_norm(std::span<const T>{part}, workers));
  if (length > norm) {
    const T factor = static_cast<T>(norm / length);
    for (const std::span<T> part : gradients)
      parallel_slices(part.size(), workers, 0.1 * static_cast<double>(part.size()),
                      [&](std::size_t begin, std::size_t end) {
                        for (std::size_t i = begin; i < end; ++i) part[i] *= factor;
                      });
  }
  return length;
}

}  // namespace detail
}  // namespace rocket
