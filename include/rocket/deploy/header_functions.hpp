/// \file
/// The functions of a written header (header.hpp) as text: C++17, one for each kind of operator. All sizes are template
/// arguments, and sums of many columns stand in arrays of their own, so that compilers know that nothing else is there.
#pragma once
#include <array>
#include <string_view>

namespace rocket::detail {

/// A function, or several that belong together. A header gets those that it calls, and what those need, which needs
/// nothing itself.
struct HeaderFunction {
  std::string_view name;                  ///< what calls begin with
  std::array<std::string_view, 2> needs;  ///< names of others, which stand before it; empty: none
  std::string_view text;                  ///< the code
};

inline constexpr std::array header_functions{
    HeaderFunction{"look_up", {}, R"(/// Rows of a table, zeros where it has no such row.
template <std::uint32_t Rows, int Dimension, int Most>
inline void look_up(const float* table, const std::uint32_t* rows, float* y) {
  for (int k = 0; k < Most; ++k) {
    const float* row = rows[k] < Rows ? table + std::size_t{rows[k]} * Dimension : nullptr;
    for (int d = 0; d < Dimension; ++d) y[k * Dimension + d] = row ? row[d] : 0.0F;
  }
}
)"},
    HeaderFunction{"inverse_count", {}, R"(/// 1 / how many rows are there, 1 without any.
template <std::uint32_t Rows, int Most>
inline void inverse_count(const std::uint32_t* rows, float* y) {
  int count = 0;
  for (int k = 0; k < Most; ++k) count += rows[k] < Rows ? 1 : 0;
  y[0] = 1.0F / static_cast<float>(count > 0 ? count : 1);
}
)"},
    HeaderFunction{"accumulate", {}, R"(/// sum += x w, of one row and Width columns.
template <int Inner, int Columns, int Width>
inline void accumulate(const float* x, const float* w, float* sum) {
  constexpr int four = Inner / 4 * 4;
  for (int k = 0; k < four; k += 4, w += 4 * Columns)
    for (int c = 0; c < Width; ++c)
      sum[c] = sum[c] + x[k] * w[c] + x[k + 1] * w[Columns + c] + x[k + 2] * w[2 * Columns + c] +
               x[k + 3] * w[3 * Columns + c];
  for (int k = four; k < Inner; ++k, w += Columns)
    for (int c = 0; c < Width; ++c) sum[c] += x[k] * w[c];
}
)"},
    HeaderFunction{"product", {"accumulate"}, R"(/// y = x w + bias, of one row and Width columns.
template <int Inner, int Columns, int Width>
inline void product_columns(const float* x, const float* w, const float* bias, float* y) {
  float sum[static_cast<std::size_t>(Width)];
  for (int c = 0; c < Width; ++c) sum[c] = bias ? bias[c] : 0.0F;
  accumulate<Inner, Columns, Width>(x, w, sum);
  for (int c = 0; c < Width; ++c) y[c] = sum[c];
}
/// The same where w is one column.
template <int Inner>
inline float dot(const float* x, const float* w) {
  constexpr int lanes = 16, whole = Inner / lanes * lanes;
  float sum[lanes] = {};
  for (int k = 0; k < whole; k += lanes)
    for (int l = 0; l < lanes; ++l) sum[l] += x[k + l] * w[k + l];
  for (int k = whole; k < Inner; ++k) sum[k - whole] += x[k] * w[k];
  for (int width = lanes / 2; width > 0; width /= 2)
    for (int l = 0; l < width; ++l) sum[l] += sum[l + width];
  return sum[0];
}
/// y = x w + bias: Rows x Inner times Inner x Columns.
template <int Rows, int Inner, int Columns>
inline void product(const float* x, const float* w, const float* bias, float* y) {
  constexpr int width = 256, whole = Columns / width * width;
  for (int r = 0; r < Rows; ++r, x += Inner, y += Columns) {
    if constexpr (Columns == 1) {
      y[0] = dot<Inner>(x, w) + (bias ? bias[0] : 0.0F);
    } else {
      for (int c = 0; c < whole; c += width)
        product_columns<Inner, Columns, width>(x, w + c, bias ? bias + c : nullptr, y + c);
      if constexpr (whole < Columns)
        product_columns<Inner, Columns, Columns - whole>(x, w + whole, bias ? bias + whole : nullptr, y + whole);
    }
  }
}
)"},
    HeaderFunction{"patch", {}, R"(/// What a window of an image sees: rows [top, bottom), columns [left, right).
template <int Height, int Width, int Size, int Stride, int Padding>
struct Patch {
  int y, x, top, bottom, left, right;
  Patch(int i, int j)
      : y{i * Stride - Padding},
        x{j * Stride - Padding},
        top{y > 0 ? y : 0},
        bottom{y + Size < Height ? y + Size : Height},
        left{x > 0 ? x : 0},
        right{x + Size < Width ? x + Size : Width} {}
  int count() const { return (bottom - top) * (right - left); }
};
)"},
    HeaderFunction{"convolution", {"accumulate", "patch"}, R"(/// Some outputs of one group at one place.
template <int Columns, int Width, int Channels, int Inputs, int Outputs, int Size, class Patch>
inline void convolve_columns(const Patch& patch, const float* x, const float* w, const float* bias, float* y) {
  float sum[static_cast<std::size_t>(Columns)];
  for (int o = 0; o < Columns; ++o) sum[o] = bias ? bias[o] : 0.0F;
  for (int p = patch.top; p < patch.bottom; ++p)
    for (int q = patch.left; q < patch.right; ++q) {
      const float* pixel = x + (p * Width + q) * Channels;
      const float* row = w + ((p - patch.y) * Size + q - patch.x) * Inputs * Outputs;
      accumulate<Inputs, Outputs, Columns>(pixel, row, sum);
    }
  for (int o = 0; o < Columns; ++o) y[o] = sum[o];
}
/// Some channels at one place, where each has a window of its own.
template <int Columns, int Width, int Channels, int Size, class Patch>
inline void convolve_depthwise(const Patch& patch, const float* x, const float* w, const float* bias, float* y) {
  float sum[static_cast<std::size_t>(Columns)];
  for (int c = 0; c < Columns; ++c) sum[c] = bias ? bias[c] : 0.0F;
  for (int p = patch.top; p < patch.bottom; ++p)
    for (int q = patch.left; q < patch.right; ++q) {
      const float* pixel = x + (p * Width + q) * Channels;
      const float* row = w + ((p - patch.y) * Size + q - patch.x) * Channels;
      for (int c = 0; c < Columns; ++c) sum[c] += pixel[c] * row[c];
    }
  for (int c = 0; c < Columns; ++c) y[c] = sum[c];
}
/// A window of weights over an image, height x width x channels, zeros around it.
template <int Height, int Width, int Channels, int Outputs, int Size, int Stride, int Padding, int Groups>
inline void convolution(const float* x, const float* w, const float* bias, float* y) {
  constexpr int places_down = (Height + 2 * Padding - Size) / Stride + 1;
  constexpr int places_across = (Width + 2 * Padding - Size) / Stride + 1;
  constexpr int inputs = Channels / Groups, outputs = Outputs / Groups;
  constexpr bool depthwise = inputs == 1 && outputs == 1;
  constexpr int span = depthwise ? Channels : outputs, columns = 128, whole = span / columns * columns;
  for (int i = 0; i < places_down; ++i)
    for (int j = 0; j < places_across; ++j, y += Outputs) {
      const Patch<Height, Width, Size, Stride, Padding> patch{i, j};
      const auto some = [&](auto number, int from, int at) {
        constexpr int count = decltype(number)::value;
        const float* b = bias ? bias + at : nullptr;
        if constexpr (depthwise)
          convolve_depthwise<count, Width, Channels, Size>(patch, x + from, w + at, b, y + at);
        else
          convolve_columns<count, Width, Channels, inputs, Outputs, Size>(patch, x + from, w + at, b, y + at);
      };
      for (int g = 0; g < (depthwise ? 1 : Groups); ++g) {
        for (int o = 0; o < whole; o += columns)
          some(std::integral_constant<int, columns>{}, depthwise ? o : g * inputs, g * outputs + o);
        if constexpr (whole < span)
          some(std::integral_constant<int, span - whole>{}, depthwise ? whole : g * inputs, g * outputs + whole);
      }
    }
}
)"},
    HeaderFunction{"pool", {"patch"}, R"(/// One number a channel of what a window sees of an image.
template <class Kind, int Height, int Width, int Channels, int Size, int Stride, int Padding>
inline void pool(const float* x, float* y) {
  constexpr int places_down = (Height + 2 * Padding - Size) / Stride + 1;
  constexpr int places_across = (Width + 2 * Padding - Size) / Stride + 1;
  for (int i = 0; i < places_down; ++i)
    for (int j = 0; j < places_across; ++j, y += Channels) {
      const Patch<Height, Width, Size, Stride, Padding> patch{i, j};
      const float* first = x + (patch.top * Width + patch.left) * Channels;
      for (int c = 0; c < Channels; ++c) y[c] = first[c];
      for (int p = patch.top; p < patch.bottom; ++p)
        for (int q = patch.left + (p == patch.top ? 1 : 0); q < patch.right; ++q) {
          const float* pixel = x + (p * Width + q) * Channels;
          for (int c = 0; c < Channels; ++c) y[c] = Kind::both(y[c], pixel[c]);
        }
      for (int c = 0; c < Channels; ++c) y[c] = Kind::of_all(y[c], static_cast<float>(patch.count()));
    }
}
struct Largest {
  static float both(float a, float b) { return b > a || !(b <= b) ? b : a; }  // NaN passes on
  static float of_all(float a, float) { return a; }
};
struct Mean {
  static float both(float a, float b) { return a + b; }
  static float of_all(float a, float count) { return a / count; }
};
)"},
    HeaderFunction{"affine", {}, R"(/// y = factor x + shift, channel by channel.
template <int Positions, int Channels>
inline void affine(const float* x, const float* factor, const float* shift, float* y) {
  for (int p = 0; p < Positions; ++p)
    for (int c = 0; c < Channels; ++c) y[p * Channels + c] = factor[c] * x[p * Channels + c] + shift[c];
}
)"},
    HeaderFunction{"sum", {}, R"(/// Of each channel, over all positions.
template <int Positions, int Channels>
inline void sum(const float* x, float* y) {
  for (int c = 0; c < Channels; ++c) y[c] = x[c];
  for (int p = 1; p < Positions; ++p)
    for (int c = 0; c < Channels; ++c) y[c] += x[p * Channels + c];
}
template <int Positions, int Channels>
inline void mean(const float* x, float* y) {
  sum<Positions, Channels>(x, y);
  for (int c = 0; c < Channels; ++c) y[c] /= static_cast<float>(Positions);
}
)"},
    HeaderFunction{"mean", {"sum"}, ""},
    HeaderFunction{"relu", {}, R"(template <int Size>
inline void relu(const float* x, float* y) {
  for (int i = 0; i < Size; ++i) y[i] = x[i] <= 0.0F ? 0.0F : x[i];
}
)"},
    HeaderFunction{"leaky_relu", {}, R"(template <int Size>
inline void leaky_relu(float slope, const float* x, float* y) {
  for (int i = 0; i < Size; ++i) y[i] = x[i] > 0.0F ? x[i] : slope * x[i];
}
)"},
    HeaderFunction{"sigmoid", {}, R"(template <int Size>
inline void sigmoid(const float* x, float* y) {
  for (int i = 0; i < Size; ++i) y[i] = 1.0F / (1.0F + std::exp(-x[i]));
}
)"},
    HeaderFunction{"tanh", {}, R"(template <int Size>
inline void tanh(const float* x, float* y) {
  for (int i = 0; i < Size; ++i) y[i] = std::tanh(x[i]);
}
)"},
    HeaderFunction{"gelu", {}, R"(/// x times the normal distribution function.
template <int Size>
inline void gelu(const float* x, float* y) {
  for (int i = 0; i < Size; ++i) y[i] = x[i] * (std::erfc(-x[i] / 1.41421356237309505F) / 2.0F);
}
)"},
    HeaderFunction{"each", {}, R"(struct Add {
  static float of(float a, float b) { return a + b; }
};
struct Subtract {
  static float of(float a, float b) { return a - b; }
};
struct Multiply {
  static float of(float a, float b) { return a * b; }
};
/// Number by number.
template <class Both, int Size>
inline void each(const float* a, const float* b, float* y) {
  for (int i = 0; i < Size; ++i) y[i] = Both::of(a[i], b[i]);
}
/// b is one number a channel.
template <class Both, int Positions, int Channels>
inline void each_channel(const float* a, const float* b, float* y) {
  for (int p = 0; p < Positions; ++p)
    for (int c = 0; c < Channels; ++c) y[p * Channels + c] = Both::of(a[p * Channels + c], b[c]);
}
/// b is one number a position.
template <class Both, int Positions, int Channels>
inline void each_position(const float* a, const float* b, float* y) {
  for (int p = 0; p < Positions; ++p) {
    const float number = b[p];
    for (int c = 0; c < Channels; ++c) y[p * Channels + c] = Both::of(a[p * Channels + c], number);
  }
}
)"},
    HeaderFunction{"each_channel", {"each"}, ""},
    HeaderFunction{"each_position", {"each"}, ""},
    HeaderFunction{"copy", {}, R"(template <int Size>
inline void copy(const float* x, float* y) {
  for (int i = 0; i < Size; ++i) y[i] = x[i];
}
)"}};

}  // namespace rocket::detail
