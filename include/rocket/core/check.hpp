#pragma once
#include "rocket/core/shape.hpp"

/// \file
/// How a mistake in a type is told: a struct named after what was violated, with the layer, what it expected and what it
/// got as its arguments, holds the static_assert. g++ prints the struct in the line before the message, clang in it.

namespace rocket {

/// In a compiler's message: what a layer expected.
template <auto... Values>
struct Expected {};
/// In a compiler's message: what it got.
template <auto... Values>
struct Got {};

namespace detail {
template <class ExpectedValues, class GotValues>
inline constexpr bool agree = false;
template <auto... Values>
inline constexpr bool agree<Expected<Values...>, Got<Values...>> = true;
}  // namespace detail

}  // namespace rocket
