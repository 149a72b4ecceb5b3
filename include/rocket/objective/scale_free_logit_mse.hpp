#pragma once
#include <algorithm>

#include "rocket/objective/logit_mse.hpp"

namespace rocket {

/// || l - z ||^2 / v, summed over classes, where v is the variance of all the booster's logits in the batch, a constant
/// to the gradient. Scaling both nets' logits leaves it as it is, so a booster whose logits grow does not raise the
/// hint's pull without bound. A variance below `floor` counts as `floor`: at the default a booster that doesn't know
/// anything yet pulls no harder than by LogitMse.
struct ScaleFreeLogitMse {
  double floor = 1;  ///< above 0, of the variance

  /// Value and gradients of one sample, as rocket/objective/hint.hpp says.
  template <class T, std::size_t C, class BoosterGradient>
  T operator()(std::span<const T, C> light, std::span<const T, C> booster, std::span<T, C> light_gradient,
               BoosterGradient booster_gradient) const {
    return LogitMse{}(light, booster, light_gradient, booster_gradient);
  }

  /// 1 / v
  template <class T, int Classes>
  double batch_scale(const HintBatch<T, Classes>& batch) const {
    const long numbers = static_cast<long>(batch.size) * Classes;
    double mean = 0;
    for (long i = 0; i < numbers; ++i) mean += batch.booster.data[i];
    mean /= static_cast<double>(numbers);
    double variance = 0;
    for (long i = 0; i < numbers; ++i) variance += (batch.booster.data[i] - mean) * (batch.booster.data[i] - mean);
    return 1 / std::max(variance / static_cast<double>(numbers), floor);
  }
};

}  // namespace rocket
