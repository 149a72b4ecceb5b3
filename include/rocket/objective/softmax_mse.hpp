#pragma once
#include <array>

#include "rocket/kernels/softmax.hpp"
#include "rocket/objective/hint.hpp"

namespace rocket {

/// || p - q ||^2 with p = softmax(l), q = softmax(z), summed over classes. With d = p - q
///
///     d/dl_i = 2 p_i (d_i - sum_k p_k d_k)        d/dz_i = -2 q_i (d_i - sum_k q_k d_k)
///
/// which vanishes where the light net is sure, rightly or wrongly (paper, Table 3: the weakest of the three).
struct SoftmaxMse {
  /// Value and gradients of one sample, as rocket/objective/hint.hpp says.
  template <class T, std::size_t C, class BoosterGradient>
  T operator()(std::span<const T, C> light, std::span<const T, C> booster, std::span<T, C> light_gradient,
               BoosterGradient booster_gradient) const {
    std::array<T, C> p, q;
    kernels::softmax(light, std::span{p});
    kernels::softmax(booster, std::span{q});
    T value = 0, light_mean = 0, booster_mean = 0;
    for (std::size_t c = 0; c < C; ++c) {
      const T gap = p[c] - q[c];
      value += gap * gap;
      light_mean += p[c] * gap;
      booster_mean += q[c] * gap;
    }
    for (std::size_t c = 0; c < C; ++c) {
      light_gradient[c] = 2 * p[c] * (p[c] - q[c] - light_mean);
      if constexpr (wanted<BoosterGradient>) booster_gradient[c] = -2 * q[c] * (p[c] - q[c] - booster_mean);
    }
    return value;
  }
};

}  // namespace rocket
