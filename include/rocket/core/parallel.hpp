#pragma once
#include <algorithm>
#include <exception>
#ifdef _OPENMP
#include <omp.h>
#endif

namespace rocket {

/// Samples that are worked on together. Chunks are the leaves of every reduction over the batch; the number is fixed,
/// so that no result depends on the number of threads.
inline constexpr int chunk_samples = 32;

/// Chunks a batch is cut into; the last one may be short.
constexpr int chunk_count(int batch) { return (batch + chunk_samples - 1) / chunk_samples; }

/// Threads OpenMP would use, 1 without it.
inline int available_threads() {
#ifdef _OPENMP
  return omp_get_max_threads();
#else
  return 1;
#endif
}

/// Work below which a team isn't woken, in nanoseconds of one core. Waking and gathering a team takes microseconds when
/// the cores are free, but a time slice of somebody else's program when they aren't. Callers say roughly how long they
/// take: 50 multiplications or additions a nanosecond in a product, a quarter of one for a number read and written,
/// several for an exponential.
inline constexpr double nanoseconds_worth_a_team = 2e5;

/// Calls body(0) ... body(tasks - 1), each once, in any order, on up to `threads` threads when `nanoseconds` (all tasks
/// together) are worth it. Tasks must write to places of their own; then nothing depends on who ran which.
template <class Body>
void parallel_for(int tasks, int threads, double nanoseconds, const Body& body) {
#ifdef _OPENMP
  if (threads > 1 && tasks > 1 && nanoseconds >= nanoseconds_worth_a_team) {
    std::exception_ptr thrown;  // an exception must not leave a parallel region: the first one waits here
#pragma omp parallel for schedule(static) num_threads(std::min(threads, tasks))
    for (int task = 0; task < tasks; ++task) {
      try {
        body(task);
      } catch (...) {
#pragma omp critical(rocket_parallel_for)
        if (!thrown) thrown = std::current_exception();
      }
    }
    if (thrown) std::rethrow_exception(thrown);
    return;
  }
#else
  static_cast<void>(threads);
  static_cast<void>(nanoseconds);
#endif
  for (int task = 0; task < tasks; ++task) body(task);
}

/// Calls body(chunk, begin, end) for every chunk of the batch.
template <class Body>
void parallel_chunks(int batch, int threads, double nanoseconds, const Body& body) {
  parallel_for(chunk_count(batch), threads, nanoseconds, [&](int chunk) {
    const int begin = chunk * chunk_samples;
    body(chunk, begin, std::min(begin + chunk_samples, batch));
  });
}

/// Adds `count` rows of `width` numbers into the first, pairwise: row 0 takes row 1, row 2 takes row 3, then row 0
/// takes row 2, and so on. The tree depends on `count` alone.
template <class T>
void tree_sum(T* rows, int count, int width) {
  for (int step = 1; step < count; step *= 2)
    for (int row = 0; row + step < count; row += 2 * step) {
      T* into = rows + static_cast<long>(row) * width;
      const T* from = rows + static_cast<long>(row + step) * width;
      for (int i = 0; i < width; ++i) into[i] += from[i];
    }
}

}  // namespace rocket
