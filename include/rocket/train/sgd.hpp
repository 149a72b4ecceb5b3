#pragma once
#include "rocket/train/optimizer.hpp"

namespace rocket {

/// Stochastic gradient descent with momentum, as torch.optim.SGD without dampening. With g = gradient + decay w
///
///     v <- momentum v + g        w <- w - rate v,  or  w - rate (g + momentum v) with nesterov
struct Sgd {
  double rate = 0.1;            ///< before the schedule's factor
  double momentum = 0;          ///< in [0, 1); 0: none
  double weight_decay = 0;      ///< added to the gradient, times the parameter
  bool nesterov = false;        ///< looks ahead
  Decays decays = Decays::all;  ///< which parameters decay

  static constexpr std::size_t states = 1;  ///< v

  /// One step on one piece of the vectors.
  template <class T>
  void operator()(const Piece& piece, T* parameters, const T* gradients, std::array<T*, states> state) const {
    const T step = static_cast<T>(piece.rate), keeps = static_cast<T>(momentum), decay = static_cast<T>(piece.decay);
    T* velocities = state[0];
    detail::each_register<T>(piece.size, [&](const auto& at) {
      const auto parameter = at.load(parameters);
      const auto gradient = at.load(gradients) + decay * parameter;
      const auto velocity = keeps * at.load(velocities) + gradient;
      at.store(velocities, velocity);
      at.store(parameters, parameter - step * (nesterov ? gradient + keeps * velocity : velocity));
    });
  }
};

}  // namespace rocket
