#pragma once
#include "rocket/core/shape.hpp"

/// \file
/// How a mistake in a type is told: a struct named after the rule, with the layer, what it expected and what it got as
/// its arguments, asserts that the rule holds:
///
///     template <class Layer, class ExpectedShape, class GotShape>
///     struct ResidualEndsInOneShape {
///       static_assert(holds<agree<ExpectedShape, GotShape>, Layer, ExpectedShape, GotShape>, "rocket: Residual: ...");
///       static constexpr bool ok = true;
///     };
///
/// g++ prints the struct's arguments in a line before the message, clang those of `holds` in the line of the message.

namespace rocket {

/// In a compiler's message: what a layer expected.
template <auto... Values>
struct Expected {};
/// In a compiler's message: what it got.
template <auto... Values>
struct Got {};

namespace detail {
/// Whether a rule is kept; what it is about is only there to be printed.
template <bool Sound, class... About>
inline constexpr bool holds = Sound;

template <class ExpectedValues, class GotValues>
inline constexpr bool agree = false;
template <auto... Values>
inline constexpr bool agree<Expected<Values...>, Got<Values...>> = true;

/// A real number in a message, where its bits would say nothing.
constexpr long thousandths(double number) {
  const double scaled = 1000 * number;
  const long cut = static_cast<long>(scaled);
  return scaled < static_cast<double>(cut) ? cut - 1 : cut;
}
}  // namespace detail

}  // namespace rocket
