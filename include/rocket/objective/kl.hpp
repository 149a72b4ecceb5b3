#pragma once
#include <array>

#include "rocket/kernels/softmax.hpp"
#include "rocket/objective/hint.hpp"

namespace rocket {

/// T^2 KL(q || p) with p = softmax(l / T), q = softmax(z / T) and the temperature T, summed over classes (Hinton,
/// Vinyals, Dean 2015). T^2 keeps the gradient's size as T changes, whatever the other weights are. With r_i = log(q_i
/// / p_i)
///
///     d/dl = T (p - q)        d/dz_i = T q_i (r_i - KL(q || p))
///
/// The authors' code weighs the element mean: their alpha is 2 alpha / classes in this form.
struct Kl {
  double temperature = 4;  ///< above 0; 4 is the paper's

  /// Value and gradients of one sample, as rocket/objective/hint.hpp says.
  template <class T, std::size_t C, class BoosterGradient>
  T operator()(std::span<const T, C> light, std::span<const T, C> booster, std::span<T, C> light_gradient,
               BoosterGradient booster_gradient) const {
    const T degrees = static_cast<T>(temperature);
    std::array<T, C> p, q;
    const auto log_p = kernels::softmax(light, std::span{p}, degrees);
    const auto log_q = kernels::softmax(booster, std::span{q}, degrees);
    const auto log_ratio = [&](std::size_t c) { return log_q(booster[c]) - log_p(light[c]); };
    T divergence = 0;
    for (std::size_t c = 0; c < C; ++c) divergence += q[c] * log_ratio(c);
    for (std::size_t c = 0; c < C; ++c) {
      light_gradient[c] = degrees * (p[c] - q[c]);
      if constexpr (wanted<BoosterGradient>) booster_gradient[c] = degrees * q[c] * (log_ratio(c) - divergence);
    }
    return degrees * degrees * divergence;
  }
};

}  // namespace rocket
