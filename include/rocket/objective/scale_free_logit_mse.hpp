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
    using Row = kernels::RegisterRow<T, static_cast<std::size_t>(Classes)>;
    const auto mean_of = [&](T beyond, const auto& term) {
      double sum = 0;
      for (int i = 0; i < batch.size; ++i) {
        typename Row::Sum of_sample;
        Row::each([&](auto r) { of_sample.add(r, term(Row::load(batch.booster[i].data(), r, beyond))); });
        sum += static_cast<double>(of_sample.total());
      }
      return sum / (static_cast<double>(batch.size) * Classes);
    };
    const T mean = static_cast<T>(mean_of(T{0}, [](auto logits) { return logits; }));
    const double variance = mean_of(mean, [&](auto logits) { return (logits - mean) * (logits - mean); });
    return 1 / std::max(variance, floor);
  }
};

}  // namespace rocket
