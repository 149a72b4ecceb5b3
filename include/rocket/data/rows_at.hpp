#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "rocket/core/error.hpp"

namespace rocket::detail {

/// Throws ValueError for an index that is not in [0, size).
inline void check_indices(std::span<const std::size_t> indices, std::size_t size) {
  for (const std::size_t index : indices)
    if (index >= size)
      throw ValueError("indices", "values in [0, " + std::to_string(size) + ")", std::to_string(index));
}

/// The rows at these indices, in this order, of an array with rows of `width` numbers.
template <class T>
std::vector<T> rows_at(const std::vector<T>& from, std::size_t width, std::span<const std::size_t> indices) {
  std::vector<T> rows;
  rows.reserve(indices.size() * width);
  for (const std::size_t index : indices) {
    const auto row = std::span{from}.subspan(index * width, width);
    rows.insert(rows.end(), row.begin(), row.end());
  }
  return rows;
}

}  // namespace rocket::detail
