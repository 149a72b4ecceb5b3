#pragma once
#include <algorithm>
#include <cstddef>
#include <type_traits>
#include <utility>

#include "rocket/core/buffer.hpp"
#include "rocket/core/parallel.hpp"
#include "rocket/core/simd.hpp"
#include "rocket/kernels/prefetch.hpp"

/// \file
/// The product of two matrices, C = A B, of factors that lie in memory as they are or transposed (after Goto and van de
/// Geijn 2008):
///
///   - A *tile* of C, a few rows by a few vectors of columns, is summed in registers. A step of its sums reads some
///     vectors of B and a number of A for every row, and has more multiplications to do than loads.
///   - A *panel* is as many columns of B as a tile has, and so deep that it takes about half of the first cache. It is
///     packed: copied in the order in which tiles read it, and all tiles below each other do. A transposed B is
///     transposed on the way.
///   - A *block* is as many rows of A as the second cache holds, about, while all panels pass by.
///
/// With few rows no panel is used often enough to be worth its copy: B is read where it lies, once, as many columns at
/// a time as there are registers for. A single row, which the caches' bandwidth bounds, wants B in the very order in
/// which it lies: where the registers don't hold all of its sums, they wait in the first cache, and B *streams* by.
///
/// The floor is 2 rows inner Columns operations, and every number of A, B and C through memory once. What is moved more
/// often: C once for every 128 terms or more of its sums, A once for every panel, B once for every block.
///
/// Every number of C is one sum in the order of k, from its start on, whatever the tile, the panel, the block and the
/// thread it belongs to. So C doesn't depend on the number of threads, nor a row of C on how many rows there are.

namespace rocket::kernels {

/// A factor of a product: a matrix that belongs to somebody else. Element (i, j) is
/// data[i * row_stride + j * column_stride], and one of the strides is 1.
template <class T>
struct Factor {
  const T* data;       ///< element (0, 0)
  long row_stride;     ///< numbers from a row to the next
  long column_stride;  ///< numbers from a column to the next

  /// The matrix that begins at element (row, column).
  Factor at(long row, long column) const {
    return {data + row * row_stride + column * column_stride, row_stride, column_stride};
  }
};

/// The matrix whose element (i, j) is data[i * stride + j].
template <class T>
Factor<T> plain(const T* data, long stride) {
  return {data, stride, 1};
}
/// The matrix whose element (i, j) is data[j * stride + i]: the transpose of the one that lies there.
template <class T>
Factor<T> transposed(const T* data, long stride) {
  return {data, 1, stride};
}

/// Where a product goes, and what its sums start from.
template <class T>
struct Target {
  T* data;            ///< element (0, 0) of C
  long stride;        ///< numbers from a row of C to the next
  const T* start;     ///< what element (0, 0) starts from; null: all start from 0, and C is only written
  long start_stride;  ///< numbers to what the next row starts from; 0: all rows start alike

