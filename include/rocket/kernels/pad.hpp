#pragma once
#include <algorithm>
#include <type_traits>

#include "rocket/core/simd.hpp"

namespace rocket::kernels {

/// Positions added around an image.
struct Border {
  int above = 0, below = 0, left = 0, right = 0;
  constexpr bool operator==(const Border&) const = default;
};

/// An image (height x width x channels) between zeros.
struct Padded {
  int height = 0, width = 0, channels = 0;  ///< of the image itself
  Border border;                            ///< the zeros around it

  /// Numbers in a row, its zeros included.
  constexpr int row() const { return (border.left + width + border.right) * channels; }
  /// Numbers in all rows.
  constexpr int size() const { return (border.above + height + border.below) * row(); }
  /// Numbers that must be copied to read the image as it is: all, or none where nothing is added.
  constexpr int copied() const { return border == Border{} ? 0 : size(); }
  constexpr bool operator==(const Padded&) const = default;
};

/// Reads an image as it is. (In registers: std::copy_n becomes a call of memmove for every row, which takes longer.)
struct AsIs {
  template <class T>
  void operator()(long pixels, int channels, const T* from, T* to) const {
    constexpr int lanes = native_lanes<T>;
    const long count = pixels * channels;
    long i = 0;
    for (; i + 4 * lanes <= count; i += 4 * lanes) {
      const auto a = load_lanes<lanes>(from + i), b = load_lanes<lanes>(from + i + lanes);
      const auto c = load_lanes<lanes>(from + i + 2 * lanes), d = load_lanes<lanes>(from + i + 3 * lanes);
      store_lanes(to + i, a);
      store_lanes(to + i + lanes, b);
      store_lanes(to + i + 2 * lanes, c);
      store_lanes(to + i + 3 * lanes, d);
    }
    std::copy_n(from + i, count - i, to + i);
  }
};

/// The image between its zeros, read through a view (layers/layer.hpp, is_view): copied to `scratch`, or where it lies
/// if it is read as it is and there are no zeros.
/// \param scratch P.size() numbers, P.copied() where it is read as it is
template <Padded P, class T, class View = AsIs>
const T* pad(const T* image, T* scratch, const View& view = {}) {
  if constexpr (P.copied() == 0 && std::is_same_v<View, AsIs>) {
    return image;
  } else {
    constexpr int inner = P.width * P.channels, left = P.border.left * P.channels, right = P.border.right * P.channels;
    T* to = std::fill_n(scratch, P.border.above * P.row(), T{0});
    for (int y = 0; y < P.height; ++y) {
      to = std::fill_n(to, left, T{0});
      view(P.width, P.channels, image + static_cast<long>(y) * inner, to);
      to += inner;
      to = std::fill_n(to, right, T{0});
    }
    std::fill_n(to, P.border.below * P.row(), T{0});
    return scratch;
  }
}

}  // namespace rocket::kernels
