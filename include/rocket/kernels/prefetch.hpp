#pragma once
#include "rocket/core/buffer.hpp"

/// \file
/// Asking for numbers before they are needed: they come while something else is computed. It changes no result.

namespace rocket::kernels {

/// Numbers of a line, which is what comes at once.
template <class T>
inline constexpr long line_numbers = cache_line / sizeof(T);

/// Asks for numbers that will be read soon.
template <class T>
void prefetch(const T* from, long count) {
  for (long i = 0; i < count; i += line_numbers<T>) __builtin_prefetch(from + i);
  if (count > 0) __builtin_prefetch(from + count - 1);  // they needn't begin with a line
}

/// Numbers that will be read later, by this pass or behind it. It may bring them into the second cache meanwhile, a
/// share at a time.
template <class T>
struct Next {
  const T* data = nullptr;
  long count = 0;  ///< 0: none, or nobody knows

  /// Asks for so many lines from number `begin` on, if there are as many.
  template <int Lines>
  [[gnu::always_inline]] void prefetch(long begin) const {
    constexpr long line = line_numbers<T>;
    if (begin + Lines * line > count) return;
#pragma GCC unroll 8
    for (int i = 0; i < Lines; ++i) __builtin_prefetch(data + begin + i * line, 0, 2);
  }
};

}  // namespace rocket::kernels
