/// \file
/// Several numbers worked on at once: the one small vector type of the house, written once for AVX-512, AVX2, NEON and
/// anything else that g++ and clang compile for.
///
/// What is stored and passed around is always the compilers' vector extension, with +, -, *, / and comparisons. The few
/// operations it lacks are functions here: the masked ends of rows, fused products, horizontal sums. Where
/// ROCKET_USE_XSIMD is defined, products and maxima of whole native registers are xsimd's (version 8 or later), by
/// conversion within the function, so that no type and no layout depends on the macro; nor do results, where compilers
/// fuse products (see multiply_add). The rest isn't xsimd's: it has no masked ends, and adds lanes in an order of each
/// instruction set's own.
///
/// Aligned addresses are faster, but none of these functions asks for one. Every Buffer starts on a cache line, which
/// is as wide as the widest register here, so a row of whole registers never straddles two lines.
#pragma once
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>

#if defined(__AVX__)
#include <immintrin.h>  // masked loads and stores, square roots, sums of products of bytes
#elif defined(__SSSE3__)
#include <tmmintrin.h>  // square roots, sums of products of bytes
#elif defined(__SSE2__)
#include <emmintrin.h>  // square roots
#endif
#if defined(ROCKET_USE_XSIMD)
#include <xsimd/xsimd.hpp>
#endif

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

/// Vector registers there are: what a loop keeps in them must leave some for what passes through.
inline constexpr int vector_registers =
#if defined(__AVX512F__) || defined(__aarch64__)
    32;
#else
    16;
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

/// The numbers a vector is made of.
template <class V>
struct LaneOf {
  using type = std::remove_cvref_t<decltype(std::declval<V&>()[0])>;
};
template <class T>
requires std::is_arithmetic_v<T>
struct LaneOf<T> {
  using type = T;
};
}  // namespace detail

/// `Lanes` numbers worked on at once, by the vector extension g++ and clang share: +, -, * and / on all lanes, a scalar
/// operand is broadcast. One lane is the plain number. More lanes than a register has are allowed (several registers),
/// but compilers warn where such a vector is passed to a function (-Wpsabi).
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

/// The same number in all lanes.
template <int Lanes, class T>
inline Simd<T, Lanes> broadcast(T number) {
  return number - Simd<T, Lanes>{};  // not a sum: -0 + 0 is 0
}

/// The same value, and no product in it fused with what is done to it next: for differences that must be 0 where two
/// things are equal.
template <class V>
inline V rounded(V value) {
#if defined(__clang__)
  return value;  // fuses within one expression only
#else
  return __builtin_assoc_barrier(value);
#endif
}

/// The same value, in a register from here on. Where all registers are taken, g++ would rather read a vector from
/// memory again for every use: sixteen reads for a dozen products, and a processor reads twice a cycle.
template <class V>
[[gnu::always_inline]] inline V in_register(V value) {
#if defined(__AVX__) && !defined(__AVX512F__)
  if constexpr (sizeof(V) == 16 || sizeof(V) == 32) __asm__("" : "+x"(value));
#endif
  return value;
}

/// Lane by lane, `yes` where the mask is true, `no` elsewhere. A mask is what a comparison of two vectors returns.
template <class Mask, class V>
inline V select(Mask mask, V yes, V no) {
  return mask ? yes : no;
}

