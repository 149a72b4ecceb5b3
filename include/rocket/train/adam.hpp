#pragma once
#include <array>
#include <cmath>
#include <cstddef>

#include "rocket/core/simd.hpp"
#include "rocket/train/optimizer.hpp"

namespace rocket {

namespace detail {
/// Adam (Kingma, Ba 2015). With g the gradient and t the step
///
///     m <- beta1 m + (1 - beta1) g        v <- beta2 v + (1 - beta2) g^2
///     w <- w - rate m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + epsilon)
///
/// Adam adds decay w to g; AdamW (Loshchilov, Hutter 2019) takes rate decay w from w instead.
template <bool Decoupled>
struct AdamRule {
  double rate = 1e-3;                          ///< before the schedule's factor
  double beta1 = 0.9;                          ///< how much of m stays
  double beta2 = 0.999;                        ///< how much of v stays
  double epsilon = 1e-8;                       ///< keeps the divisor from 0
  double weight_decay = Decoupled ? 1e-2 : 0;  ///< 0.01 in AdamW, none in Adam
  Decays decays = Decays::all;                 ///< which parameters decay

  static constexpr std::size_t states = 2;  ///< m, v

  /// One step on one piece of the vectors.
  template <class T>
  void operator()(const Piece& piece, T* parameters, const T* gradients, std::array<T*, states> state) const {
    const double t = static_cast<double>(piece.step);
    const T b1 = static_cast<T>(beta1), b2 = static_cast<T>(beta2), small = static_cast<T>(epsilon);
    const T new1 = static_cast<T>(1 - beta1), new2 = static_cast<T>(1 - beta2);  // 1 - 0.999f loses four digits
    const T step = static_cast<T>(piece.rate / (1 - std::pow(beta1, t)));
    const T unbias = static_cast<T>(1 / std::sqrt(1 - std::pow(beta2, t)));
    const T added = Decoupled ? T{0} : static_cast<T>(piece.decay);
    const T kept = Decoupled ? static_cast<T>(1 - piece.rate * piece.decay) : T{1};
    T* means = state[0];
    T* squares = state[1];
    each_register<T>(piece.size, [&](const auto& at) {
      const auto parameter = at.load(parameters);
      const auto gradient = at.load(gradients) + added * parameter;
      const auto m = b1 * at.load(means) + new1 * gradient;
      const auto v = b2 * at.load(squares) + new2 * gradient * gradient;
      at.store(means, m);
      at.store(squares, v);
      at.store(parameters, kept * parameter - step * m / (square_root(v) * unbias + small));
    });
  }
};
}  // namespace detail

/// Adam with L2 regularisation inside the gradient; `decays` says of which parameters.
using Adam = detail::AdamRule<false>;
/// Adam with decoupled weight decay.
using AdamW = detail::AdamRule<true>;

}  // namespace rocket
