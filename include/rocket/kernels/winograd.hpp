#pragma once
#include <algorithm>

#include "rocket/core/parallel.hpp"
#include "rocket/core/simd.hpp"
#include "rocket/kernels/addends.hpp"
#include "rocket/kernels/convolution_sizes.hpp"
#include "rocket/kernels/flip.hpp"
#include "rocket/kernels/pad.hpp"
#include "rocket/kernels/panels.hpp"
#include "rocket/kernels/prefetch.hpp"

/// \file
/// Convolution with a 3x3 window and stride 1 by Winograd's minimal filtering F(4x4, 3x3) (Winograd 1980; Lavin, Gray
/// 2016): a tile of 4x4 outputs costs 36 multiplications a pair of channels in place of 144. A tile d of 6x6 inputs and
/// the window g are evaluated as polynomials at the points 0, +-a, +-b and infinity in both directions, multiplied
/// there, and taken back:
///
///     y = A^T ((G g G^T) * (B^T d B)) A        V = B^T d B,  U = G g G^T,  M = V U at each of the 36 points
///
///     dM = A dy A^T        dU = V^T dM at each point, summed over tiles        dg = G^T dU G
///
/// The products at a point, over channels and tiles, are products of matrices, and nearly all of the work. Here
/// a = 1 / sqrt(2) and b = sqrt(2): no number in the matrices is larger than 3; with the customary 1 and 2 some are 8.
///
/// Rounding is up to four times coarser than that of direct sums: in float, for normal inputs and weights of He's
/// deviation, 16 to 64 channels, the largest error is 7e-6 of the results' root mean square in place of 4e-6, the root
/// mean square 5e-7 to 1.5e-6 in place of 1.4e-7 to 5.6e-7. bench/accuracy prints them, tests/test_winograd.cpp holds
/// the largest to 3e-5, that of weight gradients to 1e-4.
///
/// The products aren't those of gemm.hpp: 36 at a time, of 16 rows and a few dozen columns, both factors in the second
/// cache at most and never worth packing.

namespace rocket::kernels {

namespace detail {

/// The one-dimensional transforms, with registers of channels as numbers. Sums of two products are spelled with b = 2
/// a, so that only one product of each can be fused with its addition: the bits don't depend on what the compiler
/// picks.
template <class T>
struct WinogradPoints {
  static constexpr T a = static_cast<T>(0.70710678118654752440L), b = static_cast<T>(1.41421356237309504880L);
  static constexpr T a2 = T{0.5}, b2 = T{2}, a3 = a2 * a;