namespace detail {

#if defined(__AVX__)
/// The mask of the first `count` lanes, as AVX's masked loads and stores want it.
template <class T, int Lanes>
inline auto first_lanes(int count) {
  return [&]<int... L>(std::integer_sequence<int, L...>) {
    return Simd<T, Lanes>{L...} < broadcast<Lanes>(static_cast<T>(count));
  }
  (std::make_integer_sequence<int, Lanes>{});
}

/// The masked load and store of a register, where there is one.
template <class T, int Lanes>
struct Masked {
  static constexpr bool exists = false;
};
template <>
struct Masked<float, 4> {
  static constexpr bool exists = true;
  static __m128i mask(int count) { return reinterpret_cast<__m128i>(first_lanes<float, 4>(count)); }
  static Simd<float, 4> load(const float* from, int count) { return _mm_maskload_ps(from, mask(count)); }
  static void store(float* to, Simd<float, 4> value, int count) { _mm_maskstore_ps(to, mask(count), value); }
};
template <>
struct Masked<double, 2> {
  static constexpr bool exists = true;
  static __m128i mask(int count) { return reinterpret_cast<__m128i>(first_lanes<double, 2>(count)); }
  static Simd<double, 2> load(const double* from, int count) { return _mm_maskload_pd(from, mask(count)); }
  static void store(double* to, Simd<double, 2> value, int count) { _mm_maskstore_pd(to, mask(count), value); }
};
template <>
struct Masked<float, 8> {
  static constexpr bool exists = true;
  static __m256i mask(int count) { return reinterpret_cast<__m256i>(first_lanes<float, 8>(count)); }
  static Simd<float, 8> load(const float* from, int count) { return _mm256_maskload_ps(from, mask(count)); }
  static void store(float* to, Simd<float, 8> value, int count) { _mm256_maskstore_ps(to, mask(count), value); }
};
template <>
struct Masked<double, 4> {
  static constexpr bool exists = true;
  static __m256i mask(int count) { return reinterpret_cast<__m256i>(first_lanes<double, 4>(count)); }
  static Simd<double, 4> load(const double* from, int count) { return _mm256_maskload_pd(from, mask(count)); }
  static void store(double* to, Simd<double, 4> value, int count) { _mm256_maskstore_pd(to, mask(count), value); }
};
#if defined(__AVX512F__)
template <>
struct Masked<float, 16> {
  static constexpr bool exists = true;
  static __mmask16 mask(int count) { return static_cast<__mmask16>((1u << count) - 1); }
  static Simd<float, 16> load(const float* from, int count) { return _mm512_maskz_loadu_ps(mask(count), from); }
  static void store(float* to, Simd<float, 16> value, int count) { _mm512_mask_storeu_ps(to, mask(count), value); }
};
template <>
struct Masked<double, 8> {
  static constexpr bool exists = true;
  static __mmask8 mask(int count) { return static_cast<__mmask8>((1u << count) - 1); }
  static Simd<double, 8> load(const double* from, int count) { return _mm512_maskz_loadu_pd(mask(count), from); }
  static void store(double* to, Simd<double, 8> value, int count) { _mm512_mask_storeu_pd(to, mask(count), value); }
};
#endif
#else
template <class T, int Lanes>
struct Masked {
  static constexpr bool exists = false;
};
#endif

/// How many numbers a vector holds.
template <class V>
inline constexpr int lanes_of = sizeof(V) / sizeof(typename LaneOf<V>::type);

/// The first or the second half of the lanes.
template <int Half, class V>
inline auto half_of_lanes(V value) {
  constexpr int half = lanes_of<V> / 2;
  if constexpr (half == 1)
    return value[Half];
  else
    return [&]<int... L>(std::integer_sequence<int, L...>) {
      return __builtin_shufflevector(value, value, Half * half + L...);
    }
  (std::make_integer_sequence<int, half>{});
}
/// Both halves.
template <class V>
inline auto join_lanes(V low, V high) {
  using T = typename LaneOf<V>::type;
  constexpr int half = lanes_of<V>;
  if constexpr (half == 1)
    return Simd<T, 2>{low, high};
  else
    return [&]<int... L>(std::integer_sequence<int, L...>) { return __builtin_shufflevector(low, high, L...); }
  (std::make_integer_sequence<int, 2 * half>{});
}

#if defined(ROCKET_USE_XSIMD)
/// xsimd's batch of the same register; of its own widest registers only, since it fuses no products in narrower ones.
template <class V>
using Batch = xsimd::batch<typename LaneOf<V>::type, xsimd::default_arch>;
template <class V>
constexpr bool is_batch() {
  using T = typename LaneOf<V>::type;
  if constexpr (!std::is_same_v<T, V> && std::is_floating_point_v<T> && xsimd::has_simd_register<T>::value)
    return sizeof(Batch<V>) == sizeof(V);
  else
    return false;
}
#endif

}  // namespace detail

