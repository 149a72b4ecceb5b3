#pragma once
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>

#include "rocket/core/bfloat16.hpp"
#include "rocket/core/buffer.hpp"
#include "rocket/core/parallel.hpp"
#include "rocket/core/simd.hpp"
#include "rocket/core/type_list.hpp"

/// \file
/// Y = X W + bias in float, with W copied once into fewer bits a number. A product of one row reads every weight for a
/// single multiplication, so its floor is the bytes of W; of many rows, multiplications.
///
///   - *bfloat16*: W rounded to nearest, sums in float. They are those of kernels/gemm.hpp, term by term, so Y is what
///     it would be with the rounded weights in float.
///   - *int8*: w = scale_j q with q in [-127, 127] and a scale for every column, |w|'s largest / 127. x is read as
///     step (u - zero) with u in [0, 127], from a range that was found before: what lies outside is cut to its ends.
///     Then y_j = step scale_j (sum of u q - zero sum of q) + bias_j, sums of integers (Jacob et al. 2018). Seven bits
///     of x, so that two products fit 16 bits: see add_byte_products.
///
/// W lies in *panels* of two vectors of columns, one panel behind the other, each in the order in which it is read. A
/// tile of Y is a few rows by a panel or, of a single row, a few panels: as many sums as hide how long one takes.
/// Every sum is one thread's, in the order of k; so nothing depends on the number of threads, nor on that of rows.

namespace rocket::kernels {

namespace detail {

/// Lanes of a vector of sums of so many columns: a register's, or the fewest that make one panel of them.
constexpr int panel_lanes(int columns) {
  return std::clamp(static_cast<int>(std::bit_ceil(static_cast<unsigned>(columns + 1) / 2)), 4, native_lanes<float>);
}

/// How bfloat16 lies in a panel: for every k a vector of pairs, column i in the lower half of lane i, column i + Lanes
/// in the upper one. So a shift and a mask make two vectors of floats of one that is read.
template <int Lanes>
struct BFloat16Terms {
  using Left = float;  ///< what stands beside one step of a panel
  using Sums = Simd<float, Lanes>;
  static constexpr int step_bytes = 4 * Lanes;
  static constexpr int most_panels = vector_registers / 16 * 6;  ///< beside each other in a tile

  [[gnu::always_inline]] static void read(const std::byte* from, Sums (&right)[2]) {
    using Words = Simd<std::uint32_t, Lanes>;
    const Words pairs = in_register(load_lanes<Lanes>(reinterpret_cast<const std::uint32_t*>(from)));
    right[0] = std::bit_cast<Sums>(pairs << 16);
    right[1] = std::bit_cast<Sums>(pairs & 0xffff0000u);
  }
  [[gnu::always_inline]] static Sums add(Sums sum, Sums left, Sums right) {
    return rocket::multiply_add(left, right, sum);
  }
};

/// How int8 lies in a panel: for every four k two vectors, a column's four numbers in one lane.
template <int Lanes>
struct Int8Terms {
  using Left = std::int32_t;
  using Sums = Simd<std::int32_t, Lanes>;
  static constexpr int step_bytes = 8 * Lanes;
  static constexpr int most_panels = vector_registers / 16 * 4;

