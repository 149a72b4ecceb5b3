#pragma once
#include <cstring>

namespace rocket {

/// Lanes of T in the widest register the translation unit is compiled for.
template <class T>
inline constexpr int native_lanes =
#if defined(__AVX512F__)
    64 / sizeof(T);
#elif defined(__AVX__)
    32 / sizeof(T);
#else
    16 / sizeof(T);
#endif

namespace detail {
template <class T, int Lanes>
struct VectorOf {
  typedef T type __attribute__((vector_size(Lanes * sizeof(T))));  // `using` takes no dependent vector_size in g++
};
template <class T>
struct VectorOf<T, 1> {
  using type = T;
};
}  // namespace detail

/// `Lanes` numbers worked on at once, by the vector extension g++ and clang share: +, -, * and / on all lanes, a scalar
/// operand is broadcast. One lane is the plain number.
template <class T, int Lanes>
using Simd = typename detail::VectorOf<T, Lanes>::type;

/// Reads Lanes numbers from anywhere.
template <int Lanes, class T>
inline Simd<T, Lanes> load_lanes(const T* from) {
  Simd<T, Lanes> value;
  std::memcpy(&value, from, sizeof(value));
  return value;
}

/// Writes Lanes numbers to anywhere.
template <class T, class V>
inline void store_lanes(T* to, V value) {
  std::memcpy(to, &value, sizeof(value));
}

}  // namespace rocket
