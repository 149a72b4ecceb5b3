// What keeps results apart from the number of threads.
#include <array>
#include <limits>
#include <stdexcept>
#include <vector>

#include <rocket/core/parallel.hpp>
#include <rocket/kernels/reduce.hpp>

#include "support/catch.hpp"

using namespace rocket;

TEST_CASE("every task runs once, on any number of threads", "[parallel]") {
  for (const int threads : {8, 3, 2, 1}) {  // falling: libomp leaks where a team grows
    std::vector<int> runs(1000);
    parallel_for(1000, threads, std::numeric_limits<double>::infinity(),
                 [&](int task) { ++runs[static_cast<std::size_t>(task)]; });
    CHECK(runs == std::vector<int>(1000, 1));
  }
}

TEST_CASE("a team does one job after the other", "[parallel]") {
  for (const int threads : {8, 3, 2, 1}) {
    int wrong = 0;
    in_parallel(threads, [&](Workers workers) {
      for (int job = 0; job < 2000; ++job) {
        std::array<int, 7> runs{};
        const int tasks = job % 8;
        parallel_for(tasks, workers, std::numeric_limits<double>::infinity(),
                     [&](int task) { ++runs[static_cast<std::size_t>(task)]; });
        for (int task = 0; task < 7; ++task) wrong += runs[static_cast<std::size_t>(task)] != (task < tasks ? 1 : 0);
      }
    });
    CHECK(wrong == 0);
  }
}

TEST_CASE("what a task throws reaches the caller, and the team works on", "[parallel]") {
  const auto seventh_fails = [](int task) {
    if (task == 7) throw std::runtime_error{"seven"};
  };
  for (const int threads : {3, 1}) {
    CHECK_THROWS_WITH(parallel_for(20, threads, std::numeric_limits<double>::infinity(), seventh_fails), "seven");
    int caught = 0, after = 0;
    in_parallel(threads, [&](Workers workers) {
      for (int round = 0; round < 3; ++round) {
        try {
          parallel_for(20, workers, std::numeric_limits<double>::infinity(), seventh_fails);
        } catch (const std::runtime_error&) {
          ++caught;
        }
        std::array<int, 5> runs{};
        parallel_for(5, workers, std::numeric_limits<double>::infinity(),
                     [&](int task) { runs[static_cast<std::size_t>(task)] = 1; });
        for (const int run : runs) after += run;
      }
    });
    CHECK(caught == 3);
    CHECK(after == 15);
  }
}

TEST_CASE("sweeps over a batch go forwards and backwards in turn, and see every chunk once", "[parallel]") {
  constexpr int batch = 4 * chunk_samples + 1;
  for (const int threads : {3, 1})
    in_parallel(threads, [&](Workers workers) {
      std::vector<std::vector<int>> orders;
      for (int sweep = 0; sweep < 4; ++sweep) {
        std::vector<int> seen(batch), order;
        parallel_chunks(batch, workers, std::numeric_limits<double>::infinity(), [&](int chunk, int begin, int end) {
          if (threads == 1) order.push_back(chunk);
          for (int i = begin; i < end; ++i) ++seen[static_cast<std::size_t>(i)];
        });
        CHECK(seen == std::vector<int>(batch, 1));
        orders.push_back(order);
      }
      if (threads > 1) return;
      CHECK(orders[0] != orders[1]);
      CHECK(orders[2] == orders[0]);
      CHECK(orders[3] == orders[1]);
    });
}

TEST_CASE("sums over the batch have the same bits on any number of threads", "[parallel]") {
  constexpr int batch = 1001, width = 3;
  const auto sum = [&](int threads) {
    std::vector<float> partial(static_cast<std::size_t>(chunk_count(batch) * width));
    kernels::sum_over_batch<width>(batch, threads, std::numeric_limits<double>::infinity(), partial.data(),
                                   [=](int i, float* into) {
                                     for (int c = 0; c < width; ++c)
                                       into[c] += 1.0F / static_cast<float>(3 * i + c + 1);
                                   });
    return std::array{partial[0], partial[1], partial[2]};
  };
  const auto serial = sum(1);
  for (const int threads : {8, 3, 2}) CHECK(sum(threads) == serial);

  // Ones add up exactly, so a forgotten or doubled row shows.
  std::vector<float> ones(static_cast<std::size_t>(chunk_count(batch)));
  kernels::sum_over_batch<1>(batch, 2, std::numeric_limits<double>::infinity(), ones.data(),
                             [](int, float* into) { *into += 1; });
  CHECK(ones[0] == batch);
}
