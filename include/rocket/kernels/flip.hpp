#pragma once
#include "rocket/kernels/convolution_sizes.hpp"

namespace rocket::kernels {

/// The weight of a convolution as its input gradient reads it, being a convolution as well: taps in reverse order, the
/// two channels exchanged in every group: window x window x group_outputs x inputs.
template <ConvolutionSizes S, class T>
void flip(const T* weight, T* flipped) {
  constexpr int taps = S.window * S.window, group_inputs = S.group_inputs(), group_outputs = S.group_outputs();
  for (int tap = 0; tap < taps; ++tap)
    for (int g = 0; g < S.groups; ++g)
      for (int i = 0; i < group_inputs; ++i)
        for (int o = 0; o < group_outputs; ++o)
          flipped[((taps - 1 - tap) * group_outputs + o) * S.inputs + g * group_inputs + i] =
              weight[(tap * group_inputs + i) * S.outputs + g * group_outputs + o];
}

}  // namespace rocket::kernels
