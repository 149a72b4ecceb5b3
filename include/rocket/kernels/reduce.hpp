#pragma once
#include "rocket/core/simd.hpp"
#include "rocket/kernels/panels.hpp"

namespace rocket::kernels {

/// sum, Width numbers, takes what `rows` rows of as many add up to, in their order.
template <int Width, class T>
void add_rows(int rows, const T* from, T* sum) {
  constexpr int lanes = native_lanes<T>, last = Width % lanes;
  for (int row = 0; row < rows; ++row, from += Width) {
    for (int i = 0; i + lanes <= Width; i += lanes)
      store_lanes(sum + i, load_lanes<lanes>(sum + i) + load_lanes<lanes>(from + i));
    if constexpr (last > 0) {
      constexpr int i = Width - last;
      store_some(sum + i, load_some<lanes>(sum + i, last) + load_some<lanes>(from + i, last), last);
    }
  }
}

/// sum, Channels numbers, takes what `positions` rows of them add up to.
template <int Channels, class T>
void add_positions(int positions, const T* rows, T* sum) {
  detail::each_panel<T, Channels, detail::units>([&](auto lanes, auto vectors, int c) {
    using Sum = detail::Registers<T, lanes, 1>;
    detail::sum_rows<T, 1, Channels>(
        positions, lanes, vectors, [&](long at, auto) { return Sum{{load_lanes<lanes>(rows + c + at)}}; },
        [&](auto v, const Sum& of_rows) {
          T* into = sum + c + v * lanes;
          store_lanes(into, load_lanes<lanes>(into) + of_rows.of[0]);
        });
  });
}

}  // namespace rocket::kernels
