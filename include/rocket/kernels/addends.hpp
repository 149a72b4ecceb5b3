#pragma once
#include "rocket/core/simd.hpp"

namespace rocket::kernels {

/// What is added to sums of products before they leave the first cache: no pass over memory of its own.
template <class T>
struct Addends {
  const T* bias = nullptr;   ///< a number a channel, or null
  const T* array = nullptr;  ///< of the output's shape, such as the other branch of a residual sum, or null

  /// For the sums that will lie `at` numbers behind the beginning of the output, the first one of `channel`.
  template <int Lanes>
  Simd<T, Lanes> load(long at, int channel) const {
    Simd<T, Lanes> sum{};
    if (bias) sum = load_lanes<Lanes>(bias + channel);
    if (array) sum += load_lanes<Lanes>(array + at);
    return sum;
  }
};

}  // namespace rocket::kernels
