#pragma once
#include <algorithm>
#include <bit>
#include <cstddef>
#include <utility>

#include "rocket/core/simd.hpp"
#include "rocket/core/type_list.hpp"

namespace rocket::kernels {

/// A row of C numbers in registers: a function of a whole row reads it once, works on it lane by lane, and writes once.
/// The last register may stand for fewer numbers than it has lanes. (A long row the compiler keeps on the stack.)
///
///     using Row = RegisterRow<float, 10>;
///     typename Row::Sum squares;
///     Row::each([&](auto r) {
///       const auto gap = Row::load(a, r) - Row::load(b, r);
///       squares.add(r, gap * gap);
///       Row::store(c, r, gap);
///     });
template <class T, std::size_t C>
struct RegisterRow {
  static_assert(C > 0 && C <= (1 << 24), "rocket: RegisterRow: a float counts the positions of a row exactly to 2^24");
  static constexpr int lanes = std::min(native_lanes<T>, static_cast<int>(std::bit_ceil(C)));
  static constexpr int registers = (static_cast<int>(C) + lanes - 1) / lanes;
  static constexpr int in_last = static_cast<int>(C) - (registers - 1) * lanes;  ///< numbers in the last one
  using V = Simd<T, lanes>;

  /// Additions depend on one another: as many sums hide how long one takes.
  static constexpr int sums = std::min(registers, 4);

  /// Which register: number `at`, the last of the row or not; what is known when the program is compiled stands in the
  /// type.
  template <int Sum, bool Last>
  struct Number {
    int at;
    static constexpr int sum = Sum;  ///< the sum it is added to
  };

  V part[registers];

  /// body(number) for every register, in order. What is short is written out, so that `part` can live in registers.
  template <class Body>
  [[gnu::always_inline]] static inline void each(const Body& body) {
    constexpr int in_loop = registers <= 8 ? 0 : (registers - 1) / sums * sums;
    for (int first = 0; first < in_loop; first += sums)
      rocket::detail::for_each_index<sums>([&](auto i) { body(Number<i, false>{first + i}); });
    rocket::detail::for_each_index<registers - in_loop>(
        [&](auto i) { body(Number<i % sums, in_loop + i == registers - 1>{in_loop + i}); });
  }

  V& operator[](auto r) { return part[r.at]; }
  const V& operator[](auto r) const { return part[r.at]; }

  /// Register r of the row that starts at `from`; `beyond` stands in lanes behind the row's end.
  template <int Sum, bool Last>
  static V load(const T* from, Number<Sum, Last> r, T beyond = 0) {
    if constexpr (Last && in_last < lanes) {
      const V numbers = load_some<lanes>(from + r.at * lanes, in_last);
      return select(index(r) < broadcast<lanes>(static_cast<T>(C)), numbers, broadcast<lanes>(beyond));
    } else {
      return load_lanes<lanes>(from + r.at * lanes);
    }
  }
  /// Writes register r of the row that starts at `to`.
  template <int Sum, bool Last>
  static void store(T* to, Number<Sum, Last> r, V numbers) {
    if constexpr (Last && in_last < lanes)
      store_some(to + r.at * lanes, numbers, in_last);
    else
      store_lanes(to + r.at * lanes, numbers);
  }
  /// Which numbers of the row stand in register r, counted from 0.
  static V index(auto r) {
    return [&]<int... L>(std::integer_sequence<int, L...>) { return V{L...} + static_cast<T>(r.at * lanes); }
    (std::make_integer_sequence<int, lanes>{});
  }

  /// A sum over a row, lanes first.
  struct Sum {
    V of[sums]{};
    void add(auto r, V term) { of[r.sum] += term; }
    T total() const {
      V all = of[0];
      rocket::detail::for_each_index<sums - 1>([&](auto i) { all += of[i + 1]; });
      return sum_of_lanes(all);
    }
  };
};

}  // namespace rocket::kernels
