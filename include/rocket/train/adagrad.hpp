#pragma once
#include "rocket/train/optimizer.hpp"

namespace rocket {

/// Adagrad (Duchi, Hazan, Singer 2011): a rate for each number, the smaller the more it has moved. For sparse inputs:
/// rows that are rarely touched keep learning fast. With g = gradient + decay w
///
///     s <- s + g^2        w <- w - rate g / (sqrt(s) + epsilon)
struct Adagrad {
  double rate = 0.01;           ///< before the schedule's factor
  double epsilon = 1e-10;       ///< keeps the divisor from 0
  double weight_decay = 0;      ///< added to the gradient, times the parameter
  Decays decays = Decays::all;  ///< which parameters decay

  static constexpr std::size_t states = 1;  ///< s

  /// One step on one piece of the vectors.
  template <class T>
  void operator()(const Piece& piece, T* parameters, const T* gradients, std::array<T*, states> state) const {
    const T step = static_cast<T>(piece.rate), decay = static_cast<T>(piece.decay), small = static_cast<T>(epsilon);
    T* sums = state[0];
    detail::each_register<T>(piece.size, [&](const auto& at) {
      const auto parameter = at.load(parameters);
      const auto gradient = at.load(gradients) + decay * parameter;
      const auto sum = at.load(sums) + gradient * gradient;
      at.store(sums, sum);
      at.store(parameters, parameter - step * gradient / (square_root(sum) + small));
    });
  }
};

}  // namespace rocket
