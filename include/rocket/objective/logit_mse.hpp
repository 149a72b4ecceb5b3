#pragma once
#include "rocket/objective/hint.hpp"

namespace rocket {

/// || l - z ||^2, summed over classes (Zhou et al. 2018, the form the paper adopts; Ba and Caruana 2014 call it mimic).
/// Gradients 2 (l - z) and -2 (l - z).
struct LogitMse {
  /// Value and gradients of one sample, as rocket/objective/hint.hpp says.
  template <class T, std::size_t C, class BoosterGradient>
  T operator()(std::span<const T, C> light, std::span<const T, C> booster, std::span<T, C> light_gradient,
               BoosterGradient booster_gradient) const {
    T value = 0;
    for (std::size_t c = 0; c < C; ++c) {
      const T gap = light[c] - booster[c];
      value += gap * gap;
      light_gradient[c] = 2 * gap;
      if constexpr (wanted<BoosterGradient>) booster_gradient[c] = -2 * gap;
    }
    return value;
  }
};

}  // namespace rocket
