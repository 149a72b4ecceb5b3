#pragma once
#include <algorithm>

#include "rocket/kernels/correlation.hpp"
#include "rocket/kernels/depthwise.hpp"
#include "rocket/kernels/pad.hpp"

namespace rocket::kernels {

/// The sizes of a convolution, all known when the program is compiled.
struct ConvolutionSizes {
  int height = 0;   ///< of the input
  int width = 0;    ///< of the input
  int inputs = 0;   ///< channels in
  int outputs = 0;  ///< channels out
  int window = 1;   ///< positions on a side of the window
  int stride = 1;   ///< positions from one place of the window to the next
  int padding = 0;  ///< zeros on each of the four sides
  int groups = 1;   ///< group g of the inputs is seen by group g of the outputs alone

  constexpr int out_height() const { return (height + 2 * padding - window) / stride + 1; }
  constexpr int out_width() const { return (width + 2 * padding - window) / stride + 1; }
  /// Channels of a group.
  constexpr int group_inputs() const { return inputs / groups; }
  constexpr int group_outputs() const { return outputs / groups; }
  /// Numbers of the weight: window x window x group_inputs x outputs.
  constexpr int weights() const { return window * window * group_inputs() * outputs; }
  constexpr bool is_depthwise() const { return groups > 1 && groups == inputs && groups == outputs; }

  /// The input between its zeros.
  constexpr Padded padded_input() const { return {height, width, inputs, {padding, padding, padding, padding}}; }
  /// The output between the zeros that input_gradient wants: before the first position and behind the last one.
  constexpr Padded padded_output() const {
    const int before = positions_before();
    return {out_height(),
            out_width(),
            outputs,
            {before, positions_behind(height, out_height()), before, positions_behind(width, out_width())}};
  }
  /// How many output positions before the first the window of the first input position would reach.
  constexpr int positions_before() const { return (window - 1 - padding + stride - 1) / stride; }

  constexpr bool operator==(const ConvolutionSizes&) const = default;

 private:
  constexpr int positions_behind(int in, int out) const { return std::max(0, (in - 1 + padding) / stride - (out - 1)); }
};

/// Convolution of one image (a cross-correlation, as everywhere in this field), NHWC:
///
///     y[i, j, o] = bias[o] + sum over (u, v, c): x[S i + u - P, S j + v - P, c] w[u, v, c, o]
///
/// with stride S and padding P; numbers outside of the image are 0. The three passes are one product with different
/// runs (correlation.hpp): the image is copied between zeros first, so the loops know no border. The input gradient
/// with stride S is S^2 correlations, one for every phase of (row, column) modulo S, each with the taps that fall on it:
/// no multiplication by a zero between strides.
template <ConvolutionSizes S>
struct Convolution {
 private:
  static constexpr int taps = S.window * S.window;
  static constexpr int group_inputs = S.group_inputs(), group_outputs = S.group_outputs();
  static constexpr Padded padded_in = S.padded_input(), padded_out = S.padded_output();
  static constexpr int before = S.positions_before();

  /// The window over the padded input.
  static constexpr auto window = [] {
    Runs<taps> runs;
    for (int u = 0; u < S.window; ++u)
      for (int v = 0; v < S.window; ++v)
        runs.append({long{u} * padded_in.row() + v * S.inputs, (u * S.window + v) * group_inputs, group_inputs});
    return runs;
  }();
  static constexpr int run_length = window.each[0].length;
  static constexpr Grid grid{
      S.out_height(), S.out_width(), S.stride* padded_in.row(), S.stride* S.inputs, S.out_width() * S.outputs,
      S.outputs,      S.outputs};