  /// B^T d
  template <int Lanes>
  [[gnu::always_inline]] static Registers<T, Lanes, 6> of_input(const Registers<T, Lanes, 6>& d) {
    using V = Simd<T, Lanes>;
    const V even_a = d.of[4] - b2 * d.of[2], odd_a = d.of[3] - b2 * d.of[1];
    const V even_b = d.of[4] - a2 * d.of[2], odd_b = d.of[3] - a2 * d.of[1];
    return {{(d.of[0] + d.of[4]) - (a2 + b2) * d.of[2], even_a + a * odd_a, even_a - a * odd_a, even_b + b * odd_b,
             even_b - b * odd_b, (d.of[1] + d.of[5]) - (a2 + b2) * d.of[3]}};
  }
  /// A^T m
  template <int Lanes>
  [[gnu::always_inline]] static Registers<T, Lanes, 4> to_output(const Registers<T, Lanes, 6>& m) {
    using V = Simd<T, Lanes>;
    const V even_a = m.of[1] + m.of[2], odd_a = m.of[1] - m.of[2];
    const V even_b = m.of[3] + m.of[4], odd_b = m.of[3] - m.of[4];
    return {{(m.of[0] + even_a) + even_b, a * (odd_a + 2 * odd_b), a2 * (even_a + 4 * even_b),
             a3 * (odd_a + 8 * odd_b) + m.of[5]}};
  }
  /// A y
  template <int Lanes>
  [[gnu::always_inline]] static Registers<T, Lanes, 6> of_output(const Registers<T, Lanes, 4>& y) {
    using V = Simd<T, Lanes>;
    const V even_a = y.of[0] + a2 * y.of[2], odd_a = y.of[1] + a2 * y.of[3];
    const V even_b = y.of[0] + b2 * y.of[2], odd_b = y.of[1] + b2 * y.of[3];
    return {{y.of[0], even_a + a * odd_a, even_a - a * odd_a, even_b + b * odd_b, even_b - b * odd_b, y.of[3]}};
  }
  /// G g
  template <int Lanes>
  [[gnu::always_inline]] static Registers<T, Lanes, 6> of_window(const Registers<T, Lanes, 3>& g) {
    using V = Simd<T, Lanes>;
    constexpr T of_a = 1 / (2 * a2 * (a2 - b2)), of_b = 1 / (2 * b2 * (b2 - a2));
    const V even_a = of_a * (g.of[0] + a2 * g.of[2]), odd_a = (of_a * a) * g.of[1];
    const V even_b = of_b * (g.of[0] + b2 * g.of[2]), odd_b = (of_b * b) * g.of[1];
    return {{g.of[0], even_a + odd_a, even_a - odd_a, even_b + odd_b, even_b - odd_b, g.of[2]}};
  }
  /// G^T u
  template <int Lanes>
  [[gnu::always_inline]] static Registers<T, Lanes, 3> to_window(const Registers<T, Lanes, 6>& u) {
    using V = Simd<T, Lanes>;
    constexpr T of_a = 1 / (2 * a2 * (a2 - b2)), of_b = 1 / (2 * b2 * (b2 - a2));
    const V even_a = of_a * (u.of[1] + u.of[2]), odd_a = of_a * (u.of[1] - u.of[2]);
    const V even_b = of_b * (u.of[3] + u.of[4]), odd_b = of_b * (u.of[3] - u.of[4]);
    return {{(u.of[0] + even_a) + even_b, a * (odd_a + 2 * odd_b), (a2 * even_a + u.of[5]) + b2 * even_b}};
  }
};

/// Both directions of a two-dimensional transform: reads From x From registers, writes To x To.
template <int From, int To, class T, int Lanes, class Line, class Load, class Store>
[[gnu::always_inline]] inline void transform_tile(const Line& line, const Load& load, const Store& store) {
  Registers<T, Lanes, From> half[To];
  for_each_index<From>([&](auto j) {
    Registers<T, Lanes, From> column;
    for_each_index<From>([&](auto i) { column.of[i] = load(i, j); });
    const Registers<T, Lanes, To> done = line(column);
    for_each_index<To>([&](auto i) { half[i].of[j] = done.of[i]; });
  });
  for_each_index<To>([&](auto i) {
    const Registers<T, Lanes, To> done = line(half[i]);
    for_each_index<To>([&](auto j) { store(i, j, done.of[j]); });
  });
}

/// out = left right, Rows x Vectors * Lanes numbers in registers, left Rows x Inner and right Inner x Columns.
template <int Rows, int Vectors, int Lanes, int Inner, int Columns, class T>
inline void point_product(const T* left, const T* right, T* out) {
  Sums<T, Rows, Vectors, Lanes> sums;
  for (int k = 0; k < Inner; ++k, ++left, right += Columns) sums.add_product(left, Inner, right);
  sums.store(out, Columns);
}

/// sum += left^T right over `tiles` rows, Rows x Vectors * Lanes numbers in registers.
template <int Rows, int Vectors, int Lanes, int LeftColumns, int Columns, class Count, class T>
inline void point_gradient(Count tiles, const T* left, const T* right, T* into) {
  Sums<T, Rows, Vectors, Lanes> sums;
  sums.load(into, Columns);
  for (int t = 0; t < tiles; ++t, left += LeftColumns, right += Columns) sums.add_product(left, 1, right);
  sums.store(into, Columns);
}

}  // namespace detail

/// Where it is possible, and faster than direct sums: below eight channels the transforms cost more than they save, and
/// so do tiles that are hardly filled.
constexpr bool winograd_wins(const ConvolutionSizes& s) {
  const int tiles = (s.out_height() + 3) / 4 * ((s.out_width() + 3) / 4);
  return s.window == 3 && s.stride == 1 && s.groups == 1 && s.padding <= 2 && s.inputs >= 8 && s.outputs >= 8 &&
         s.out_height() * s.out_width() >= 6 * tiles;
}

/// The three passes of a convolution with a 3x3 window and stride 1, for some images, NHWC.
template <ConvolutionSizes S>
class Winograd {
  static constexpr int inputs = S.inputs, outputs = S.outputs;
  static constexpr int tiles_down = (S.out_height() + 3) / 4, tiles_across = (S.out_width() + 3) / 4;
  static constexpr long in_size = long{S.height} * S.width * inputs;
  static constexpr int tiles = tiles_down * tiles_across;
  static constexpr int points = 36;
  /// Tiles that go through the products together: enough to fill the registers, few enough for the second cache.
  static constexpr int block = 16;
  static constexpr bool whole_tiles = S.out_height() % 4 == 0 && S.out_width() % 4 == 0;
  /// The input between zeros, as far as the last tile reaches.
  static constexpr Padded padded_input{
      S.height,
      S.width,
      inputs,
      {S.padding, 4 * tiles_down + 2 - S.padding - S.height, S.padding, 4 * tiles_across + 2 - S.padding - S.width}};
  static constexpr int rounded(int numbers) { return (numbers + 15) / 16 * 16; }
  /// Numbers from a point to the next. A line more than there are: else the points of a tile would fall on few lines of
  /// the first cache.
  static constexpr int point_stride(int channels) { return rounded(block * channels) + 16; }
  static constexpr int in_point = point_stride(inputs), out_point = point_stride(outputs);
  static constexpr int padded_numbers = rounded(padded_input.size());