  /// The matrix that begins at element (row, column).
  Target at(long row, long column) const {
    return {data + row * stride + column, stride, start ? start + row * start_stride + column : nullptr, start_stride};
  }
  /// Goes on with the sums that are there.
  Target further() const { return {data, stride, data, stride}; }
};

/// \name C = A B; C += A B; every row of C = bias + the row of A B. C is contiguous, `columns` numbers a row
/// \{
template <class T>
Target<T> product_in(T* c, long columns) {
  return {c, columns, nullptr, 0};
}
template <class T>
Target<T> product_added_to(T* c, long columns) {
  return product_in(c, columns).further();
}
template <class T>
Target<T> product_and_bias_in(T* c, long columns, const T* bias) {
  return {c, columns, bias, 0};
}
/// \}

/// What is done to a sum before it is written: nothing.
struct Unchanged {
  template <class V>
  V operator()(V sums) const {
    return sums;
  }
};

namespace detail {

/// Vectors of sums in a tile: three quarters of the registers. The vectors of B and a number of A take the others.
inline constexpr int tile_sums = vector_registers / 4 * 3;
inline constexpr int tile_vectors = 3;  ///< across a tile of a packed product
inline constexpr int tile_rows = tile_sums / tile_vectors;

/// Rows of B in a panel of that many columns: 24 KB, and the rest of the first cache for A and C.
template <class T>
constexpr int panel_depth(int columns) {
  return 24576 / static_cast<int>(sizeof(T)) / columns;
}
/// Tiles below each other in a block.
inline constexpr int block_tiles = 512 / tile_rows;

/// How many steps of its sums before its turn a tile asks for numbers of a transposed A: a step finds them in a line of
/// its own, a row of A further on, which is more than a processor guesses.
inline constexpr long steps_ahead = 16;

/// Where the last vector of a tile may have less columns than lanes: nowhere, in C, or in B as well.
enum class Cut { none, in_c, in_both };

/// A tile of C. (Loops over its sums are told to be written out: g++ -O2 would leave them, and the sums in memory.)
/// \param skip     rows at its top that have no place in A and C: `a` and `c` begin with the one behind
/// \param columns  of the tile: Vectors * Lanes, or less by less than Lanes where it is cut
template <int Rows, int Vectors, int Lanes, Cut C, class T, class Epilogue>
inline void tile(int skip, int inner, Factor<T> a, Factor<T> b, int columns, Target<T> c, const Epilogue& epilogue) {
  using V = Simd<T, Lanes>;
  const int last = columns - (Vectors - 1) * Lanes;
  V sum[Rows][Vectors] = {};
  if (c.start) {
#pragma GCC unroll 24
    for (int r = 0; r < Rows; ++r) {
      if (r < skip) continue;
#pragma GCC unroll 24
      for (int v = 0; v < Vectors; ++v) {
        if (C != Cut::none && v == Vectors - 1)
          sum[r][v] = load_some<Lanes>(c.start + v * Lanes, last);
        else
          sum[r][v] = load_lanes<Lanes>(c.start + v * Lanes);
      }
      c.start += c.start_stride;
    }
  }
  const T* left[Rows];
#pragma GCC unroll 24
  for (int r = 0; r < Rows; ++r) left[r] = a.at(std::max(r - skip, 0), 0).data;
  for (long k = 0; k < inner; ++k) {
    if (Rows > 1 && a.column_stride != 1)
      __builtin_prefetch(left[0] + std::min(k + steps_ahead, inner - 1L) * a.column_stride);
    V right[Vectors];
#pragma GCC unroll 24
    for (int v = 0; v < Vectors; ++v) {
      if (C == Cut::in_both && v == Vectors - 1)
        right[v] = load_some<Lanes>(b.data + v * Lanes, last);
      else
        right[v] = load_lanes<Lanes>(b.data + v * Lanes);
      if (Rows > 1) right[v] = in_register(right[v]);  // a single row uses each once, and may have no register for them
    }
#pragma GCC unroll 24
    for (int r = 0; r < Rows; ++r) {
      const V number = broadcast<Lanes>(left[r][k * a.column_stride]);
#pragma GCC unroll 24
      for (int v = 0; v < Vectors; ++v) sum[r][v] = rocket::multiply_add(number, right[v], sum[r][v]);
    }
    b.data += b.row_stride;
  }
#pragma GCC unroll 24
  for (int r = 0; r < Rows; ++r) {
    if (r < skip) continue;
#pragma GCC unroll 24
    for (int v = 0; v < Vectors; ++v) {
      if (C != Cut::none && v == Vectors - 1)
        store_some(c.data + v * Lanes, epilogue(sum[r][v]), last);
      else
        store_lanes(c.data + v * Lanes, epilogue(sum[r][v]));
    }
    c.data += c.stride;
  }
}

/// The tiles below each other in rows [begin, end) of C. Where less than Rows are left, the last tile skips some. Where
/// sums go on that are there, those of the tile below are asked for meanwhile: it would begin by waiting for them.
template <int Rows, int Vectors, int Lanes, Cut C, class T, class Epilogue>
inline void tiles(int begin, int end, int inner, Factor<T> a, Factor<T> b, int columns, Target<T> c,
                  const Epilogue& epilogue) {
  for (int row = begin; row < end; row += Rows) {
    if (c.start == c.data)
      for (int below = row + Rows; below < std::min(row + 2 * Rows, end); ++below)
        prefetch(c.at(below, 0).data, columns);
    tile<Rows, Vectors, Lanes, C>(std::max(row + Rows - end, 0), inner, a.at(row, 0), b, columns, c.at(row, 0),
                                  epilogue);
  }
}

/// Makes rows of what were columns. Every stage riffles the first half of the registers with the second; after as many
/// stages as the number of lanes has bits, the numbers of lane and register have changed places.
template <class T, int Lanes>
inline void transpose_registers(Simd<T, Lanes> (&row)[static_cast<std::size_t>(Lanes)]) {
  constexpr int half = Lanes / 2;
  const auto riffle = [&]<int... L>(std::integer_sequence<int, L...>) {
    Simd<T, Lanes> riffled[Lanes];
#pragma GCC unroll 24
    for (int i = 0; i < half; ++i) {
      riffled[2 * i] = __builtin_shufflevector(row[i], row[i + half], (L / 2 + L % 2 * Lanes)...);
      riffled[2 * i + 1] = __builtin_shufflevector(row[i], row[i + half], (half + L / 2 + L % 2 * Lanes)...);
    }
#pragma GCC unroll 24
    for (int i = 0; i < Lanes; ++i) row[i] = riffled[i];
  };
#pragma GCC unroll 24
  for (int stage = 1; stage < Lanes; stage *= 2) riffle(std::make_integer_sequence<int, Lanes>{});
}

/// Copies a panel of B, `inner` rows by `columns` numbers, to rows of Vectors * Lanes; the columns behind are 0.
template <int Vectors, int Lanes, class T>
inline void pack_plain(int inner, int columns, Factor<T> b, T* panel) {
  const int last = columns - (Vectors - 1) * Lanes;
  for (int k = 0; k < inner; ++k) {
#pragma GCC unroll 24
    for (int v = 0; v < Vectors - 1; ++v) store_lanes(panel + v * Lanes, load_lanes<Lanes>(b.data + v * Lanes));
    store_lanes(panel + (Vectors - 1) * Lanes, load_some<Lanes>(b.data + (Vectors - 1) * Lanes, last));
    b.data += b.row_stride;
    panel += Vectors * Lanes;
  }
}
/// The same of a transposed B: Lanes x Lanes numbers at a time change rows for columns in registers.
template <int Vectors, int Lanes, class T>
inline void pack_transposed(int inner, int columns, Factor<T> b, T* panel) {
  for (int k = 0; k < inner; k += Lanes) {
    const int depth = std::min(Lanes, inner - k);
    for (int v = 0; v < Vectors; ++v) {
      Simd<T, Lanes> row[Lanes];
#pragma GCC unroll 24
      for (int i = 0; i < Lanes; ++i) {
        const int column = v * Lanes + i, numbers = column < columns ? depth : 0;
        const T* from = b.data + column * b.column_stride + k;
        row[i] = numbers == Lanes ? load_lanes<Lanes>(from) : load_some<Lanes>(from, numbers);
      }
      transpose_registers<T, Lanes>(row);
#pragma GCC unroll 24
      for (int i = 0; i < Lanes; ++i)
        if (i < depth) store_lanes(panel + ((k + i) * Vectors + v) * Lanes, row[i]);
    }
  }
}

/// Rows [begin, end) of a block by the columns of a panel, which is packed on the stack, one depth after the other: it
/// belongs to its thread alone and stays in that one's first cache.
template <int Vectors, int Lanes, Cut C, class T, class Epilogue>
inline void packed_product(int begin, int end, int inner, Factor<T> a, Factor<T> b, int columns, Target<T> c,
                           const Epilogue& epilogue) {
  constexpr int width = Vectors * Lanes, most = panel_depth<T>(width);
  alignas(cache_line) T panel[most * width];
  const auto go_on = [&](int k, int depth, const auto& finish) {
    if (b.column_stride == 1)
      pack_plain<Vectors, Lanes>(depth, columns, b.at(k, 0), panel);
    else
      pack_transposed<Vectors, Lanes>(depth, columns, b.at(k, 0), panel);
    tiles<tile_rows, Vectors, Lanes, C>(begin, end, depth, a.at(0, k), plain<T>(panel, width), columns, c, finish);
    c = c.further();
  };
  int k = 0;
  for (; k + most < inner; k += most) go_on(k, most, Unchanged{});
  go_on(k, inner - k, epilogue);
}

/// Columns cut into as few panels of at most `Most` vectors as there can be; their widths differ by one vector at most.
template <int Columns, int Most, int Lanes>
struct Panels {
  static constexpr int vectors = (Columns + Lanes - 1) / Lanes;
  static constexpr int count = (vectors + Most - 1) / Most;
  static constexpr int narrow = vectors / count;     ///< vectors of the last panels
  static constexpr int wide_ones = vectors % count;  ///< how many before them have one more

