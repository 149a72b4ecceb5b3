#pragma once
#include <algorithm>

#include "rocket/core/simd.hpp"

namespace rocket::kernels {

/// The mean of the squares of Count numbers.
template <int Count, class T>
T mean_square(const T* x) {
  constexpr int lanes = std::min(4, native_lanes<T>);  // more would take longer to add up in the end
  constexpr int whole = Count / lanes * lanes;
  Simd<T, lanes> sums{};
  for (int i = 0; i < whole; i += lanes) {
    const Simd<T, lanes> some = load_lanes<lanes>(x + i);
    sums += some * some;
  }
  T each[lanes];
  store_lanes(each, sums);
  for (int i = whole; i < Count; ++i) each[i - whole] += x[i] * x[i];
  for (int half = lanes / 2; half > 0; half /= 2)
    for (int i = 0; i < half; ++i) each[i] += each[i + half];
  return each[0] / Count;
}

}  // namespace rocket::kernels