  static constexpr int transformed_weights = points * inputs * outputs;
  /// The input gradient is the same convolution of the output gradient, with the flipped weight.
  static constexpr ConvolutionSizes backwards{S.out_height(),          S.out_width(), S.outputs, S.inputs, S.window, 1,
                                              S.window - 1 - S.padding};

 public:
  static constexpr int prepared_weights = transformed_weights;
  static constexpr int forward_scratch = padded_numbers + points * (in_point + out_point);
  static constexpr int prepared_gradient_weights = transformed_weights + S.weights();
  static constexpr int input_gradient_scratch = Winograd<backwards>::forward_scratch;
  static constexpr int weight_gradient_scratch = forward_scratch;
  static constexpr int weight_sums = transformed_weights;
  /// Numbers of which the second cache can't hold two, besides a block of tiles.
  static constexpr int large = 65536;
  /// A whole block of tiles; more where the weights leave no room for both passes' in the second cache.
  static constexpr int images_at_once = transformed_weights > large ? chunk_samples : (block + tiles - 1) / tiles;

  /// U = G g G^T for every pair of channels: 36 x inputs x outputs.
  template <class T>
  static const T* prepare(const T* weight, T* transformed) {
    for (int c = 0; c < inputs; ++c)
      detail::each_panel<T, outputs, 1>([&](auto lanes, auto, int o) {
        detail::transform_tile<3, 6, T, lanes>(
            [](const auto& g) __attribute__((always_inline)) { return detail::WinogradPoints<T>::of_window(g); },
            [&](auto i, auto j) __attribute__((always_inline)) {
              return load_lanes<lanes>(weight + ((i * 3 + j) * inputs + c) * outputs + o);
            },
            [&](auto i, auto j, auto u) __attribute__((always_inline)) {
              store_lanes(transformed + (6 * i + j) * inputs * outputs + c * outputs + o, u);
            });
      });
    return transformed;
  }

  template <class T>
  static const T* prepare_gradient(const T* weight, T* transformed) {
    T* flipped = transformed + transformed_weights;
    flip<S>(weight, flipped);
    return Winograd<backwards>::prepare(flipped, transformed);
  }

  template <class T>
  static void input_gradient(int images, const T* y_gradient, const T* transformed, T* x_gradient, T* scratch,
                             const Addends<T>& addends, const Next<T>& next = {}) {
    Winograd<backwards>::forward(images, y_gradient, transformed, x_gradient, scratch, AsIs{}, addends, next);
  }

