/// \file
/// What an optimizer is: a struct of plain amounts with
///
///     static constexpr std::size_t states; // vectors it remembers, each as long as the parameter vector
///     template <class T> void operator()(const Piece& piece, T* parameters, const T* gradients,
///                                        std::array<T*, states> state) const;
///
/// called for every piece of the vectors, maybe by several threads. The members
/// `rate`, `weight_decay` and `decays` are read by the trainer, which hands them on in the Piece.
#pragma once
#include <array>
#include <cstddef>
#include <span>

#include "rocket/core/parallel.hpp"
#include "rocket/net/multi_head.hpp"

namespace rocket {

/// Which parameters weight decay pulls to zero: all (as the paper's code), or weights only, not biases or
/// normalisation.
enum class Decays { all, weights };

/// What one piece of an optimizer's pass knows.
struct Piece {
  std::size_t size = 0;  ///< numbers
  double rate = 0;       ///< of this step: the optimizer's rate times the schedule's factor
  double decay = 0;      ///< weight decay of this piece, 0 where the policy spares it
  long step = 1;         ///< 1 for the first step since the state was cleared
};

namespace detail {

/// One pass of the optimizer over the parameter vector, array by array, since arrays differ in whether they decay.
template <class Net, class Optimizer, class T, std::size_t States>
void optimize(Net& net, const Optimizer& optimizer, std::span<const T> gradients, std::array<T*, States> state,
              double rate, long step, int threads) {
  constexpr std::size_t slice = 16384;
  for (const Array& array : Net::parameter_table()) {
    const bool decays = optimizer.decays == Decays::all || array.decay == Decay::yes;
    const auto slices = static_cast<int>((array.size() + slice - 1) / slice);
    parallel_for(slices, threads, 0.5 * static_cast<double>(array.size()), [&](int i) {
      const std::size_t begin = array.offset + slice * static_cast<std::size_t>(i);
      const std::size_t end = std::min(begin + slice, array.offset + array.size());
      std::array<T*, States> at = state;
      for (T*& vector : at) vector += begin;
      optimizer(Piece{end - begin, rate, decays ? optimizer.weight_decay : 0, step},
                net.parameter_vector().data() + begin, gradients.data() + begin, at);
    });
  }
}

}  // namespace detail
}  // namespace rocket
