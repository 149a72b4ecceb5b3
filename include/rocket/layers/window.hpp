#pragma once
#include "rocket/layers/layer.hpp"

namespace rocket {

/// The square that a convolution or a pooling layer slides over an image:
/// `Window{.size = 3, .stride = 2, .padding = 1}`.
struct Window {
  int size = 3;     ///< positions on a side
  int stride = 1;   ///< positions from one place to the next
  int padding = 0;  ///< positions added on each of the four sides, below size

  /// How many places there are along a side of `inputs` positions.
  constexpr int places(int inputs) const { return stride < 1 ? 0 : (inputs + 2 * padding - size) / stride + 1; }
  /// The shape that sliding over an image (height x width x channels) leaves.
  constexpr Shape over(Shape in, int channels) const {
    return Shape{places(in.extent[0]), places(in.extent[1]), channels};
  }
  /// Whether it is a window at all.
  constexpr bool sound() const { return size >= 1 && stride >= 1 && padding >= 0 && padding < size; }
  /// Whether it fits into an image of that shape.
  constexpr bool fits(Shape in) const {
    return size <= in.extent[0] + 2 * padding && size <= in.extent[1] + 2 * padding;
  }

  constexpr bool operator==(const Window&) const = default;
};

namespace detail {

template <class Layer, class SizeStridePadding, bool sound>
struct WindowIsSound {
  static_assert(holds<sound, Layer, SizeStridePadding>,
                "rocket: Window: size and stride must be at least 1, the padding at least 0 and below the size");
  static constexpr bool ok = true;
};
template <class Layer, class ExpectedAtMost, class GotSize, bool sound>
struct WindowFitsTheImage {
  static_assert(holds<sound, Layer, ExpectedAtMost, GotSize>,
                "rocket: Window: its size is larger than the image with its padding");
  static constexpr bool ok = true;
};

/// Stops the build unless W can slide over an input of shape In: for `accepts`.
template <class Layer, Window W, Shape In>
class WindowSlides {
  static constexpr bool image = In.rank == 3, fits = !image || W.fits(In);
  using Sides = Expected<In.extent[0] + 2 * W.padding, In.extent[1] + 2 * W.padding>;

 public:
  static constexpr bool ok = WindowIsSound<Layer, Got<W.size, W.stride, W.padding>, W.sound()>::ok &&
                             LayerReadsImages<Layer, Expected<3>, Got<In>, image>::ok &&
                             WindowFitsTheImage<Layer, Sides, Got<W.size>, fits>::ok;
};

}  // namespace detail
}  // namespace rocket