  /// The taps that fall on the phase (row, column), over the padded output and the flipped weight.
  static constexpr auto phase_window(int row, int column) {
    Runs<taps> runs;
    for (int u = S.window - 1; u >= 0; --u)
      for (int v = S.window - 1; v >= 0; --v) {
        const int down = row + S.padding - u, right = column + S.padding - v;
        if (down % S.stride != 0 || right % S.stride != 0) continue;
        runs.append({long{down / S.stride + before} * padded_out.row() + (right / S.stride + before) * S.outputs,
                     ((S.window - 1 - u) * S.window + S.window - 1 - v) * group_outputs, group_outputs});
      }
    return runs;
  }
  static constexpr Grid phase_grid(int row, int column) {
    return {(S.height - row + S.stride - 1) / S.stride,
            (S.width - column + S.stride - 1) / S.stride,
            padded_out.row(),
            S.outputs,
            S.stride * S.width * S.inputs,
            S.stride * S.inputs,
            S.inputs};
  }

 public:
  /// Writes y (out_height x out_width x outputs).
  /// \param bias    outputs numbers, or null   \param scratch S.padded_input().copied() numbers
  template <class T>
  static void forward(const T* x, const T* weight, const T* bias, T* y, T* scratch) {
    const T* in = pad<padded_in>(x, scratch);
    if constexpr (S.is_depthwise()) {
      depthwise<grid, S.inputs>(in, weight, window, bias, y);
    } else {
      for (int g = 0; g < S.groups; ++g)
        correlate<grid, group_outputs>(in + g * group_inputs, weight + g * group_outputs, window,
                                       bias ? bias + g * group_outputs : nullptr, y + g * group_outputs);
    }
  }

  /// Adds to the weight gradient what this image contributes; scratch as in forward.
  template <class T>
  static void weight_gradient(const T* x, const T* y_gradient, T* gradient, T* scratch) {
    const T* in = pad<padded_in>(x, scratch);
    if constexpr (S.is_depthwise()) {
      depthwise_weight_gradient<grid, S.inputs>(in, y_gradient, window, gradient);
    } else {
      for (int g = 0; g < S.groups; ++g)
        correlate_weight_gradient<grid, group_outputs, run_length>(
            in + g * group_inputs, y_gradient + g * group_outputs, window, gradient + g * group_outputs);
    }
  }

  /// The weight as input_gradient reads it: taps in reverse order, the two channels exchanged in every group:
  /// window x window x group_outputs x inputs.
  template <class T>
  static void flip(const T* weight, T* flipped) {
    for (int tap = 0; tap < taps; ++tap)
      for (int g = 0; g < S.groups; ++g)
        for (int i = 0; i < group_inputs; ++i)
          for (int o = 0; o < group_outputs; ++o)
            flipped[((taps - 1 - tap) * group_outputs + o) * S.inputs + g * group_inputs + i] =
                weight[(tap * group_inputs + i) * S.outputs + g * group_outputs + o];
  }

  /// Writes the gradient with respect to x.
  /// \param scratch S.padded_output().copied() numbers
  template <class T>
  static void input_gradient(const T* y_gradient, const T* flipped, T* x_gradient, T* scratch) {
    const T* in = pad<padded_out>(y_gradient, scratch);
    detail::for_each_index<S.stride * S.stride>([&](auto phase) {
      constexpr int row = phase / S.stride, column = phase % S.stride;
      static constexpr auto taps_here = phase_window(row, column);
      constexpr Grid grid_here = phase_grid(row, column);
      T* to = x_gradient + (row * S.width + column) * S.inputs;
      if constexpr (grid_here.height == 0 || grid_here.width == 0) {
        // The image is smaller than the stride: nothing falls on this phase.
      } else if constexpr (S.is_depthwise()) {
        depthwise<grid_here, S.inputs>(in, flipped, taps_here, static_cast<const T*>(nullptr), to);
      } else {
        for (int g = 0; g < S.groups; ++g)
          correlate<grid_here, group_inputs>(in + g * group_outputs, flipped + g * group_inputs, taps_here,
                                             static_cast<const T*>(nullptr), to + g * group_inputs);
      }
    });
  }
};

}  // namespace rocket::kernels
