#pragma once
#include "rocket/core/parallel.hpp"

namespace rocket::kernels {

/// sum = a + b over a batch of samples of `size` numbers; sum may be a or b.
template <class T>
void add(int batch, int size, Workers workers, const T* a, const T* b, T* sum) {
  parallel_chunks(batch, workers, 0.25 * size * batch, [&](int, int begin, int end) {
    const long last = static_cast<long>(end) * size;
    for (long i = static_cast<long>(begin) * size; i < last; ++i) sum[i] = a[i] + b[i];
  });
}

}  // namespace rocket::kernels