/// The first `count` numbers, and 0 in the other lanes. Memory behind them isn't touched.
/// \param count in [0, Lanes]
template <int Lanes, class T>
inline Simd<T, Lanes> load_some(const T* from, int count) {
  if constexpr (detail::Masked<T, Lanes>::exists) {
    return detail::Masked<T, Lanes>::load(from, count);
  } else if constexpr (Lanes == 1) {
    return count > 0 ? *from : T{0};
  } else {
    constexpr int half = Lanes / 2;
    if (count < half) return detail::join_lanes(load_some<half>(from, count), Simd<T, half>{});
    return detail::join_lanes(load_lanes<half>(from), load_some<half>(from + half, count - half));
  }
}

/// Writes the first `count` lanes, and touches no memory behind them.
/// \param count in [0, lanes of V]
template <class T, class V>
inline void store_some(T* to, V value, int count) {
  constexpr int lanes = sizeof(V) / sizeof(T);
  if constexpr (detail::Masked<T, lanes>::exists) {
    detail::Masked<T, lanes>::store(to, value, count);
  } else if constexpr (lanes == 1) {
    if (count > 0) *to = value;
  } else {
    constexpr int half = lanes / 2;
    if (count < half) return store_some(to, detail::half_of_lanes<0>(value), count);
    store_lanes(to, detail::half_of_lanes<0>(value));
    store_some(to + half, detail::half_of_lanes<1>(value), count - half);
  }
}

/// a * b + c, rounded once where the hardware can and compilers fuse: g++ from -O2 on, clang always, unless told
/// otherwise.
template <class V>
inline V multiply_add(V a, V b, V c) {
#if defined(ROCKET_USE_XSIMD) && !defined(__AVX512F__)  // xsimd 8 doesn't fuse there; the compilers do
  if constexpr (detail::is_batch<V>()) {
    using Batch = detail::Batch<V>;
    return V(xsimd::fma(Batch(a), Batch(b), Batch(c)).data);
  } else
#endif
    return a * b + c;
}

#if defined(ROCKET_USE_XSIMD) && defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push  // g++ 12 says of its own _mm512_max_ps that it reads what isn't set
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
/// Lane by lane a > b ? a : b. So b where either is NaN: maximum(0, x) is a Relu that passes NaN on.
template <class V>
inline V maximum(V a, V b) {
#if defined(ROCKET_USE_XSIMD) && defined(__SSE2__)  // other machines' instructions return NaN where either is NaN
  if constexpr (detail::is_batch<V>()) {
    using Batch = detail::Batch<V>;
    return V(xsimd::max(Batch(a), Batch(b)).data);
  } else
#endif
    return a > b ? a : b;
}
#if defined(ROCKET_USE_XSIMD) && defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

/// The square root of every lane, rounded correctly; NaN of what is negative. A loop over std::sqrt would do one lane
/// after the other, since that has to tell errno. (Masked for AVX-512: g++ 12 warns of what the plain ones start from.)
template <class V>
inline V square_root(V value) {
#if defined(__AVX512F__)
  if constexpr (std::is_same_v<V, Simd<float, 16>>) return _mm512_maskz_sqrt_ps(0xffff, value);
  if constexpr (std::is_same_v<V, Simd<double, 8>>) return _mm512_maskz_sqrt_pd(0xff, value);
#endif
#if defined(__AVX__)
  if constexpr (std::is_same_v<V, Simd<float, 8>>) return _mm256_sqrt_ps(value);
  if constexpr (std::is_same_v<V, Simd<double, 4>>) return _mm256_sqrt_pd(value);
#endif
#if defined(__SSE2__)
  if constexpr (std::is_same_v<V, Simd<float, 4>>) return _mm_sqrt_ps(value);
  if constexpr (std::is_same_v<V, Simd<double, 2>>) return _mm_sqrt_pd(value);
#endif
  if constexpr (std::is_arithmetic_v<V>)
    return std::sqrt(value);
  else
    return detail::join_lanes(square_root(detail::half_of_lanes<0>(value)),
                              square_root(detail::half_of_lanes<1>(value)));
}

/// Lane by lane the same number in another type, as static_cast makes it: what is behind the point is cut off.
template <class T, class V>
inline auto converted_to(V value) {
  return __builtin_convertvector(value, Simd<T, detail::lanes_of<V>>);
}

