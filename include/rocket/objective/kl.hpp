#pragma once
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
    using Row = kernels::RegisterRow<T, C>;
    const kernels::Softmax<T, C> of_light{light.data(), degrees}, of_booster{booster.data(), degrees};
    const auto p = [&](auto r) { return of_light.probabilities(r); };
    const auto q = [&](auto r) { return of_booster.probabilities(r); };
    const auto log_ratio = [&](auto r) {
      return of_booster.log(Row::load(booster.data(), r)) - of_light.log(Row::load(light.data(), r));
    };
    typename Row::Sum terms;
    Row::each([&](auto r) { terms.add(r, q(r) * log_ratio(r)); });
    const T divergence = terms.total();
    Row::each([&](auto r) {
      Row::store(light_gradient.data(), r, degrees * (p(r) - q(r)));
      if constexpr (wanted<BoosterGradient>)
        Row::store(booster_gradient.data(), r, degrees * q(r) * (log_ratio(r) - divergence));
    });
    return degrees * degrees * divergence;
  }
};

}  // namespace rocket