  template <class T, class View>
  static void forward(int images, const T* x, const T* transformed, T* y, T* scratch, const View& view,
                      const Addends<T>& addends, const Next<T>& next = {}) {
    T *v = scratch + padded_numbers, *m = v + points * in_point;
    const T* padded = nullptr;
    each_block(
        images, [&](int image) { padded = pad<padded_input>(x + image * in_size, scratch, view); },
        [&](int slot, int, int ty, int tx) { transform_input(padded, ty, tx, v + slot * inputs); },
        [&](int first, int count) {
          for (int p = 0; p < points; ++p) {
            prefetch_share(images, x, next, first, p);
            multiply(count, v + p * in_point, transformed + p * inputs * outputs, m + p * out_point);
          }
          for (int slot = 0; slot < count; ++slot) {
            const int tile = first + slot;
            transform_output(m + slot * outputs, y, tile / tiles, tile % tiles / tiles_across, tile % tiles_across,
                             addends);
          }
        });
  }

  template <class T, class View>
  static void weight_gradient(int images, const T* x, const T* y_gradient, T* sums, T* scratch, const View& view,
                              const Next<T>& next = {}) {
    T *v = scratch + padded_numbers, *m = v + points * in_point;
    const T* padded = nullptr;
    each_block(
        images, [&](int image) { padded = pad<padded_input>(x + image * in_size, scratch, view); },
        [&](int slot, int image, int ty, int tx) {
          transform_input(padded, ty, tx, v + slot * inputs);
          transform_output_gradient(y_gradient, image, ty, tx, m + slot * outputs);
        },
        [&](int first, int count) {
          for (int p = 0; p < points; ++p) {
            prefetch_share(images, x, next, first, p);
            multiply_transposed(count, v + p * in_point, m + p * out_point, sums + p * inputs * outputs);
          }
        });
  }

  /// dg = G^T dU G
  template <class T>
  static void finish_weight_gradient(const T* sums, T* gradient) {
    for (int c = 0; c < inputs; ++c)
      detail::each_panel<T, outputs, 1>([&](auto lanes, auto, int o) {
        detail::transform_tile<6, 3, T, lanes>(
            [](const auto& of_points)
                __attribute__((always_inline)) { return detail::WinogradPoints<T>::to_window(of_points); },
            [&](auto i, auto j) __attribute__((always_inline)) {
              return load_lanes<lanes>(sums + ((6 * i + j) * inputs + c) * outputs + o);
            },
            [&](auto i, auto j, auto value) __attribute__((always_inline)) {
              store_lanes(gradient + ((i * 3 + j) * inputs + c) * outputs + o, value);
            });
      });
  }

 private:
  template <class Image, class Tile, class Block>
  static void each_block(int images, const Image& image, const Tile& tile, const Block& done) {
    int filled = 0, first = 0;
    for (int i = 0; i < images; ++i) {
      image(i);
      for (int ty = 0; ty < tiles_down; ++ty)
        for (int tx = 0; tx < tiles_across; ++tx) {
          tile(filled, i, ty, tx);
          if (++filled == block) {
            done(first, filled);
            first += filled;
            filled = 0;
          }
        }
    }
    if (filled > 0) done(first, filled);
  }

  /// Before each point of a block: a share of the images that the next block begins with, or of what is next behind the
  /// last image, as much of that as a block reads. The copy between zeros would have to wait for memory.
  template <class T>
  [[gnu::always_inline]] static void prefetch_share(int images, const T* x, const Next<T>& next, int first, int point) {
    constexpr long of_block = in_size * block / tiles, of_points = points * line_numbers<T>;
    constexpr int lines = static_cast<int>((of_block + of_points - 1) / of_points);
    const long all = images * in_size, copied = std::max(in_size, std::min(of_block, all));
    const long begin = in_size * first / tiles + copied + point * lines * line_numbers<T>;
    begin < all ? Next<T>{x, all}.template prefetch<lines>(begin) : next.template prefetch<lines>(begin - all);
  }

