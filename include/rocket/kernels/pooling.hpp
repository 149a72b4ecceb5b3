#pragma once
#include <algorithm>

#include "rocket/core/shape.hpp"
#include "rocket/kernels/panels.hpp"
#include "rocket/kernels/reduce.hpp"

/// \file
/// Pooling of one image, height x width x channels. A window W slides over it: anything that has `size`, `stride`,
/// `padding` and `places(int)`, the places along a side. Positions beyond the border don't exist for it: they are never
/// the largest and don't count in a mean.

namespace rocket::kernels {

namespace detail {

/// The positions of the image that the window sees from one of its places, rows [top, bottom), columns [left, right).
struct Patch {
  int top, bottom, left, right;

  constexpr int count() const { return (bottom - top) * (right - left); }
};

/// body(place, patch) for every place of the window, in the order of rows.
template <auto W, Shape In, class Body>
inline void each_place(const Body& body) {
  constexpr int height = In.extent[0], width = In.extent[1], rows = W.places(height), columns = W.places(width);
  for (int row = 0; row < rows; ++row)
    for (int column = 0; column < columns; ++column) {
      const int y = row * W.stride - W.padding, x = column * W.stride - W.padding;
      body(row * columns + column,
           Patch{std::max(y, 0), std::min(y + W.size, height), std::max(x, 0), std::min(x + W.size, width)});
    }
}

/// body(at) for every position of a patch, in the order of rows; `at` is where its channels begin. Small windows are
/// written out where they see no border: then the loops cost more than the work.
template <auto W, Shape In, class Body>
[[gnu::always_inline]] inline void each_position(const Patch& patch, const Body& body) {
  constexpr long column_step = In.channels(), row_step = column_step * In.extent[1];
  const long first = patch.top * row_step + patch.left * column_step;
  if constexpr (W.size <= 3)
    if (patch.count() == W.size * W.size) {
      for_each_index<W.size * W.size>([&](auto i) { body(first + i / W.size * row_step + i % W.size * column_step); });
      return;
    }
  for (int y = 0; y < patch.bottom - patch.top; ++y)
    for (int x = 0; x < patch.right - patch.left; ++x) body(first + y * row_step + x * column_step);
}

/// The largest of a patch, lane by lane; NaN if one of them is.
template <auto W, Shape In, int Lanes, class T>
inline Simd<T, Lanes> largest(const Patch& patch, const T* x) {
  auto result = load_lanes<Lanes>(x + static_cast<long>(patch.top * In.extent[1] + patch.left) * In.channels());
  each_position<W, In>(patch, [&](long at) {
    const auto other = load_lanes<Lanes>(x + at);
    result = ((other > result) | (other != other)) ? other : result;
  });
  return result;
}

}  // namespace detail

/// y, an image of the window's places, gets the largest number of each channel that the window sees; NaN passes on.
template <auto W, Shape In, class T>
void max_pool(const T* x, T* y) {
  constexpr int channels = In.channels();
  detail::each_place<W, In>([&](int place, const detail::Patch& patch) {
    detail::each_panel<T, channels, 1>([&](auto lanes, auto, int c) {
      store_lanes(y + static_cast<long>(place) * channels + c, detail::largest<W, In, lanes>(patch, x + c));
    });
  });
}

/// dx gets each dy where its largest number is: at the first, in the order of rows, of those that are equal; of NaNs,
/// at the first NaN.
template <auto W, Shape In, class T>
void max_pool_backward(const T* x, const T* dy, T* dx) {
  constexpr int channels = In.channels();
  std::fill_n(dx, In.size(), T{0});
  detail::each_place<W, In>([&](int place, const detail::Patch& patch) {
    detail::each_panel<T, channels, 1>([&](auto lanes, auto, int c) {
      using V = Simd<T, lanes>;
      const V y = detail::largest<W, In, lanes>(patch, x + c);
      V left = load_lanes<lanes>(dy + static_cast<long>(place) * channels + c);  // until somebody takes it
      detail::each_position<W, In>(patch, [&](long at) {
        const V number = load_lanes<lanes>(x + c + at);
        const auto takes = (number == y) | (number != number);
        store_lanes(dx + c + at, load_lanes<lanes>(dx + c + at) + (takes ? left : V{}));
        left = takes ? V{} : left;
      });
    });
  });
}

/// y, an image of the window's places, gets the mean of what the window sees.
template <auto W, Shape In, class T>
void average_pool(const T* x, T* y) {
  constexpr int channels = In.channels();
  detail::each_place<W, In>([&](int place, const detail::Patch& patch) {
    const T share = 1 / static_cast<T>(patch.count());
    detail::each_panel<T, channels, 1>([&](auto lanes, auto, int c) {
      Simd<T, lanes> sum{};
      detail::each_position<W, In>(patch, [&](long at) { sum += load_lanes<lanes>(x + c + at); });
      store_lanes(y + static_cast<long>(place) * channels + c, sum * share);
    });
  });
}

/// dx gets of each dy an equal share wherever the window saw.
template <auto W, Shape In, class T>
void average_pool_backward(const T* dy, T* dx) {
  constexpr int channels = In.channels();
  std::fill_n(dx, In.size(), T{0});
  detail::each_place<W, In>([&](int place, const detail::Patch& patch) {
    const T share = 1 / static_cast<T>(patch.count());
    detail::each_panel<T, channels, 1>([&](auto lanes, auto, int c) {
      const auto each = load_lanes<lanes>(dy + static_cast<long>(place) * channels + c) * share;
      detail::each_position<W, In>(patch,
                                   [&](long at) { store_lanes(dx + c + at, load_lanes<lanes>(dx + c + at) + each); });
    });
  });
}

/// y, Channels numbers, gets the mean of `positions` rows of them.
template <int Channels, class T>
void mean_of_positions(int positions, const T* x, T* y) {
  std::fill_n(y, Channels, T{0});
  add_positions<Channels>(positions, x, y);
  for (int c = 0; c < Channels; ++c) y[c] /= static_cast<T>(positions);
}

/// dx, `positions` rows of Channels numbers, gets an equal share of dy in each.
template <int Channels, class T>
void mean_of_positions_backward(int positions, const T* dy, T* dx) {
  const T share = 1 / static_cast<T>(positions);
  detail::each_panel<T, Channels, detail::units>([&](auto lanes, auto vectors, int c) {
    Simd<T, lanes> each[vectors];
    detail::for_each_index<vectors>([&](auto v) { each[v] = load_lanes<lanes>(dy + c + v * lanes) * share; });
    detail::each_unit<Channels, lanes, vectors>(positions,
                                                [&](long at, auto u) { store_lanes(dx + c + at, each[u % vectors]); });
  });
}

}  // namespace rocket::kernels
