#pragma once
#include <algorithm>

#include "rocket/objective/cross_entropy.hpp"
#include "rocket/objective/hint.hpp"

namespace rocket {

/// H(onehot(argmax z), p) with p = softmax(l): the booster's decision as a label. The gradient with respect to l is
/// p - onehot(argmax z), the one with respect to z is 0 wherever it exists.
struct HardLabel {
  /// Value and gradients of one sample, as rocket/objective/hint.hpp says.
  template <class T, std::size_t C, class BoosterGradient>
  T operator()(std::span<const T, C> light, std::span<const T, C> booster, std::span<T, C> light_gradient,
               BoosterGradient booster_gradient) const {
    if constexpr (wanted<BoosterGradient>) std::fill(booster_gradient.begin(), booster_gradient.end(), T{0});
    return cross_entropy(light, kernels::argmax(booster), light_gradient);
  }
};

}  // namespace rocket
