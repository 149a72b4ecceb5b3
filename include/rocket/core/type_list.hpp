#pragma once
#include <array>
#include <cstddef>
#include <type_traits>
#include <utility>

namespace rocket::detail {

template <std::size_t I, class T>
struct Indexed {
  using type = T;
};

template <class Indices, class... Ts>
struct IndexedList;
template <std::size_t... I, class... Ts>
struct IndexedList<std::index_sequence<I...>, Ts...> : Indexed<I, Ts>... {};

template <std::size_t I, class T>
Indexed<I, T> pick(const Indexed<I, T>&);

/// The I-th of a list of types, found by overload resolution: no recursion, one instantiation a list.
template <std::size_t I, class... Ts>
using At = typename decltype(pick<I>(std::declval<IndexedList<std::index_sequence_for<Ts...>, Ts...>>()))::type;

/// Calls `body` with std::integral_constant<int, 0> ... <int, N - 1>, in order: a loop over positions in a type list.
template <int N, class Body>
constexpr void for_each_index(Body&& body) {
  [&]<int... I>(std::integer_sequence<int, I...>) { (body(std::integral_constant<int, I>{}), ...); }
  (std::make_integer_sequence<int, N>{});
}

/// The same from N - 1 down to 0.
template <int N, class Body>
constexpr void for_each_index_backwards(Body&& body) {
  for_each_index<N>([&](auto i) { body(std::integral_constant<int, N - 1 - decltype(i)::value>{}); });
}

/// The sum of the first `count` entries; for prefix sums over a list of layers.
template <class T, std::size_t N>
constexpr T sum(const std::array<T, N>& terms, std::size_t count = N) {
  T total{};
  for (std::size_t i = 0; i < count; ++i) total = total + terms[i];
  return total;
}

}  // namespace rocket::detail
