#pragma once
#include <bit>
#include <cstdint>

namespace rocket {

/// A real number as a template argument: `Dropout<0.2>`, `LeakyRelu<0.01>`. C++20 allows a plain double there, clang
/// does so only from version 18 on; its bits are allowed everywhere.
struct Real {
  std::uint64_t bits = 0;  ///< of the double
  /// Any double, from a literal too.
  // NOLINTNEXTLINE(google-explicit-constructor): implicit, so that a literal can stand in the argument list.
  constexpr Real(double value) : bits{std::bit_cast<std::uint64_t>(value)} {}
  /// Any int: BatchNorm<0.1, 1>.
  // NOLINTNEXTLINE(google-explicit-constructor): implicit, so that a literal can stand in the argument list.
  constexpr Real(int value) : Real{static_cast<double>(value)} {}
  /// The number.
  constexpr double value() const { return std::bit_cast<double>(bits); }
  constexpr bool operator==(const Real&) const = default;
};

}  // namespace rocket