  [[gnu::always_inline]] static void read(const std::byte* from, Sums (&right)[2]) {
    const auto* words = reinterpret_cast<const std::int32_t*>(from);
    right[0] = in_register(load_lanes<Lanes>(words));
    right[1] = in_register(load_lanes<Lanes>(words + Lanes));
  }
  [[gnu::always_inline]] static Sums add(Sums sum, Sums left, Sums right) {
    return add_byte_products<Lanes>(sum, left, right);
  }
};

/// A tile of Y: Rows by Panels panels.
/// \param left   of the first row; the other rows are `stride` further
/// \param right  all panels, of `steps` steps each
/// \param y      y.start(panel, sums) says what the two vectors of a panel begin with, y.finish(row, panel, sums) takes
///               what they come to
template <class Terms, int Rows, int Panels, class Y>
inline void small_tile(int row, int panel, int steps, const typename Terms::Left* left, long stride,
                       const std::byte* right, const Y& y) {
  using Sums = typename Terms::Sums;
  constexpr int lanes = rocket::detail::lanes_of<Sums>;
  const long panel_bytes = long{steps} * Terms::step_bytes;
  left += row * stride;
  right += panel * panel_bytes;
  Sums sum[Rows][Panels][2];
#pragma GCC unroll 24
  for (int r = 0; r < Rows; ++r)
#pragma GCC unroll 24
    for (int p = 0; p < Panels; ++p) y.start(panel + p, sum[r][p]);
  for (long k = 0; k < steps; ++k) {
    Sums number[Rows];
#pragma GCC unroll 24
    for (int r = 0; r < Rows; ++r) number[r] = broadcast<lanes>(left[r * stride + k]);
#pragma GCC unroll 24
    for (int p = 0; p < Panels; ++p) {
      Sums numbers[2];
      Terms::read(right + p * panel_bytes, numbers);
#pragma GCC unroll 24
      for (int r = 0; r < Rows; ++r) {
        sum[r][p][0] = Terms::add(sum[r][p][0], number[r], numbers[0]);
        sum[r][p][1] = Terms::add(sum[r][p][1], number[r], numbers[1]);
      }
    }
    right += Terms::step_bytes;
  }
#pragma GCC unroll 24
  for (int r = 0; r < Rows; ++r)
#pragma GCC unroll 24
    for (int p = 0; p < Panels; ++p) y.finish(row + r, panel + p, sum[r][p]);
}

/// Rows of a tile where there are as many.
inline constexpr int small_tile_rows = 4;

/// Rows [0, rows) of Y by panels [begin, end). What is left over of the rows goes one by one, by as many panels at once
/// as there are registers for, in shares of almost one size.
template <class Terms, class Y>
void small_product(int rows, int begin, int end, int steps, const typename Terms::Left* left, long stride,
                   const std::byte* right, const Y& y) {
  const int in_tiles = rows / small_tile_rows * small_tile_rows;
  for (int panel = begin; panel < end && in_tiles > 0; ++panel)
    for (int row = 0; row < in_tiles; row += small_tile_rows)
      small_tile<Terms, small_tile_rows, 1>(row, panel, steps, left, stride, right, y);
  for (int row = in_tiles; row < rows; ++row) {
    int shares = (end - begin + Terms::most_panels - 1) / Terms::most_panels;
    for (int panel = begin; shares > 0; --shares) {
      const int width = (end - panel) / shares;
      rocket::detail::for_each_index<Terms::most_panels>([&](auto i) {
        if (width == i + 1) small_tile<Terms, 1, i + 1>(row, panel, steps, left, stride, right, y);
      });
      panel += width;
    }
  }
}

/// Writes two vectors to where a row of Y has that panel, but what lies behind the row's end.
template <int Lanes>
[[gnu::always_inline]] inline void store_panel(float* row, int columns, int panel, const Simd<float, Lanes> (&of)[2]) {
  for (int half = 0; half < 2; ++half) {
    const int column = (2 * panel + half) * Lanes;
    if (columns - column >= Lanes)
      store_lanes(row + column, of[half]);
    else if (columns > column)
      store_some(row + column, of[half], columns - column);
  }
}

/// body(row, rows, begin, end) for blocks of rows by runs of panels, on several threads where they are worth it: a few
/// panels each, if there are fewer blocks than threads could take.
template <class Body>
void each_small_block(int rows, int block, int panels, Workers workers, double nanoseconds, const Body& body) {
  const int blocks = (rows + block - 1) / block;
  const int runs = workers.count() > 1 ? std::clamp(4 * workers.count() / blocks, 1, panels) : 1;
  parallel_for(blocks * runs, workers, nanoseconds, [&](int task) {
    const int row = task / runs * block, run = task % runs;
    body(row, std::min(block, rows - row), panels * run / runs, panels * (run + 1) / runs);
  });
}

/// Where the parts of one W lie, as numbers of float: the panels, then arrays of a number a column.
template <int Columns, int PanelNumbers>
struct SmallLayout {
  static constexpr int lanes = panel_lanes(Columns), panels = (Columns + 2 * lanes - 1) / (2 * lanes);
  static constexpr int padded = panels * 2 * lanes;  ///< columns that the panels have
  static constexpr int array(int i) { return panels * PanelNumbers + i * padded; }
};

/// Which four numbers of a row make a word, and in which order: those that lie a register apart, so that four registers
/// of integers become one of words by shifts. Behind the last four registers that are whole the registers are shorter.
template <int Inner>
struct Quads {
  static constexpr int lanes = native_lanes<float>, words = (Inner + 3) / 4;
  static constexpr int whole = Inner / (4 * lanes) * lanes;  ///< words of whole registers
  static constexpr int in_last = words - whole;              ///< words behind them
  static constexpr int room = (words + lanes - 1) / lanes * lanes;

  struct Spot {
    int word, byte;
  };
  static constexpr Spot spot(int k) {
    const int width = k < 4 * whole ? lanes : in_last, first = k < 4 * whole ? k / (4 * lanes) * lanes : whole;
    return {first + (k - 4 * first) % width, (k - 4 * first) / width};
  }

