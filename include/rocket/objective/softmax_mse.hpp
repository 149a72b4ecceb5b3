#pragma once
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
    using Row = kernels::RegisterRow<T, C>;
    const kernels::Softmax<T, C> of_light{light.data()}, of_booster{booster.data()};
    const auto p = [&](auto r) { return of_light.probabilities(r); };
    const auto q = [&](auto r) { return of_booster.probabilities(r); };
    typename Row::Sum value, light_mean, booster_mean;
    Row::each([&](auto r) {
      const auto gap = p(r) - q(r);
      value.add(r, gap * gap);
      light_mean.add(r, p(r) * gap);
      booster_mean.add(r, q(r) * gap);
    });
    const T of_p = light_mean.total(), of_q = booster_mean.total();
    Row::each([&](auto r) {
      const auto gap = p(r) - q(r);
      Row::store(light_gradient.data(), r, 2 * p(r) * (gap - of_p));
      if constexpr (wanted<BoosterGradient>) Row::store(booster_gradient.data(), r, -2 * q(r) * (gap - of_q));
    });
    return value.total();
  }
};

}  // namespace rocket
