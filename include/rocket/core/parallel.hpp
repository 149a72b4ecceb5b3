#pragma once
#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <string>
#include <utility>
#ifdef _OPENMP
#include <omp.h>
#endif

#include "rocket/core/error.hpp"

namespace rocket {

/// Samples that are worked on together. Chunks are the leaves of every reduction over the batch; the number is fixed,
/// so that no result depends on the number of threads. A convolution can use as many threads as there are chunks, 8 at
/// a batch of 128. Smaller ones would be more, but each has sums of its own, and to clear and add those of wide layers
/// would take a twentieth of the step.
inline constexpr int chunk_samples = 16;

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

namespace detail {

/// The threads of one parallel region, which hand out tasks among each other: whoever is free takes the next one. A job
/// is done when its tasks are, not when all threads have come by: one that the system has put aside, because other
/// programs want its core, is waited for only if it holds a task. Who has nothing to do spins for a moment, as
/// between two layers of a net, then sleeps.
class Team {
 public:
  /// Calls body(0) ... body(tasks - 1) and returns when all are done. By the thread that owns the team, one job at a
  /// time.
  template <class Body>
  void run(int tasks, const Body& body) {
    task_ = [](const void* of, int task) { (*static_cast<const Body*>(of))(task); };
    body_ = &body;
    tasks_ = tasks;
    failed_.clear();
    unfinished_.store(tasks, std::memory_order_relaxed);
    generation_ += Ticket{1} << 32;
    ticket_.store(generation_ | static_cast<Ticket>(tasks), std::memory_order_release);
    ticket_.notify_all();
    while (take(ticket_.load(std::memory_order_acquire))) continue;
    int idle = 0;
    while (const int left = unfinished_.load(std::memory_order_acquire)) {
      if (++idle < spins)
        pause();
      else
        unfinished_.wait(left);
    }
    if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
  }
  /// Works for the owner until it closes the team: what all other threads of the region do.
  void work() {
    for (int idle = 0;;) {
      const Ticket seen = ticket_.load(std::memory_order_acquire);
      if (seen == closed) return;
      if (take(seen))
        idle = 0;
      else if (++idle < spins)
        pause();
      else
        ticket_.wait(seen);
    }
  }
  /// Lets the others go.
  void close() {
    ticket_.store(closed, std::memory_order_release);
    ticket_.notify_all();
  }

 private:
  /// Which job it is, and in the lower half how many of its tasks nobody has taken yet. In one number, so that a thread
  /// which looked at a job that is over can't take a task of the next one by mistake.
  using Ticket = std::uint64_t;
  static constexpr Ticket closed = ~Ticket{0};
  /// Looks before a thread sleeps: longer than a layer takes to begin its next job. How long that is hangs on the
  /// processor's pause: a tenth of a millisecond or so on the Zen 5 it was chosen on.
  static constexpr int spins = 10000;
  static int unclaimed(Ticket ticket) { return static_cast<int>(ticket & 0xffffffff); }

  /// Tells the processor that this thread only looks around: its sibling on the core may have the units.
  static void pause() {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
  }
  /// Does a task of the job that was seen, if nobody is faster; false if that job has none left. True says only that it
  /// is worth looking again: the exchange is lost to a faster thread, or fails for no reason at all, and then nothing
  /// was done.
  bool take(Ticket seen) {
    if (seen == closed || unclaimed(seen) == 0) return false;
    if (!ticket_.compare_exchange_weak(seen, seen - 1, std::memory_order_acq_rel)) return true;
    try {
      task_(body_, tasks_ - unclaimed(seen));
    } catch (...) {
      if (!failed_.test_and_set()) thrown_ = std::current_exception();
    }
    if (unfinished_.fetch_sub(1, std::memory_order_acq_rel) == 1) unfinished_.notify_one();
    return true;
  }

  void (*task_)(const void*, int) = nullptr;
  const void* body_ = nullptr;
  int tasks_ = 0;
  Ticket generation_ = 0;
  std::exception_ptr thrown_;
  std::atomic_flag failed_;
  alignas(64) std::atomic<Ticket> ticket_{0};
  alignas(64) std::atomic<int> unfinished_{0};
};

}  // namespace detail

/// Who works: a number of threads, and within in_parallel the team of them. A plain number stands for that many threads
/// which aren't gathered yet.
///
/// Those that in_parallel hands out live as long as its region, and work in regions within it, too. They go through a
/// batch forwards and backwards in turn, chunk by chunk: what one sweep did last is what the third cache still holds
/// when the next one begins.
class Workers {
 public:
  /// Throws ValueError below 1.
  // NOLINTNEXTLINE(google-explicit-constructor): implicit, so that a number of threads is enough everywhere.
  Workers(int count = 1) : count_{count} {
    if (count < 1) throw ValueError("threads", "at least 1", std::to_string(count));
  }
  /// Those of a region, for in_parallel alone: the team, null where there is one thread, and which way they went last.
  Workers(int count, detail::Team* team, bool& backwards) : count_{count}, team_{team}, backwards_{&backwards} {}
  /// Threads, at most.
  int count() const { return count_; }
  /// Whether they are those of a region.
  bool gathered() const { return backwards_ != nullptr; }
  /// Null where they aren't gathered, or where there is one.
  detail::Team* team() const { return team_; }
  /// Turns round for the next sweep, and returns whether that one goes backwards. By the thread that owns the team.
  [[nodiscard]] bool turn_round() const { return backwards_ && (*backwards_ = !*backwards_); }

