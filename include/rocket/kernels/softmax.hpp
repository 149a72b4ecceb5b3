#pragma once
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>

#include "rocket/kernels/exp.hpp"
#include "rocket/kernels/row.hpp"

namespace rocket::kernels {

/// The largest number of a row, and where it is: the first of equals. NaN is never the largest; where nothing else is,
/// the largest is -infinity, at 0.
template <class T>
struct Largest {
  T number;
  int position;
};

/// Of a row whose lanes behind its end hold -infinity.
template <class T, std::size_t C>
[[gnu::always_inline]] inline Largest<T> largest(const RegisterRow<T, C>& row) {
  using Row = RegisterRow<T, C>;
  using V = typename Row::V;
  V number[Row::sums], position[Row::sums];  // in each lane
  rocket::detail::for_each_index<Row::sums>([&](auto i) {
    number[i] = broadcast<Row::lanes>(-std::numeric_limits<T>::infinity());
    position[i] = V{};
  });
  Row::each([&](auto r) {
    position[r.sum] = select(row[r] > number[r.sum], Row::index(r), position[r.sum]);
    number[r.sum] = maximum(row[r], number[r.sum]);
  });
  V all = number[0];
  rocket::detail::for_each_index<Row::sums - 1>([&](auto i) { all = maximum(number[i + 1], all); });
  const T most = largest_lane(all);

  V before = broadcast<Row::lanes>(-static_cast<T>(C));  // minus the first position there is
  rocket::detail::for_each_index<Row::sums>([&](auto i) {
    before = maximum(select(number[i] == broadcast<Row::lanes>(most), -position[i], before), before);
  });
  return {most, static_cast<int>(-largest_lane(before))};
}

/// Where the largest number is; the first of equals. NaN never is; where nothing is above -infinity, the first place.
template <class T, std::size_t C>
int argmax(std::span<const T, C> numbers) {
  constexpr T lowest = -std::numeric_limits<T>::infinity();
  if constexpr (C == std::dynamic_extent) {
    Largest<T> found{lowest, 0};
    for (std::size_t c = 0; c < numbers.size(); ++c)
      if (numbers[c] > found.number) found = {numbers[c], static_cast<int>(c)};
    return found.position;
  } else {
    RegisterRow<T, C> row;
    row.each([&](auto r) { row[r] = row.load(numbers.data(), r, lowest); });
    return largest(row).position;
  }
}

/// The logarithms of softmax(logits / temperature). Logits are measured from the largest, so nothing overflows, and no
/// digits are lost where all of them are large.
template <class T>
struct LogSoftmax {
  T largest;
  T coldness;  ///< 1 / temperature
  T log_sum;   ///< log sum_k exp((logits_k - largest) / temperature)
  /// Of one logit or of some lanes of them.
  template <class V>
  V operator()(V logits) const {
    return (logits - largest) * coldness - log_sum;
  }
};

/// softmax(logits / temperature) of one row, in registers.
template <class T, std::size_t C>
struct Softmax {
  using Row = RegisterRow<T, C>;
  Row powers;          ///< exp((logits_k - largest) / temperature), 0 behind the end
  T scale;             ///< 1 over their sum
  LogSoftmax<T> log;   ///< its logarithm
  Largest<T> largest;  ///< of the logits

  [[gnu::always_inline]] explicit Softmax(const T* logits, T temperature = 1) {
    Row::each([&](auto r) { powers[r] = Row::load(logits, r, -std::numeric_limits<T>::infinity()); });
    largest = kernels::largest(powers);
    const T coldness = 1 / temperature;
    typename Row::Sum sums;
    Row::each([&](auto r) {
      powers[r] = exp((powers[r] - largest.number) * coldness);
      sums.add(r, powers[r]);
    });
    const T sum = sums.total();
    scale = 1 / sum;
    log = {largest.number, coldness, std::log(sum)};
  }

  /// Those in register r; 0 behind the end.
  auto probabilities(auto r) const { return rounded(powers[r] * scale); }
};

/// Writes softmax(logits / temperature) and returns its logarithm.
template <class T, std::size_t C>
LogSoftmax<T> softmax(std::span<const T, C> logits, std::span<T, C> probabilities, T temperature = 1) {
  using Row = RegisterRow<T, C>;
  const Softmax<T, C> result{logits.data(), temperature};
  Row::each([&](auto r) { Row::store(probabilities.data(), r, result.probabilities(r)); });
  return result.log;
}

}  // namespace rocket::kernels