  /// x in seven bits: x / step + zero, rounded and cut to [0, 127].
  /// \param x   Inner numbers
  /// \param to  `room` words
  /// \return    0, or NaN where a number isn't finite
  static float quantise(const float* x, float steps_a_unit, float zero, std::int32_t* to) {
    using V = Simd<float, lanes>;
    const V least{}, most = broadcast<lanes>(127.0f);
    const V a_unit = broadcast<lanes>(steps_a_unit), shift = broadcast<lanes>(zero + 0.5f);
    V strange{};
    const auto quantised = [&](V numbers) {
      strange += numbers - numbers;
      const V steps = maximum(rocket::multiply_add(numbers, a_unit, shift), least);
      return converted_to<std::int32_t>(select(steps < most, steps, most));
    };
    const auto pack = [&](const auto& load) {
      return quantised(load(0)) | quantised(load(1)) << 8 | quantised(load(2)) << 16 | quantised(load(3)) << 24;
    };
    for (int word = 0; word < whole; word += lanes)
      store_lanes(to + word, pack([&](int byte) { return load_lanes<lanes>(x + 4 * word + byte * lanes); }));
    if constexpr (in_last > 0) {
      const float* last = x + 4 * whole;
      store_lanes(to + whole, pack([&](int byte) {
                    const int begin = std::min(byte * in_last, Inner - 4 * whole);
                    return load_some<lanes>(last + begin, std::min(in_last, Inner - 4 * whole - begin));
                  }));
    }
    return sum_of_lanes(strange);
  }
};

}  // namespace detail

/// Weights in bfloat16, inner x columns. (`numbers` of float hold them.)
template <int Inner, int Columns>
class BFloat16Weights {
  static constexpr int lanes = detail::panel_lanes(Columns);
  using Terms = detail::BFloat16Terms<lanes>;
  using Layout = detail::SmallLayout<Columns, Inner * lanes>;

  using Sums = typename Terms::Sums;
  /// The rows of y from one on.
  struct Y {
    const float* bias;
    float* y;
    void start(int panel, Sums (&sums)[2]) const {
      sums[0] = load_lanes<lanes>(bias + 2 * panel * lanes);
      sums[1] = load_lanes<lanes>(bias + (2 * panel + 1) * lanes);
    }
    void finish(int row, int panel, const Sums (&sums)[2]) const {
      detail::store_panel<lanes>(y + long{row} * Columns, Columns, panel, sums);
    }
  };

 public:
  static constexpr bool fits = true;                ///< whether so many rows can be multiplied with
  static constexpr int numbers = Layout::array(1);  ///< of float, that they fill

  /// \param weight  inner x columns
  /// \param bias    columns; null: 0
  /// \param to      `numbers` zeros, from where a cache line begins
  static void store(const float* weight, const float* bias, float* to) {
    for (int k = 0; k < Inner; ++k)
      for (int column = 0; column < Columns; ++column) {
        const int panel = column / (2 * lanes), lane = column % lanes, half = column / lanes % 2;
        const std::uint16_t bits = BFloat16{weight[long{k} * Columns + column]}.bits();
        std::memcpy(reinterpret_cast<std::uint16_t*>(to + (panel * long{Inner} + k) * lanes + lane) + half, &bits,
                    sizeof(bits));
      }
    if (bias) std::copy_n(bias, Columns, to + Layout::array(0));
  }

  /// y = x W + bias.
  /// \param x  rows x inner
  /// \param y  rows x columns, apart from x
  static void multiply(int rows, const float* x, const float* stored, float* y, Workers workers) {
    constexpr int block = 4 * detail::small_tile_rows;
    const double nanoseconds = nanoseconds_of_products(1.0 * rows * Inner * Columns);
    detail::each_small_block(rows, block, Layout::panels, workers, nanoseconds,
                             [&](int row, int count, int begin, int end) {
                               detail::small_product<Terms>(count, begin, end, Inner, x + long{row} * Inner, Inner,
                                                            reinterpret_cast<const std::byte*>(stored),
                                                            Y{stored + Layout::array(0), y + long{row} * Columns});
                             });
  }
};

/// Weights in int8, inner x columns, for an x in [low, high].
template <int Inner, int Columns>
class Int8Weights {
  static constexpr int lanes = detail::panel_lanes(Columns);
  using Terms = detail::Int8Terms<lanes>;
  using Quads = detail::Quads<Inner>;
  static constexpr int steps = Quads::words;
  using Layout = detail::SmallLayout<Columns, steps * 2 * lanes>;
  /// The arrays: what sums start from (integers), what a sum is multiplied by, the bias, and the map of x.
  static constexpr int starts = Layout::array(0), factors = Layout::array(1), biases = Layout::array(2),
                       map = Layout::array(3);