 private:
  int count_;
  detail::Team* team_ = nullptr;
  bool* backwards_ = nullptr;
};

/// Calls body(Workers) with a team of up to `threads` threads. To gather one takes microseconds when the cores are
/// free, but a time slice of somebody else's program when they aren't: once a training step, not once a layer.
template <class Body>
void in_parallel(int threads, const Body& body) {
  bool backwards = false;
#ifdef _OPENMP
  if (threads > 1) {
    detail::Team team;
    std::exception_ptr thrown;  // an exception must not leave a parallel region
#pragma omp parallel num_threads(threads)
    if (omp_get_thread_num() != 0) {
      team.work();
    } else {
      try {
        body(Workers{threads, &team, backwards});
      } catch (...) {
        thrown = std::current_exception();
      }
      team.close();
    }
    if (thrown) std::rethrow_exception(thrown);
    return;
  }
#else
  static_cast<void>(threads);
#endif
  body(Workers{1, nullptr, backwards});
}

/// Work below which threads aren't troubled, in nanoseconds of one core: a gathered team, and one that would have to be
/// gathered for it. Callers say roughly how long they take: nanoseconds_of_products, a quarter of one for a number read
/// and written, several for an exponential.
inline constexpr double nanoseconds_worth_a_team = 2e4, nanoseconds_worth_gathering = 2e5;

/// About what one core takes for so many multiplications, each with its addition, in a product of matrices or a
/// convolution: a guess between narrow registers and wide ones, for nothing but the question whether threads are worth
/// it.
constexpr double nanoseconds_of_products(double multiply_adds) { return multiply_adds / 50; }

/// Calls body(Workers) with a team where that many nanoseconds of work are worth gathering one; otherwise with
/// `workers` as they are, gathered or not.
template <class Body>
void in_parallel(Workers workers, double nanoseconds, const Body& body) {
  if (workers.gathered() || nanoseconds < nanoseconds_worth_gathering)
    body(workers);
  else
    in_parallel(workers.count(), body);
}

/// Calls body(0) ... body(tasks - 1), each once, in any order, on several threads when `nanoseconds` (all tasks
/// together) are worth it. Tasks must write to places of their own; then nothing depends on who ran which. A task
/// doesn't call parallel_for with the same workers.
template <class Body>
void parallel_for(int tasks, Workers workers, double nanoseconds, const Body& body) {
  if (tasks > 1 && workers.count() > 1) {
    if (workers.team() && nanoseconds >= nanoseconds_worth_a_team) return workers.team()->run(tasks, body);
    if (!workers.team() && nanoseconds >= nanoseconds_worth_gathering)
      return in_parallel(std::min(workers.count(), tasks),
                         [&](Workers gathered) { parallel_for(tasks, gathered, nanoseconds, body); });
  }
  for (int task = 0; task < tasks; ++task) body(task);
}

/// Calls body(chunk, begin, end) for every chunk of the batch, in any order: see parallel_for.
template <class Body>
void parallel_chunks(int batch, Workers workers, double nanoseconds, const Body& body) {
  const int chunks = chunk_count(batch);
  const bool backwards = workers.turn_round();
  parallel_for(chunks, workers, nanoseconds, [&](int task) {
    const int chunk = backwards ? chunks - 1 - task : task;
    const int begin = chunk * chunk_samples;
    body(chunk, begin, std::min(begin + chunk_samples, batch));
  });
}

/// Calls body(begin, end) for slices of [0, size) of at most `slice`, in any order: see parallel_for.
template <class Body>
void parallel_slices(std::size_t size, Workers workers, double nanoseconds, const Body& body,
                     std::size_t slice = 16384) {
  parallel_for(static_cast<int>((size + slice - 1) / slice), workers, nanoseconds, [&](int s) {
    const std::size_t begin = slice * static_cast<std::size_t>(s);
    body(begin, std::min(begin + slice, size));
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
