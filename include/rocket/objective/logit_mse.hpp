#pragma once
#include "rocket/kernels/row.hpp"
#include "rocket/objective/hint.hpp"

namespace rocket {

/// || l - z ||^2, summed over classes (Zhou et al. 2018, the form the paper adopts; Ba and Caruana 2014 call it mimic).
/// Gradients 2 (l - z) and -2 (l - z).
struct LogitMse {
  /// Value and gradients of one sample, as rocket/objective/hint.hpp says.
  template <class T, std::size_t C, class BoosterGradient>
  T operator()(std::span<const T, C> light, std::span<const T, C> booster, std::span<T, C> light_gradient,
               BoosterGradient booster_gradient) const {
    using Row = kernels::RegisterRow<T, C>;
    typename Row::Sum value;
    Row::each([&](auto r) {
      const auto gap = Row::load(light.data(), r) - Row::load(booster.data(), r);
      value.add(r, gap * gap);
      Row::store(light_gradient.data(), r, 2 * gap);
      if constexpr (wanted<BoosterGradient>) Row::store(booster_gradient.data(), r, -2 * gap);
    });
    return value.total();
  }
};

}  // namespace rocket