  template <class T>
  static void transform_input(const T* padded, int ty, int tx, T* v) {
    const T* from = padded + (4L * ty) * padded_input.row() + 4 * tx * inputs;
    detail::each_panel<T, inputs, 1>([&](auto lanes, auto, int c) {
      detail::transform_tile<6, 6, T, lanes>(
          [](const auto& d) __attribute__((always_inline)) { return detail::WinogradPoints<T>::of_input(d); },
          [&](auto i, auto j) __attribute__((always_inline)) {
            return load_lanes<lanes>(from + i * padded_input.row() + j * inputs + c);
          },
          [&](auto i, auto j, auto value)
              __attribute__((always_inline)) { store_lanes(v + (6 * i + j) * in_point + c, value); });
    });
  }
  static constexpr long position(int image, int y, int x) {
    return (static_cast<long>(image) * S.out_height() + y) * S.out_width() + x;
  }
  template <class T>
  static void transform_output(const T* m, T* y, int image, int ty, int tx, const Addends<T>& addends) {
    const long corner = position(image, 4 * ty, 4 * tx) * outputs;
    detail::each_panel<T, outputs, 1>([&](auto lanes, auto, int o) {
      detail::transform_tile<6, 4, T, lanes>(
          [](const auto& of_points)
              __attribute__((always_inline)) { return detail::WinogradPoints<T>::to_output(of_points); },
          [&](auto i, auto j)
              __attribute__((always_inline)) { return load_lanes<lanes>(m + (6 * i + j) * out_point + o); },
          [&](auto i, auto j, auto value) __attribute__((always_inline)) {
            if (!whole_tiles && (4 * ty + i >= S.out_height() || 4 * tx + j >= S.out_width())) return;
            const long at = corner + (i * S.out_width() + j) * outputs + o;
            store_lanes(y + at, value + addends.template load<lanes>(at, o));
          });
    });
  }
  template <class T>
  static void transform_output_gradient(const T* dy, int image, int ty, int tx, T* dm) {
    const T* corner = dy + position(image, 4 * ty, 4 * tx) * outputs;
    detail::each_panel<T, outputs, 1>([&](auto lanes, auto, int o) {
      detail::transform_tile<4, 6, T, lanes>(
          [](const auto& row) __attribute__((always_inline)) { return detail::WinogradPoints<T>::of_output(row); },
          [&](auto i, auto j) __attribute__((always_inline)) {
            if (!whole_tiles && (4 * ty + i >= S.out_height() || 4 * tx + j >= S.out_width())) return Simd<T, lanes>{};
            return load_lanes<lanes>(corner + (i * S.out_width() + j) * outputs + o);
          },
          [&](auto i, auto j, auto value)
              __attribute__((always_inline)) { store_lanes(dm + (6 * i + j) * out_point + o, value); });
    });
  }

  // The products are functions of their own: within the loop over blocks g++ runs out of registers and puts sums in
  // memory.

  /// m = v u at a point.
  template <class T>
  [[gnu::noinline]] static void multiply(int count, const T* v, const T* u, T* m) {
    if (count < block) return multiply_few(count, v, u, m);
    detail::each_panel<T, outputs, 2>([&](auto lanes, auto vectors, int o) {
      detail::each_even_piece<block, detail::piece_rows<vectors>>([&](auto rows, int r) {
        detail::point_product<rows, vectors, lanes, inputs, outputs>(v + r * inputs, u + o, m + r * outputs + o);
      });
    });
  }
  /// The same for fewer tiles than a block has, as those of a single small image: there the weights are the larger
  /// factor, so where there are registers for it, more of them are held at a time.
  template <class T>
  static void multiply_few(int count, const T* v, const T* u, T* m) {
    constexpr int rows = 4, most_vectors = vector_registers == 32 ? 4 : 2;
    detail::each_panel<T, outputs, most_vectors>([&](auto lanes, auto vectors, int o) {
      int r = 0;
      for (; r + rows <= count; r += rows)
        detail::point_product<rows, vectors, lanes, inputs, outputs>(v + r * inputs, u + o, m + r * outputs + o);
      for (; r < count; ++r)
        detail::point_product<1, vectors, lanes, inputs, outputs>(v + r * inputs, u + o, m + r * outputs + o);
    });
  }
  /// u += v^T m at a point. (Of a whole block the loop's length is known, which is a tenth faster.)
  template <class T>
  [[gnu::noinline]] static void multiply_transposed(int count, const T* v, const T* m, T* u) {
    const auto add_products = [&](auto tiles) {
      detail::each_panel<T, outputs, 2>([&](auto lanes, auto vectors, int o) {
        detail::each_even_piece<inputs, detail::piece_rows<vectors>>([&](auto rows, int c) {
          detail::point_gradient<rows, vectors, lanes, inputs, outputs>(tiles, v + c, m + o, u + c * outputs + o);
        });
      });
    };
    count == block ? add_products(detail::Constant<block>{}) : add_products(count);
  }
};

}  // namespace rocket::kernels
