// What keeps results apart from the number of threads.
#include <algorithm>
#include <array>
#include <atomic>
#include <limits>
#include <stdexcept>
#include <vector>

#include <rocket/core/parallel.hpp>

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
        constexpr double worth_it = std::numeric_limits<double>::infinity();
        in_parallel(workers, worth_it, [&](Workers within) {  // which are the same
          parallel_chunks(batch, within, worth_it, [&](int chunk, int begin, int end) {
            if (threads == 1) order.push_back(chunk);
            for (int i = begin; i < end; ++i) ++seen[static_cast<std::size_t>(i)];
          });
        });
        CHECK(seen == std::vector<int>(batch, 1));
        orders.push_back(order);
      }
      if (threads > 1) return;
      std::vector<int> turned = orders[0];
      std::reverse(turned.begin(), turned.end());
      CHECK(orders[1] == turned);
      CHECK(orders[2] == orders[0]);
      CHECK(orders[3] == turned);
    });
}

TEST_CASE("sums over the batch have the same bits on any number of threads", "[parallel]") {
  constexpr int batch = 1001, width = 3;
  const auto sum = [&](int threads) {
    std::vector<float> sums(static_cast<std::size_t>(chunk_count(batch) * width));
    parallel_chunks(batch, threads, std::numeric_limits<double>::infinity(), [&](int chunk, int begin, int end) {
      for (int i = begin; i < end; ++i)
        for (int c = 0; c < width; ++c)
          sums[static_cast<std::size_t>(chunk * width + c)] += 1.0F / static_cast<float>(3 * i + c + 1);
    });
    tree_sum(sums.data(), chunk_count(batch), width);
    return std::array{sums[0], sums[1], sums[2]};
  };
  const auto serial = sum(1);
  for (const int threads : {8, 3, 2}) CHECK(sum(threads) == serial);
}

TEST_CASE("a tree adds every row once", "[parallel]") {
  for (int count = 1; count <= 17; ++count) {
    std::vector<int> rows(static_cast<std::size_t>(2 * count));
    for (int row = 0; row < count; ++row) rows[static_cast<std::size_t>(2 * row)] = 1 << row;
    tree_sum(rows.data(), count, 2);
    CHECK(rows[0] == (1 << count) - 1);
    CHECK(rows[1] == 0);
  }
}

TEST_CASE("slices cover a vector once, whatever its size", "[parallel]") {
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{10}, std::size_t{11}, std::size_t{20}})
    for (const int threads : {1, 3}) {
      std::vector<int> seen(size);
      std::atomic<bool> too_long{false};
      parallel_slices(
          size, threads, std::numeric_limits<double>::infinity(),
          [&](std::size_t begin, std::size_t end) {
            if (end - begin > 10) too_long = true;
            for (std::size_t i = begin; i < end; ++i) ++seen[i];
          },
          10);
      CHECK(!too_long);
      CHECK(seen == std::vector<int>(size, 1));
    }
}
