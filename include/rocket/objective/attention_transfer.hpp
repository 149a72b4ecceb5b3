#pragma once
#include <algorithm>
#include <cmath>

#include "rocket/objective/hint.hpp"

namespace rocket {

/// Attention transfer (Zagoruyko, Komodakis 2017): the light net is to look where a trained booster looks. With the
/// maps a of the light net and b of the booster, of P positions (the layer AttentionMap), and u = a / |a|, v = b / |b|
///
///     1/P |u - v|^2        d/da = 2/P (d - (u . d) u) / |a|,  d = u - v
///
/// a mean over positions, summed over the pairs of maps. The authors' code weighs it by 1e3:
/// `Teacher{booster, AttentionTransfer{}, 1e3}`. A norm below 1e-12 counts as 1e-12, and such a map gets no gradient.
struct AttentionTransfer {
  static constexpr Compares compares = Compares::side_outputs;

  /// Value and gradient of one pair of maps of one sample, as rocket/objective/hint.hpp says.
  template <class T, std::size_t Positions>
  T operator()(std::span<const T, Positions> light, std::span<const T, Positions> booster,
               std::span<T, Positions> light_gradient) const {
    const double light_norm = norm(light);
    const T light_scale = static_cast<T>(1 / std::max(light_norm, smallest));
    const T booster_scale = static_cast<T>(1 / std::max(norm(booster), smallest));
    double value = 0, along = 0;  // |d|^2 and u . d
    for (std::size_t i = 0; i < Positions; ++i) {
      const T u = light[i] * light_scale;
      const T gap = u - booster[i] * booster_scale;
      light_gradient[i] = gap;
      value += static_cast<double>(gap) * static_cast<double>(gap);
      along += static_cast<double>(u) * static_cast<double>(gap);
    }
    const T factor = light_norm < smallest ? T{0} : T{2} / static_cast<T>(Positions) * light_scale;
    for (std::size_t i = 0; i < Positions; ++i)
      light_gradient[i] = factor * (light_gradient[i] - static_cast<T>(along) * light_scale * light[i]);
    return static_cast<T>(value / static_cast<double>(Positions));
  }

 private:
  static constexpr double smallest = 1e-12;

  /// Squares of a float neither overflow nor vanish in double.
  template <class T, std::size_t Positions>
  static double norm(std::span<const T, Positions> map) {
    double sum = 0;
    for (const T number : map) sum += static_cast<double>(number) * static_cast<double>(number);
    return std::sqrt(sum);
  }
};

}  // namespace rocket
