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

}  // namespace rocket::kernels