  using Sums = typename Terms::Sums;
  /// The rows of y from one on.
  struct Y {
    const float *stored, *strange;
    float* y;
    void start(int panel, Sums (&sums)[2]) const {
      const auto* from = reinterpret_cast<const std::int32_t*>(stored + starts) + 2 * panel * lanes;
      sums[0] = load_lanes<lanes>(from);
      sums[1] = load_lanes<lanes>(from + lanes);
    }
    void finish(int row, int panel, const Sums (&sums)[2]) const {
      Simd<float, lanes> found[2];
      for (int half = 0; half < 2; ++half) {
        const int column = (2 * panel + half) * lanes;
        const auto factor = load_lanes<lanes>(stored + factors + column);
        const auto bias = load_lanes<lanes>(stored + biases + column) + strange[row];
        found[half] = rocket::multiply_add(converted_to<float>(sums[half]), factor, bias);
      }
      detail::store_panel<lanes>(y + long{row} * Columns, Columns, panel, found);
    }
  };

  static constexpr int tiles = 4096 / Quads::room / detail::small_tile_rows;
  /// Rows that are quantised together, on the stack: as many as half of the first cache holds, and whole tiles.
  /// (Threads that share the panels of one block quantise it each for itself.)
  static constexpr int block = tiles == 0 ? 1 : std::min(tiles, 8) * detail::small_tile_rows;
  struct Quantised {
    alignas(cache_line) std::int32_t quads[block * Quads::room];
    float strange[block];
  };

 public:
  /// A sum of more terms could leave 32 bits: 127 * 127 of each, and as much of the start.
  static constexpr bool fits = Inner <= 65536;
  static constexpr int numbers = map + 2;  ///< of float, that they fill

  /// \param weight  inner x columns, finite
  /// \param bias    columns; null: 0
  /// \param low     what x is at least, 0 or below
  /// \param high    what x is at most, 0 or above
  /// \param to      `numbers` zeros, from where a cache line begins
  static void store(const float* weight, const float* bias, float low, float high, float* to) {
    const auto smallest = static_cast<double>(std::numeric_limits<float>::min());  // whose inverse is finite
    const double step = std::max((static_cast<double>(high) - static_cast<double>(low)) / 127, smallest);
    const int zero = static_cast<int>(std::lround(-static_cast<double>(low) / step));
    to[map] = static_cast<float>(1 / step);
    to[map + 1] = static_cast<float>(zero);
    for (int column = 0; column < Columns; ++column) {
      float largest = 0;
      for (int k = 0; k < Inner; ++k) largest = std::max(largest, std::abs(weight[long{k} * Columns + column]));
      const double scale = std::max(static_cast<double>(largest) / 127, smallest);
      std::int32_t sum = 0;
      for (int k = 0; k < Inner; ++k) {
        const auto q =
            static_cast<std::int8_t>(std::lround(static_cast<double>(weight[long{k} * Columns + column]) / scale));
        const int panel = column / (2 * lanes);
        const auto spot = Quads::spot(k);
        const long word = (panel * long{steps} + spot.word) * 2 * lanes + column % (2 * lanes);
        std::memcpy(reinterpret_cast<std::int8_t*>(to + word) + spot.byte, &q, 1);
        sum += q;
      }
      const std::int32_t start = -zero * sum;
      std::memcpy(to + starts + column, &start, sizeof(start));
      to[factors + column] = static_cast<float>(step * scale);
      to[biases + column] = bias ? bias[column] : 0;
    }
  }

  /// y = x W + bias, NaN all over where a number of x's row isn't finite.
  /// \param x  rows x inner
  /// \param y  rows x columns, apart from x
  static void multiply(int rows, const float* x, const float* stored, float* y, Workers workers) {
    const double nanoseconds = nanoseconds_of_products(1.0 * rows * Inner * Columns) / 2;
    detail::each_small_block(
        rows, block, Layout::panels, workers, nanoseconds, [&](int row, int count, int begin, int end) {
          Quantised rows_of_x;
          for (int r = 0; r < count; ++r)
            rows_of_x.strange[r] = Quads::quantise(x + (row + r) * long{Inner}, stored[map], stored[map + 1],
                                                   rows_of_x.quads + r * Quads::room);
          detail::small_product<Terms>(count, begin, end, steps, rows_of_x.quads, Quads::room,
                                       reinterpret_cast<const std::byte*>(stored),
                                       Y{stored, rows_of_x.strange, y + long{row} * Columns});
        });
  }
};

}  // namespace rocket::kernels