namespace detail {

/// add_byte_products by what any machine can do: the odd bytes of 16-bit numbers are their upper halves, and the even
/// ones come there by a shift. (It doesn't matter which of them are called even: a and b are cut alike.)
template <int Lanes>
inline Simd<std::int32_t, Lanes> add_byte_products_anywhere(Simd<std::int32_t, Lanes> sum, Simd<std::int32_t, Lanes> a,
                                                            Simd<std::int32_t, Lanes> b) {
  using Halves = Simd<std::int16_t, 2 * Lanes>;
  using Words = Simd<std::int32_t, Lanes>;
  const Halves left = std::bit_cast<Halves>(a), right = std::bit_cast<Halves>(b);
  const Halves pairs = (left & 0xff) * ((right << 8) >> 8) + (left >> 8) * (right >> 8);
  const Words of_pairs = std::bit_cast<Words>(pairs);
  return sum + ((of_pairs << 16) >> 16) + (of_pairs >> 16);
}

}  // namespace detail

/// In every lane sum + a0 b0 + a1 b1 + a2 b2 + a3 b3, where a0 to a3 are the bytes of that lane of a, b0 to b3 those of
/// b. The same integers on every machine, because two products never exceed what 16 bits hold.
/// \param a  bytes in [0, 127]
/// \param b  bytes in [-127, 127]
template <int Lanes>
inline Simd<std::int32_t, Lanes> add_byte_products(Simd<std::int32_t, Lanes> sum, Simd<std::int32_t, Lanes> a,
                                                   Simd<std::int32_t, Lanes> b) {
  using V [[maybe_unused]] = Simd<std::int32_t, Lanes>;
#if defined(__AVX512VNNI__)
  if constexpr (Lanes == 16)
    return std::bit_cast<V>(
        _mm512_dpbusd_epi32(std::bit_cast<__m512i>(sum), std::bit_cast<__m512i>(a), std::bit_cast<__m512i>(b)));
#endif
#if defined(__AVX512VNNI__) && defined(__AVX512VL__)
  if constexpr (Lanes == 8)
    return std::bit_cast<V>(
        _mm256_dpbusd_epi32(std::bit_cast<__m256i>(sum), std::bit_cast<__m256i>(a), std::bit_cast<__m256i>(b)));
#elif defined(__AVXVNNI__)
  if constexpr (Lanes == 8)
    return std::bit_cast<V>(
        _mm256_dpbusd_avx_epi32(std::bit_cast<__m256i>(sum), std::bit_cast<__m256i>(a), std::bit_cast<__m256i>(b)));
#endif
#if defined(__AVX512BW__)
  if constexpr (Lanes == 16) {
    const __m512i pairs = _mm512_maddubs_epi16(std::bit_cast<__m512i>(a), std::bit_cast<__m512i>(b));
    return sum + std::bit_cast<V>(_mm512_madd_epi16(pairs, _mm512_set1_epi16(1)));
  }
#endif
#if defined(__AVX2__)
  if constexpr (Lanes == 8) {
    const __m256i pairs = _mm256_maddubs_epi16(std::bit_cast<__m256i>(a), std::bit_cast<__m256i>(b));
    return sum + std::bit_cast<V>(_mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
  }
#endif
#if defined(__SSSE3__)
  if constexpr (Lanes == 4) {
    const __m128i pairs = _mm_maddubs_epi16(std::bit_cast<__m128i>(a), std::bit_cast<__m128i>(b));
    return sum + std::bit_cast<V>(_mm_madd_epi16(pairs, _mm_set1_epi16(1)));
  }
#endif
  return detail::add_byte_products_anywhere<Lanes>(sum, a, b);
}

/// The sum of the lanes, by halves: lane i and lane i + Lanes/2 first. One order on every machine.
template <class V>
inline auto sum_of_lanes(V value) {
  if constexpr (std::is_arithmetic_v<V>)
    return value;
  else
    return sum_of_lanes(detail::half_of_lanes<0>(value) + detail::half_of_lanes<1>(value));
}

/// The largest of the lanes, by the same halves; where a lane is NaN, any of them.
template <class V>
inline auto largest_lane(V value) {
  if constexpr (std::is_arithmetic_v<V>)
    return value;
  else
    return largest_lane(maximum(detail::half_of_lanes<0>(value), detail::half_of_lanes<1>(value)));
}

}  // namespace rocket
