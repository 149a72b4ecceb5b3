#pragma once
#include <algorithm>

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

}  // namespace rocket::kernels
