#pragma once
#include <cmath>
#include <cstddef>
#include <span>

namespace rocket::detail {

/// Where the first number stands that is infinite or none at all; the size where all are finite.
template <class T>
std::size_t first_not_finite(std::span<const T> numbers) {
  std::size_t i = 0;
  while (i < numbers.size() && std::isfinite(numbers[i])) ++i;
  return i;
}

}  // namespace rocket::detail
