#pragma once
#include <algorithm>
#include <cstddef>
#include <type_traits>

#include "rocket/core/simd.hpp"
#include "rocket/core/type_list.hpp"

/// \file
/// Loops over rows of channels, channels innermost: registers run along the channels, so no number has to change its
/// lane. Where a row is narrower than four registers, several rows are worked on at once: four sums hide the latency of
/// an addition.

namespace rocket::kernels::detail {

/// A number that is known when the program is compiled, as an argument.
template <int Value>
using Constant = std::integral_constant<int, Value>;

/// Loops that must be written out: g++ -O2 leaves short ones as they are, and arrays that they index in memory.
using rocket::detail::for_each_index;

/// body(Constant<Lanes>, Constant<Vectors>, channel) for panels of Vectors * Lanes channels from `channel` on, as wide
/// as fit and halving the width towards the end.
template <int Channels, int Vectors, int Lanes, class Body>
inline void each_panel_from(int channel, const Body& body) {
  constexpr int width = Vectors * Lanes;
  if constexpr (width <= Channels)
    for (; channel + width <= Channels; channel += width) body(Constant<Lanes>{}, Constant<Vectors>{}, channel);
  if constexpr (Channels % width != 0) {
    if constexpr (Vectors > 1)
      each_panel_from<Channels, Vectors / 2, Lanes>(channel, body);
    else
      each_panel_from<Channels, 1, Lanes / 2>(channel, body);
  }
}
/// The same for all channels.
template <class T, int Channels, int Vectors, class Body>
inline void each_panel(const Body& body) {
  each_panel_from<Channels, Vectors, native_lanes<T>>(0, body);
}

/// Rows of a piece of a product, at most: their sums fit into the registers beside `Vectors` vectors of the right
/// factor and a number of the left one.
template <int Vectors>
inline constexpr int piece_rows = std::min(16, (vector_registers - 4) / Vectors);

/// A piece of a product, in registers while it is summed: Rows x Vectors * Lanes sums. All of it is inlined: sums that
/// are passed to a function lie in memory.
template <class T, int Rows, int Vectors, int Lanes>
struct Sums {
  Simd<T, Lanes> of[Rows][Vectors] = {};

