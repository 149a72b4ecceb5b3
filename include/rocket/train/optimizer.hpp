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
#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

#include "rocket/core/parallel.hpp"
#include "rocket/core/simd.hpp"
#include "rocket/net/listing.hpp"

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

/// A register's worth of a piece, in each of its vectors.
struct WholeRegister {
  std::size_t index;  ///< of the first number
  template <class T>
  auto load(const T* vector) const {
    return load_lanes<native_lanes<T>>(vector + index);
  }
  template <class T, class V>
  void store(T* vector, V numbers) const {
    store_lanes(vector + index, numbers);
  }
};
/// The rest, shorter than a register.
struct LastRegister {
  std::size_t index;  ///< of the first number
  int count;          ///< numbers
  template <class T>
  auto load(const T* vector) const {
    return load_some<native_lanes<T>>(vector + index, count);
  }
  template <class T, class V>
  void store(T* vector, V numbers) const {
    store_some(vector + index, numbers, count);
  }
};

/// body(at) for all registers of a piece of `size` numbers. It says `at.load(parameters)`, `at.store(parameters, w)`:
/// one pass over as many vectors as an optimizer has, with no question whether they overlap.
template <class T, class Body>
inline void each_register(std::size_t size, const Body& body) {
  constexpr std::size_t lanes = native_lanes<T>;
  std::size_t i = 0;
  for (; i + lanes <= size; i += lanes) body(WholeRegister{i});
  if (i < size) body(LastRegister{i, static_cast<int>(size - i)});
}

/// One pass of the optimizer over the parameter vector, in slices of a fixed size. Arrays are pieces of their own,
/// since they differ in whether they decay.
template <class Net, class Optimizer, class T, std::size_t States>
void optimize(Net& net, const Optimizer& optimizer, std::span<const T> gradients, std::array<T*, States> state,
              double rate, long step, Workers workers) {
  const std::span<T> parameters = net.parameter_vector();
  const double nanoseconds = 0.25 * static_cast<double>(parameters.size());
  parallel_slices(parameters.size(), workers, nanoseconds, [&](std::size_t slice_begin, std::size_t slice_end) {
    for (const Array& array : Net::parameter_table()) {
      const std::size_t begin = std::max(array.offset, slice_begin);
      const std::size_t end = std::min(array.offset + array.size(), slice_end);
      if (begin >= end) continue;
      const bool decays = optimizer.decays == Decays::all || array.decay == Decay::yes;
      std::array<T*, States> at = state;
      for (T*& vector : at) vector += begin;
      optimizer(Piece{end - begin, rate, decays ? optimizer.weight_decay : 0, step}, parameters.data() + begin,
                gradients.data() + begin, at);
    }
  });
}

}  // namespace detail
}  // namespace rocket