  /// Whether the last vector of a panel so wide may have less columns than lanes.
  static constexpr bool cut(int width) { return width == narrow && Columns % Lanes != 0; }
  /// body(vectors, column, columns): the vectors as a type, the first column, and how many.
  template <class Body>
  static void visit(int panel, const Body& body) {
    const int column = (panel * narrow + std::min(panel, wide_ones)) * Lanes;
    if constexpr (wide_ones > 0)
      if (panel < wide_ones) return body(std::integral_constant<int, narrow + 1>{}, column, (narrow + 1) * Lanes);
    body(std::integral_constant<int, narrow>{}, column, std::min(narrow * Lanes, Columns - column));
  }
};

/// What a product of few rows takes, about: to read B.
template <class T>
double nanoseconds_to_read(int inner, int columns) {
  constexpr double bytes_a_nanosecond = 50;
  return static_cast<double>(sizeof(T)) / bytes_a_nanosecond * inner * columns;
}

/// A product of few rows, by as wide tiles as the registers hold.
template <int Columns, int Rows, int Lanes, class T, class Epilogue>
inline void flat_product(int rows, int inner, Factor<T> a, Factor<T> b, Target<T> c, Workers workers,
                         const Epilogue& epilogue) {
  using Split = Panels<Columns, tile_sums / Rows, Lanes>;
  parallel_for(Split::count, workers, nanoseconds_to_read<T>(inner, Columns), [&](int panel) {
    Split::visit(panel, [&](auto vectors, int column, int columns) {
      constexpr Cut cut = Split::cut(vectors) ? Cut::in_both : Cut::none;
      tiles<Rows, vectors, Lanes, cut>(0, rows, inner, a, b.at(0, column), columns, c.at(0, column), epilogue);
    });
  });
}

/// Adds Depth rows of B, each times its number of A, to one row of sums.
template <int Depth, int Lanes, class T, class Epilogue>
inline void add_rows_of_b(Factor<T> a, Factor<T> b, int columns, T* sums, const Epilogue& epilogue) {
  using V = Simd<T, Lanes>;
  V number[Depth];
  const T* row[Depth];
#pragma GCC unroll 24
  for (int d = 0; d < Depth; ++d) {
    number[d] = broadcast<Lanes>(*a.at(0, d).data);
    row[d] = b.at(d, 0).data;
  }
  int column = 0;
  for (; column + Lanes <= columns; column += Lanes) {
    V sum = load_lanes<Lanes>(sums + column);
#pragma GCC unroll 24
    for (int d = 0; d < Depth; ++d) sum = rocket::multiply_add(number[d], load_lanes<Lanes>(row[d] + column), sum);
    store_lanes(sums + column, epilogue(sum));
  }
  if (const int rest = columns - column) {
    V sum = load_some<Lanes>(sums + column, rest);
#pragma GCC unroll 24
    for (int d = 0; d < Depth; ++d) sum = rocket::multiply_add(number[d], load_some<Lanes>(row[d] + column, rest), sum);
    store_some(sums + column, epilogue(sum), rest);
  }
}

/// A product of one row that is too long for the registers.
template <int Columns, int Lanes, class T, class Epilogue>
inline void streamed_product(int inner, Factor<T> a, Factor<T> b, Target<T> c, Workers workers,
                             const Epilogue& epilogue) {
  constexpr int depth = 8, vectors = (Columns + Lanes - 1) / Lanes;
  constexpr int most = 8192 / static_cast<int>(sizeof(T)) / Lanes;  // vectors of a stretch: sums in the first cache
  const int stretches = std::max((vectors + most - 1) / most, std::min(workers.count(), vectors));
  const auto begin = [&](int stretch) { return static_cast<int>(long{vectors} * stretch / stretches) * Lanes; };
  parallel_for(stretches, workers, nanoseconds_to_read<T>(inner, Columns), [&](int stretch) {
    const int first = begin(stretch), columns = std::min(begin(stretch + 1), Columns) - first;
    const Target<T> to = c.at(0, first);
    for (int i = 0; i < columns; ++i) to.data[i] = to.start ? to.start[i] : T{0};
    Factor<T> numbers = a, rows = b.at(0, first);
    int left = inner;
    for (; left % depth != 0 && left > 1; --left) {
      add_rows_of_b<1, Lanes>(numbers, rows, columns, to.data, Unchanged{});
      numbers = numbers.at(0, 1), rows = rows.at(1, 0);
    }
    for (; left > depth; left -= depth) {
      add_rows_of_b<depth, Lanes>(numbers, rows, columns, to.data, Unchanged{});
      numbers = numbers.at(0, depth), rows = rows.at(depth, 0);
    }
    left == 1 ? add_rows_of_b<1, Lanes>(numbers, rows, columns, to.data, epilogue)
              : add_rows_of_b<depth, Lanes>(numbers, rows, columns, to.data, epilogue);
  });
}

}  // namespace detail

/// C = start + A B, with A rows x inner, B inner x Columns, C rows x Columns.
/// \tparam Columns  known when the program is compiled: so are the tiles, and what is left over of them
/// \param rows      of A and C
/// \param inner     terms of every sum, at least 1
/// \param c         C and its start, apart from A and B
/// \param workers   a task is a run of tiles, of one size but for one tile, and there are a few for each thread
/// \param epilogue  called with every sum before it is written, several as the lanes of a Simd: `V epilogue(V)`, a ReLU
///                  for one
template <int Columns, class T, class Epilogue = Unchanged>
void multiply(int rows, int inner, Factor<T> a, Factor<T> b, std::type_identity_t<Target<T>> c, Workers workers,
              const Epilogue& epilogue = {}) {
  constexpr int lanes = native_lanes<T>;
  if constexpr (Columns > detail::tile_sums * lanes)
    if (b.column_stride == 1 && rows == 1)
      return detail::streamed_product<Columns, lanes>(inner, a, b, c, workers, epilogue);
  if (b.column_stride == 1 && rows < 4)
    return detail::flat_product<Columns, 1, lanes>(rows, inner, a, b, c, workers, epilogue);
  if (b.column_stride == 1 && rows < 16)
    return detail::flat_product<Columns, detail::tile_rows, lanes>(rows, inner, a, b, c, workers, epilogue);

  // Tiles are numbered block by block, in a block panel by panel, in a panel downwards.
  using Split = detail::Panels<Columns, detail::tile_vectors, lanes>;
  const int tiles_down = (rows + detail::tile_rows - 1) / detail::tile_rows;
  const long tiles = long{tiles_down} * Split::count;
  const int parts = workers.count() > 1 ? static_cast<int>(std::min<long>(4 * workers.count(), tiles)) : 1;
  const double nanoseconds = nanoseconds_of_products(1.0 * rows * inner * Columns);
  parallel_for(parts, workers, nanoseconds, [&](int part) {
    const long end = tiles * (part + 1) / parts;
    for (long next = tiles * part / parts; next < end;) {
      constexpr long block_size = long{detail::block_tiles} * Split::count;
      const long block = next / block_size, in_block = next % block_size;
      const long block_height = std::min<long>(detail::block_tiles, tiles_down - block * detail::block_tiles);
      const long first = in_block % block_height, count = std::min(block_height - first, end - next);
      const int begin = static_cast<int>(block * detail::block_tiles + first) * detail::tile_rows;
      const int end_row = std::min(begin + static_cast<int>(count) * detail::tile_rows, rows);
      Split::visit(static_cast<int>(in_block / block_height), [&](auto vectors, int column, int columns) {
        constexpr detail::Cut cut = Split::cut(vectors) ? detail::Cut::in_c : detail::Cut::none;
        detail::packed_product<vectors, lanes, cut>(begin, end_row, inner, a, b.at(0, column), columns, c.at(0, column),
                                                    epilogue);
      });
      next += count;
    }
  });
}

}  // namespace rocket::kernels
