#pragma once
#include "rocket/kernels/correlation.hpp"

/// \file
/// Convolution where every channel has a window of its own (Sifre 2014): products of vectors of channels, number by
/// number, with the same windows and grids as correlation.hpp. Every tap is one row of the weight.

namespace rocket::kernels {

/// out[y, x, c] = addend[y, x, c] + sum over taps t: in[y, x, t.input + c] weight[t.weight, c], for one image. Writes
/// every number of it; out and at as in `correlate`.
template <Grid G, int Channels, class T, class Window>
void depthwise(const T* in, const T* weight, const Window& window, const Addends<T>& addends, T* out, long at) {
  detail::each_panel<T, Channels, 1>([&](auto lanes, auto, int c) {
    for (int y = 0; y < G.height; ++y)
      for (int x = 0; x < G.width; ++x) {
        const T* from = in + static_cast<long>(y) * G.in_row + x * G.in_pixel + c;
        const long to = at + static_cast<long>(y) * G.out_row + x * G.out_pixel + c;
        auto sum = addends.template load<lanes>(to, c);
        for (const Run& tap : window)
          sum += load_lanes<lanes>(from + tap.input) *
                 load_lanes<lanes>(weight + static_cast<long>(tap.weight) * G.weight_row + c);
        store_lanes(out + to, sum);
      }
  });
}

/// dweight[t.weight, c] += sum over (y, x): in[y, x, t.input + c] dout[y, x, c], for one image.
template <Grid G, int Channels, class T, class Window>
void depthwise_weight_gradient(const T* in, const T* out_gradient, const Window& window, T* weight_gradient) {
  detail::each_panel<T, Channels, 1>([&](auto lanes, auto, int c) {
    for (const Run& tap : window) {
      T* into = weight_gradient + static_cast<long>(tap.weight) * G.weight_row + c;
      auto sum = load_lanes<lanes>(into);
      for (int y = 0; y < G.height; ++y)
        for (int x = 0; x < G.width; ++x)
          sum += load_lanes<lanes>(in + static_cast<long>(y) * G.in_row + x * G.in_pixel + tap.input + c) *
                 load_lanes<lanes>(out_gradient + static_cast<long>(y) * G.out_row + x * G.out_pixel + c);
      store_lanes(into, sum);
    }
  });
}

}  // namespace rocket::kernels
