#pragma once

namespace rocket {

/// The shape of one sample, known when the program is compiled: up to four extents, the last one innermost
/// (channels; NHWC once the batch is put in front). `Shape{64}` is 64 features, `Shape{32, 32, 3}` an RGB image.
struct Shape {
  int rank = 0;     ///< how many extents there are, 0 to 4
  int extent[4]{};  ///< outermost first; a plain array: compilers print it in one short pair of braces

  /// Of one number.
  constexpr Shape() = default;
  /// Of one to four extents, outermost first.
  template <class... Extents>
  requires(sizeof...(Extents) >= 1 && sizeof...(Extents) <= 4) constexpr explicit Shape(Extents... extents)
      : rank{sizeof...(Extents)}, extent{static_cast<int>(extents)...} {}

  /// Numbers in one sample.
  constexpr int size() const {
    int product = 1;
    for (int i = 0; i < rank; ++i) product *= extent[i];
    return product;
  }
  /// The innermost extent.
  constexpr int channels() const { return rank == 0 ? 1 : extent[rank - 1]; }
  /// How often the channels repeat: height times width, 1 for plain features.
  constexpr int positions() const { return size() / channels(); }

  constexpr bool operator==(const Shape&) const = default;
};

/// The shape a net reads, as a type: `Input<64>`, `Input<32, 32, 3>`.
template <int... Extents>
struct Input {
  static_assert(((Extents > 0) && ...), "rocket: Input: every extent must be positive");
  static constexpr Shape shape{Extents...};  ///< of one sample
};

}  // namespace rocket
