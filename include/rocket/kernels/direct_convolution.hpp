#pragma once
#include <algorithm>

#include "rocket/kernels/addends.hpp"
#include "rocket/kernels/convolution_sizes.hpp"
#include "rocket/kernels/correlation.hpp"
#include "rocket/kernels/depthwise.hpp"
#include "rocket/kernels/flip.hpp"
#include "rocket/kernels/pad.hpp"
#include "rocket/kernels/prefetch.hpp"

namespace rocket::kernels {

/// The passes of a convolution by direct sums. They are one product with different runs (correlation.hpp): an image is
/// copied between zeros first, so the loops know no border. The input gradient with stride S is S^2 correlations, one
/// for every phase of (row, column) modulo S, each with the taps that fall on it: no multiplication by a zero between
/// strides. Every sum goes in the order of the window, so its rounding error is that of a plain loop.
///
/// The members are those that convolution.hpp lists.
template <ConvolutionSizes S>
class DirectConvolution {
  static constexpr int taps = S.window * S.window;
  static constexpr int group_inputs = S.group_inputs(), group_outputs = S.group_outputs();
  static constexpr Padded padded_in = S.padded_input(), padded_out = S.padded_output();
  static constexpr int before = S.positions_before();
  static constexpr long in_size = long{S.height} * S.width * S.inputs;
  static constexpr long out_size = long{S.out_height()} * S.out_width() * S.outputs;

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
  static constexpr int prepared_weights = 0;
  static constexpr int forward_scratch = padded_in.size();
  static constexpr int prepared_gradient_weights = S.weights();
  static constexpr int input_gradient_scratch = padded_out.copied();
  static constexpr int weight_gradient_scratch = padded_in.size();
  static constexpr int weight_sums = S.weights();
  static constexpr int images_at_once = 1;

  /// The weight is read as it lies.
  template <class T>
  static const T* prepare(const T* weight, T*) {
    return weight;
  }

  template <class T, class View>
  static void forward(int images, const T* x, const T* weight, T* y, T* scratch, const View& view,
                      const Addends<T>& addends) {
    for (int image = 0; image < images; ++image) {
      const T* in = pad<padded_in>(x + image * in_size, scratch, view);
      if constexpr (S.is_depthwise()) {
        depthwise<grid, S.inputs>(in, weight, window, addends, y, image * out_size);
      } else {
        for (int g = 0; g < S.groups; ++g)
          correlate<grid, group_outputs>(in + g * group_inputs, weight + g * group_outputs, window, addends, y,
                                         image * out_size + g * group_outputs, g * group_outputs);
      }
    }
  }

  template <class T, class View>
  static void weight_gradient(int images, const T* x, const T* y_gradient, T* sums, T* scratch, const View& view,
                              const Next<T>& = {}) {
    for (int image = 0; image < images; ++image) {
      const T *in = pad<padded_in>(x + image * in_size, scratch, view), *dy = y_gradient + image * out_size;
      if constexpr (S.is_depthwise()) {
        depthwise_weight_gradient<grid, S.inputs>(in, dy, window, sums);
      } else {
        for (int g = 0; g < S.groups; ++g)
          correlate_weight_gradient<grid, group_outputs, run_length>(in + g * group_inputs, dy + g * group_outputs,
                                                                     window, sums + g * group_outputs);
      }
    }
  }

  template <class T>
  static void finish_weight_gradient(const T* sums, T* gradient) {
    std::copy_n(sums, S.weights(), gradient);
  }

  /// The taps in reverse order, the two channels exchanged in every group: window x window x group_outputs x inputs.
  template <class T>
  static const T* prepare_gradient(const T* weight, T* flipped) {
    flip<S>(weight, flipped);
    return flipped;
  }

  template <class T>
  static void input_gradient(int images, const T* y_gradient, const T* flipped, T* x_gradient, T* scratch,
                             const Addends<T>& addends, const Next<T>& = {}) {
    for (int image = 0; image < images; ++image) {
      const T* in = pad<padded_out>(y_gradient + image * out_size, scratch);
      detail::for_each_index<S.stride * S.stride>([&](auto phase) {
        constexpr int row = phase / S.stride, column = phase % S.stride;
        static constexpr auto taps_here = phase_window(row, column);
        constexpr Grid grid_here = phase_grid(row, column);
        const long at = image * in_size + (row * S.width + column) * S.inputs;
        if constexpr (grid_here.height == 0 || grid_here.width == 0) {
          // The image is smaller than the stride: nothing falls on this phase.
        } else if constexpr (S.is_depthwise()) {
          depthwise<grid_here, S.inputs>(in, flipped, taps_here, addends, x_gradient, at);
        } else {
          for (int g = 0; g < S.groups; ++g)
            correlate<grid_here, group_inputs>(in + g * group_outputs, flipped + g * group_inputs, taps_here, addends,
                                               x_gradient, at + g * group_inputs, g * group_inputs);
        }
      });
    }
  }
};

}  // namespace rocket::kernels
