#pragma once
#include <array>
#include <cstddef>
#include <span>

namespace rocket::kernels {

/// The logits of all classes. A single logit is the log-odds of class 1 against class 0, as a sigmoid reads it; the
/// softmax of two reads the same where they are 0 and that one.
template <class T, std::size_t C>
auto class_logits(std::span<const T, C> logits) {
  if constexpr (C == 1)
    return std::array<T, 2>{T{0}, logits[0]};
  else
    return logits;
}

/// How many classes so many logits stand for.
constexpr int classes_of(int logits) { return logits == 1 ? 2 : logits; }

}  // namespace rocket::kernels
