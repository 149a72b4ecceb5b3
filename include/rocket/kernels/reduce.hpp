#pragma once
#include <algorithm>

#include "rocket/core/parallel.hpp"

namespace rocket::kernels {

/// Sums over the rows of a batch, of `Width` numbers each: row(i, sum) adds the numbers of sample i. Chunks are summed
/// in the order of their rows, the chunks by the fixed tree. The result is the first `Width` numbers of `partial`,
/// which has room for chunk_count(batch) * Width.
template <int Width, class T, class Row>
void sum_over_batch(int batch, int threads, double nanoseconds, T* partial, const Row& row) {
  parallel_chunks(batch, threads, nanoseconds, [&](int chunk, int begin, int end) {
    T* sum = partial + static_cast<long>(chunk) * Width;
    std::fill_n(sum, Width, T{0});
    for (int i = begin; i < end; ++i) row(i, sum);
  });
  tree_sum(partial, chunk_count(batch), Width);
}

}  // namespace rocket::kernels
