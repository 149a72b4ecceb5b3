/// \file
/// Rows of a table that a sample looks up.
#pragma once
#include <cstddef>

#include "rocket/kernels/row.hpp"

namespace rocket::kernels {

/// row = 0.
template <std::size_t D, class T>
void clear_row(T* row) {
  using Row = RegisterRow<T, D>;
  Row::each([&](auto r) { Row::store(row, r, typename Row::V{}); });
}

/// to = from.
template <std::size_t D, class T>
void copy_row(const T* from, T* to) {
  using Row = RegisterRow<T, D>;
  Row::each([&](auto r) { Row::store(to, r, Row::load(from, r)); });
}

/// to += factor * from.
template <std::size_t D, class T>
void add_row(T factor, const T* from, T* to) {
  using Row = RegisterRow<T, D>;
  Row::each([&](auto r) { Row::store(to, r, Row::load(to, r) + factor * Row::load(from, r)); });
}

/// Says that a row will be read soon: most rows of a big table are in no cache.
template <std::size_t D, class T>
void prefetch_row(const T* row) {
  constexpr std::size_t line = 64 / sizeof(T);
  for (std::size_t i = 0; i < D; i += line) __builtin_prefetch(row + i);
}

}  // namespace rocket::kernels
