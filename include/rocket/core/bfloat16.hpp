#pragma once
#include <bit>
#include <cstdint>

namespace rocket {

/// The upper half of a float: its sign, its exponent, and 7 bits behind the leading one. What is computed with it is
/// computed in float.
class BFloat16 {
 public:
  constexpr BFloat16() = default;
  /// The nearest one, of two the even one; beyond the largest by half a step or more, infinity. NaN stays NaN.
  constexpr explicit BFloat16(float number) {
    const auto whole = std::bit_cast<std::uint32_t>(number);
    const bool is_nan = (whole & 0x7fffffff) > 0x7f800000;
    // Adds a half step, less one where the bit that stays is even: a carry is what rounds up.
    bits_ = static_cast<std::uint16_t>(is_nan ? whole >> 16 | 0x40 : (whole + 0x7fff + (whole >> 16 & 1)) >> 16);
  }
  /// The same number.
  constexpr explicit operator float() const { return std::bit_cast<float>(std::uint32_t{bits_} << 16); }
  /// How it lies in memory.
  constexpr std::uint16_t bits() const { return bits_; }

 private:
  std::uint16_t bits_ = 0;
};

}  // namespace rocket
