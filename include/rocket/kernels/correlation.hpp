#pragma once
#include <array>
#include <cstddef>

#include "rocket/core/simd.hpp"
#include "rocket/core/type_list.hpp"
#include "rocket/kernels/addends.hpp"
#include "rocket/kernels/panels.hpp"

/// \file
/// The product that convolutions are made of. At every position (y, x) of an output image
///
///     out[y, x, o] = addend[y, x, o]
///                    + sum over runs, over j < length: in[y, x, run.input + j] weight[run.weight + j, o]
///
/// A run is a stretch of numbers of the input that lie side by side in memory and meet neighbouring rows of the weight
/// matrix: with channels innermost a whole row of the window is one. Sums stay in registers, a few positions by a few
/// vectors of outputs at a time, as in a matrix product (Goto, van de Geijn 2008); every sum goes in the order of the
/// runs, so no result depends on how the image is cut.

namespace rocket::kernels {

/// A stretch of the window.
struct Run {
  long input = 0;  ///< numbers from the position's first input to the stretch
  int weight = 0;  ///< its first row in the weight matrix
  int length = 0;  ///< numbers, and rows
};

/// The runs of a window, at most `Capacity`; neighbours that continue each other become one.
template <int Capacity>
struct Runs {
  std::array<Run, Capacity> each{};  ///< the first `count` are used
  int count = 0;                     ///< how many there are

  /// Adds a run behind the others.
  constexpr void append(Run next) {
    Run* last = count > 0 ? &each[static_cast<std::size_t>(count - 1)] : nullptr;
    if (last && next.input == last->input + last->length && next.weight == last->weight + last->length)
      last->length += next.length;
    else
      each[static_cast<std::size_t>(count++)] = next;
  }
  constexpr const Run* begin() const { return each.data(); }
  constexpr const Run* end() const { return each.data() + count; }
};

/// Two images side by side: how many positions, and how far apart they lie in each, in numbers.
struct Grid {
  int height = 0;      ///< positions
  int width = 0;       ///< positions
  int in_row = 0;      ///< from a position to the one below, in the input
  int in_pixel = 0;    ///< to the next in the row, in the input
  int out_row = 0;     ///< to the one below, in the output
  int out_pixel = 0;   ///< to the next in the row, in the output
  int weight_row = 0;  ///< from a row of the weight matrix to the next

  constexpr bool operator==(const Grid&) const = default;
};

namespace detail {

/// `Positions` neighbours in a row by Vectors * Lanes outputs.
template <Grid G, int Positions, int Vectors, int Lanes, class T, class Window>
inline void correlate_tile(const T* in, const T* weight, const Window& window, const T* bias, T* out) {
  Sums<T, Positions, Vectors, Lanes> sums;
  if (bias) sums.start(bias);
  for (const Run& run : window) {
    const T* left = in + run.input;
    const T* right = weight + static_cast<long>(run.weight) * G.weight_row;
    for (int j = 0; j < run.length; ++j, ++left, right += G.weight_row) sums.add_product(left, G.in_pixel, right);
  }
  sums.store(out, G.out_pixel);
}

/// Adds a row of positions, Vectors * Lanes outputs of each, to one that was just written.
template <Grid G, int Vectors, int Lanes, class T>
inline void add_row(const T* added, T* out) {
  for (int x = 0; x < G.width; ++x, added += G.out_pixel, out += G.out_pixel)
    for_each_index<Vectors>([&](auto v) {
      store_lanes(out + v * Lanes, load_lanes<Lanes>(out + v * Lanes) + load_lanes<Lanes>(added + v * Lanes));
    });
}

/// `Rows` rows of a run by Vectors * Lanes outputs of the weight gradient, summed over the whole image.
template <Grid G, int Rows, int Vectors, int Lanes, class T>
inline void weight_gradient_tile(const T* in, const T* out_gradient, T* weight_gradient) {
  Sums<T, Rows, Vectors, Lanes> sums;
  for (int y = 0; y < G.height; ++y) {
    const T* left = in + static_cast<long>(y) * G.in_row;
    const T* right = out_gradient + static_cast<long>(y) * G.out_row;
    for (int x = 0; x < G.width; ++x, left += G.in_pixel, right += G.out_pixel) sums.add_product(left, 1, right);
  }
  sums.add_to(weight_gradient, G.weight_row);
}

}  // namespace detail

/// The product at the head of this file, for one image and `Columns` outputs. Writes every number of the image.
/// \param out  the whole output   \param at where the image begins in it   \param channel the first output's
template <Grid G, int Columns, class T, class Window>
void correlate(const T* in, const T* weight, const Window& window, const Addends<T>& addends, T* out, long at,
               int channel) {
  detail::each_panel<T, Columns, 2>([&](auto lanes, auto vectors, int column) {
    const T* bias = addends.bias ? addends.bias + channel + column : nullptr;
    for (int y = 0; y < G.height; ++y) {
      const T* from = in + static_cast<long>(y) * G.in_row;
      const long row = at + static_cast<long>(y) * G.out_row + column;
      detail::each_even_piece<G.width, detail::piece_rows<vectors>>([&](auto positions, int x) {
        detail::correlate_tile<G, positions, vectors, lanes>(from + x * G.in_pixel, weight + column, window, bias,
                                                             out + row + x * G.out_pixel);
      });
      // Not in the tile: sums that may begin in two ways g++ keeps in memory.
      if (addends.array) detail::add_row<G, vectors, lanes>(addends.array + row, out + row);
    }
  });
}

/// Adds to the gradient of the weight matrix what one image contributes:
///
///     dweight[run.weight + j, o] += sum over (y, x) of in[y, x, run.input + j] dout[y, x, o]
///
/// \tparam Length  of every run
template <Grid G, int Columns, int Length, class T, class Window>
void correlate_weight_gradient(const T* in, const T* out_gradient, const Window& window, T* weight_gradient) {
  detail::each_panel<T, Columns, 2>([&](auto lanes, auto vectors, int column) {
    for (const Run& run : window) {
      T* into = weight_gradient + static_cast<long>(run.weight) * G.weight_row + column;
      detail::each_even_piece<Length, detail::piece_rows<vectors>>([&](auto rows, int row) {
        detail::weight_gradient_tile<G, rows, vectors, lanes>(in + run.input + row, out_gradient + column,
                                                              into + row * G.weight_row);
      });
    }
  });
}

}  // namespace rocket::kernels
