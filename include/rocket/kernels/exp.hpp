#pragma once
#include <array>
#include <cstdint>
#include <cstring>
#include <limits>

#include "rocket/core/simd.hpp"
#include "rocket/core/type_list.hpp"

namespace rocket::kernels {
namespace detail {

/// What exp needs to know of a type. The polynomials approximate e^r for |r| <= log(2) / 2 with the smallest relative
/// error of their degree: 1.9e-9 and 3.1e-18, before their coefficients are rounded.
template <class T>
struct ExpConstants;
template <>
struct ExpConstants<float> {
  using Bits = std::uint32_t;
  static constexpr float lowest = -104, highest = 89;    // e^x is 0 below and infinite above
  static constexpr float ln2_high = 0.693145751953125f;  // so few digits that whole multiples of it are exact
  static constexpr float ln2_low = 1.4286068203094172e-06f;
  static constexpr std::array polynomial{1.f,           1.f,           0.49999992f,  0.1666642f,
                                         0.0416682287f, 0.0083748571f, 0.0013836794f};
};
template <>
struct ExpConstants<double> {
  using Bits = std::uint64_t;
  static constexpr double lowest = -746, highest = 710;
  static constexpr double ln2_high = 0.6931471805601177, ln2_low = -1.7239444525614835e-13;
  static constexpr std::array polynomial{1.,
                                         1.,
                                         0.5000000000000018,
                                         0.16666666666666166,
                                         0.041666666666492075,
                                         0.008333333333560174,
                                         0.0013888888951410253,
                                         0.0001984126943145402,
                                         2.480148632058812e-05,
                                         2.755762313699603e-06,
                                         2.7632368019197577e-07,
                                         2.4994247177932404e-08};
};

}  // namespace detail

/// e^x of all lanes; of a plain number, too. Off by at most 1.1 units in the last place where products are fused, by
/// 1.5 elsewhere, in float and double, subnormal results included. 0 where e^x is below half the smallest number,
/// infinity where it is above the largest, NaN of NaN.
///
/// With the whole number n next to x / log(2), e^x = 2^n e^r with r = x - n log(2), and a polynomial for e^r.
template <class V>
[[gnu::always_inline]] inline V exp(V x) {
  using T = typename rocket::detail::LaneOf<V>::type;
  using Constants = detail::ExpConstants<T>;
  using Bits = typename Constants::Bits;
  constexpr int lanes = rocket::detail::lanes_of<V>;
  constexpr int digits = std::numeric_limits<T>::digits - 1, bias = std::numeric_limits<T>::max_exponent - 1;
  // Of a number as large as this the last place is 1: adding it rounds to a whole number, whose bits are the last ones.
  constexpr T rounder = T{3} * static_cast<T>(Bits{1} << (digits - 1));
  const auto all = [](T number) { return broadcast<lanes>(number); };
  const auto power_of_two = [&](V exponent) {
    const V biased = exponent + all(rounder + bias);
    Simd<Bits, lanes> bits;
    std::memcpy(&bits, &biased, sizeof(bits));
    bits = bits << digits;
    V power;
    std::memcpy(&power, &bits, sizeof(power));
    return power;
  };

  const auto vanishes = x < all(Constants::lowest);  // NaN doesn't, nor is it above
  x = select(vanishes, V{}, x);                      // processors are slow where a product gets too small
  x = select(x > all(Constants::highest), all(Constants::highest), x);
  const V n = rocket::multiply_add(x, all(T(1.4426950408889634)), all(rounder)) - all(rounder);
  V r = rocket::multiply_add(n, all(-Constants::ln2_high), x);
  r = rocket::multiply_add(n, all(-Constants::ln2_low), r);

  constexpr int degree = static_cast<int>(Constants::polynomial.size()) - 1;
  V power = all(Constants::polynomial[degree]);
  rocket::detail::for_each_index_backwards<degree>(
      [&](auto k) { power = rocket::multiply_add(power, r, all(Constants::polynomial[k])); });

  // In two steps, for 2^n alone may be too large or too small a number.
  const V half = rocket::multiply_add(n, all(T(0.5)), all(rounder)) - all(rounder);
  return select(vanishes, V{}, power * power_of_two(half) * power_of_two(n - half));
}

}  // namespace rocket::kernels