  /// Starts all rows from `row`.
  [[gnu::always_inline]] void start(const T* row) {
#pragma GCC unroll 24
    for (int r = 0; r < Rows; ++r)
#pragma GCC unroll 24
      for (int v = 0; v < Vectors; ++v) of[r][v] = load_lanes<Lanes>(row + v * Lanes);
  }
  /// Adds the product of a column, numbers that lie `stride` apart, and a row.
  [[gnu::always_inline]] void add_product(const T* column, long stride, const T* row) {
    Simd<T, Lanes> right[Vectors];
#pragma GCC unroll 24
    for (int v = 0; v < Vectors; ++v) {
      right[v] = load_lanes<Lanes>(row + v * Lanes);
      if (Rows > 1) right[v] = in_register(right[v]);
    }
#pragma GCC unroll 24
    for (int r = 0; r < Rows; ++r) {
      const Simd<T, Lanes> number = broadcast<Lanes>(column[r * stride]);
#pragma GCC unroll 24
      for (int v = 0; v < Vectors; ++v) of[r][v] = rocket::multiply_add(number, right[v], of[r][v]);
    }
  }
  /// Reads rows that lie `stride` apart.
  [[gnu::always_inline]] void load(const T* from, long stride) {
#pragma GCC unroll 24
    for (int r = 0; r < Rows; ++r)
#pragma GCC unroll 24
      for (int v = 0; v < Vectors; ++v) of[r][v] = load_lanes<Lanes>(from + r * stride + v * Lanes);
  }
  /// Writes them.
  [[gnu::always_inline]] void store(T* to, long stride) const {
#pragma GCC unroll 24
    for (int r = 0; r < Rows; ++r)
#pragma GCC unroll 24
      for (int v = 0; v < Vectors; ++v) store_lanes(to + r * stride + v * Lanes, of[r][v]);
  }
  /// Adds them to what is there.
  [[gnu::always_inline]] void add_to(T* into, long stride) const {
#pragma GCC unroll 24
    for (int r = 0; r < Rows; ++r)
#pragma GCC unroll 24
      for (int v = 0; v < Vectors; ++v) {
        T* at = into + r * stride + v * Lanes;
        store_lanes(at, load_lanes<Lanes>(at) + of[r][v]);
      }
  }
};

/// body(Constant<Size>, begin) for as few pieces of [0, Whole) of at most Most as there can be; their sizes differ by
/// one at most.
template <int Whole, int Most, class Body>
inline void each_even_piece(const Body& body) {
  constexpr int pieces = (Whole + Most - 1) / Most, small = Whole / pieces, large_ones = Whole % pieces;
  int begin = 0;
  if constexpr (large_ones > 0)
    for (; begin < large_ones * (small + 1); begin += small + 1) body(Constant<small + 1>{}, begin);
  for (; begin < Whole; begin += small) body(Constant<small>{}, begin);
}

/// Registers worked on at once.
inline constexpr int units = 4;

/// body(at, unit) for every register of a panel: `at` counts the numbers from the panel's first one; unit u, a
/// Constant, holds the channels of vector u % Vectors. The registers of one row, or of several where a row has less
/// than `units`. Always inlined: what the body captures shall live in registers.
template <int Channels, int Lanes, int Vectors, class Body>
[[gnu::always_inline]] inline void each_unit(long rows, const Body& body) {
  constexpr int rows_at_once = units / Vectors;
  long row = 0;
  for (; row + rows_at_once <= rows; row += rows_at_once)
    for_each_index<units>([&](auto u) { body((row + u / Vectors) * Channels + u % Vectors * Lanes, u); });
  for (; row < rows; ++row) for_each_index<Vectors>([&](auto u) { body(row * Channels + u * Lanes, u); });
}

/// `Sums` registers, to be returned.
template <class T, int Lanes, int Sums>
struct Registers {
  Simd<T, Lanes> of[Sums];
};

/// Sums over the rows of a panel: term(at, vector) returns what the register at `at` adds to each of the sums,
/// finish(vector, sums) gets them, once a vector. The order depends on the number of rows alone.
template <class T, int Sums, int Channels, int Lanes, int Vectors, class Term, class Finish>
inline void sum_rows(long rows, Constant<Lanes>, Constant<Vectors>, const Term& term, const Finish& finish) {
  Registers<T, Lanes, Sums> sum[units]{};
  each_unit<Channels, Lanes, Vectors>(rows, [&](long at, auto u) {
    const Registers<T, Lanes, Sums> terms = term(at, Constant<u % Vectors>{});
    for_each_index<Sums>([&](auto s) { sum[u].of[s] += terms.of[s]; });
  });
  if constexpr (Vectors < 2)
    for_each_index<2>([&](auto u) { for_each_index<Sums>([&](auto s) { sum[u].of[s] += sum[u + 2].of[s]; }); });
  if constexpr (Vectors < 4)
    for_each_index<Vectors>(
        [&](auto v) { for_each_index<Sums>([&](auto s) { sum[v].of[s] += sum[v + Vectors].of[s]; }); });
  for_each_index<Vectors>([&](auto v) { finish(v, sum[v]); });
}

/// body(first, count) for blocks of rows that stay in the first cache, in their order.
template <class T, int Channels, class Body>
inline void each_block(long rows, const Body& body) {
  constexpr long numbers = 16384 / sizeof(T);
  constexpr long block = std::max(8L, numbers / Channels / units * units);
  for (long first = 0; first < rows; first += block) body(first, std::min(block, rows - first));
}

}  // namespace rocket::kernels::detail
