#pragma once
#include <algorithm>

#include "rocket/core/parallel.hpp"
#include "rocket/core/simd.hpp"

namespace rocket::kernels {

/// The left factor of a product, element (row, k) at data[row * row_stride + k * inner_stride]. Swapping the strides
/// transposes it at no cost: its elements are only ever broadcast.
template <class T>
struct Left {
  const T* data;      ///< element (0, 0)
  long row_stride;    ///< numbers from a row to the next
  long inner_stride;  ///< numbers from an element of a row to the next
};

namespace detail {

/// Rows x (Vectors * Lanes) numbers of C in registers: c += a b over `inner`, summed in the order of k.
template <int Rows, int Vectors, int Lanes, class T>
inline void tile(int inner, Left<T> a, const T* b, long b_stride, T* c, long c_stride) {
  Simd<T, Lanes> sum[Rows][Vectors];
  for (int r = 0; r < Rows; ++r)
    for (int v = 0; v < Vectors; ++v) sum[r][v] = load_lanes<Lanes>(c + r * c_stride + v * Lanes);
  for (int k = 0; k < inner; ++k) {
    Simd<T, Lanes> right[Vectors];
    for (int v = 0; v < Vectors; ++v) right[v] = load_lanes<Lanes>(b + k * b_stride + v * Lanes);
    for (int r = 0; r < Rows; ++r) {
      const T left = a.data[r * a.row_stride + k * a.inner_stride];
      for (int v = 0; v < Vectors; ++v) sum[r][v] += left * right[v];
    }
  }
  for (int r = 0; r < Rows; ++r)
    for (int v = 0; v < Vectors; ++v) store_lanes(c + r * c_stride + v * Lanes, sum[r][v]);
}

inline constexpr int tile_rows = 6;

/// A panel of Vectors * Lanes columns over rows [begin, end).
template <int Vectors, int Lanes, class T>
inline void panel(int begin, int end, int inner, Left<T> a, const T* b, long b_stride, T* c, long c_stride) {
  int row = begin;
  const auto left = [&] { return Left<T>{a.data + row * a.row_stride, a.row_stride, a.inner_stride}; };
  for (; row + tile_rows <= end; row += tile_rows)
    tile<tile_rows, Vectors, Lanes>(inner, left(), b, b_stride, c + row * c_stride, c_stride);
  for (; row < end; ++row) tile<1, Vectors, Lanes>(inner, left(), b, b_stride, c + row * c_stride, c_stride);
}

/// The columns from `column` on, in panels as wide as fit, halving the width towards the end.
template <int Columns, int Vectors, int Lanes, class T>
inline void panels(int column, int begin, int end, int inner, Left<T> a, const T* b, T* c) {
  constexpr int width = Vectors * Lanes;
  for (; column + width <= Columns; column += width)
    panel<Vectors, Lanes>(begin, end, inner, a, b + column, Columns, c + column, Columns);
  if constexpr (Columns % width != 0) {
    if constexpr (Vectors > 1)
      panels<Columns, 1, Lanes>(column, begin, end, inner, a, b, c);
    else if constexpr (Lanes > 1)
      panels<Columns, 1, Lanes / 2>(column, begin, end, inner, a, b, c);
  }
}

}  // namespace detail

/// C += A B with A rows x inner, B inner x Columns and C rows x Columns, both contiguous. Rows are split over threads;
/// every element is one sum in the order of k, whoever computes it.
template <int Columns, class T>
void multiply_add(int rows, int inner, Left<T> a, const T* b, T* c, int threads) {
  constexpr int vectors =
      sizeof(T) * native_lanes<T> == 64 ? 4 : 2;  // 24 of 32 registers with AVX-512, 12 of 16 otherwise
  constexpr int task_rows = 4 * detail::tile_rows;
  const double nanoseconds = 2.0 / 50 * rows * inner * Columns;
  parallel_for((rows + task_rows - 1) / task_rows, threads, nanoseconds, [&](int task) {
    const int begin = task * task_rows;
    detail::panels<Columns, vectors, native_lanes<T>>(0, begin, std::min(begin + task_rows, rows), inner, a, b, c);
  });
}

/// to = from^T, with from rows x columns; in blocks, so that both sides stay in the first cache.
template <class T>
void transpose(int rows, int columns, const T* from, T* to) {
  constexpr int block = 16;
  for (int r0 = 0; r0 < rows; r0 += block)
    for (int c0 = 0; c0 < columns; c0 += block)
      for (int r = r0; r < std::min(r0 + block, rows); ++r)
        for (int c = c0; c < std::min(c0 + block, columns); ++c)
          to[static_cast<long>(c) * rows + r] = from[static_cast<long>(r) * columns + c];
}

}  // namespace rocket::kernels
