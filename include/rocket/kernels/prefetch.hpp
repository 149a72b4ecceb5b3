#pragma once
#include "rocket/core/buffer.hpp"

namespace rocket::kernels {

/// Numbers that will be read once what is being computed is done. Some kernels bring them into the second cache
/// meanwhile, a share at a time, which nobody waits for; it changes no result.
template <class T>
struct Next {
  const T* data = nullptr;
  long count = 0;  ///< 0: nobody knows

  static constexpr long line = cache_line / sizeof(T);  ///< numbers that come at once

  /// Fetches so many lines from number `begin` on, if there are as many.
  template <int Lines>
  [[gnu::always_inline]] void fetch(long begin) const {
    if (begin + Lines * line > count) return;
#pragma GCC unroll 8
    for (int i = 0; i < Lines; ++i) __builtin_prefetch(data + begin + i * line, 0, 2);
  }
};

}  // namespace rocket::kernels
