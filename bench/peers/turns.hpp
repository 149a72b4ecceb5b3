/// \file
/// How ours and theirs are timed: in turns, since clocks drift and neighbours come and go.
#pragma once
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <ctime>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "peer.hpp"

namespace peers {

/// Which time counts: that of the clock on the wall, or the processor's, of all threads together.
enum class Clock { wall, processor };
inline double now(Clock clock) {
  if (clock == Clock::processor) return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// Of numbers that are sorted, what that part of them stays below.
inline double quantile(const std::vector<double>& sorted, double part) {
  return sorted[std::min(sorted.size() - 1, static_cast<std::size_t>(part * static_cast<double>(sorted.size())))];
}
inline double median(std::vector<double> numbers) {
  std::sort(numbers.begin(), numbers.end());
  return quantile(numbers, 0.5);
}

/// What something is over the rounds: the median, the least and the greatest.
struct Spread {
  double middle, least, greatest;
};
inline Spread spread(std::vector<double> numbers) {
  std::sort(numbers.begin(), numbers.end());
  return {quantile(numbers, 0.5), numbers.front(), numbers.back()};
}

/// Seconds of a call, over that many calls.
inline double seconds(const std::function<void()>& call, long calls) {
  const double start = now(Clock::wall);
  for (long i = 0; i < calls; ++i) call();
  return (now(Clock::wall) - start) / static_cast<double>(calls);
}

/// Seconds of a call when it has been called for a while.
inline double warm_seconds(const std::function<void()>& call, double for_seconds) {
  double once = seconds(call, 2);
  for (double spent = 0; spent < for_seconds;) {
    const long calls = std::max(1L, std::lround(0.25 * for_seconds / once));
    once = seconds(call, calls);
    spent += once * static_cast<double>(calls);
  }
  return once;
}

/// Seconds of a call in a turn that lasts so long; the clock is looked at after so many calls. If other programs slow
/// the calls down, there are fewer of them.
inline double turn_seconds(const std::function<void()>& call, long calls, double turn, Clock clock) {
  const double start = now(clock), wall_start = now(Clock::wall);
  long done = 0;
  while (done == 0 || now(Clock::wall) - wall_start < turn) {
    for (long i = 0; i < calls; ++i) call();
    done += calls;
  }
  return (now(clock) - start) / static_cast<double>(done);
}

/// The same where somebody waits for each call: writes down behind `waits` how long each one took by the clock on the
/// wall, the time that it takes to look there (some 30 ns) included.
inline double turn_seconds(const std::function<void()>& call, double turn, Clock clock, std::vector<double>& waits) {
  const std::size_t before = waits.size();
  const double start = now(clock), wall_start = now(Clock::wall);
  for (double last = wall_start; waits.size() == before || last - wall_start < turn;) {
    call();
    const double time = now(Clock::wall);
    waits.push_back(time - last);
    last = time;
  }
  return (now(clock) - start) / static_cast<double>(waits.size() - before);
}

/// How long somebody waits for a call, in the unit of the work: half of all calls, 99 of 100 take less.
struct Waits {
  double p50, p99;
};
/// \param seconds  of each call, in any order
inline Waits waits_of(const Work& work, std::vector<double> seconds) {
  std::sort(seconds.begin(), seconds.end());
  return {work.measure(quantile(seconds, 0.5)), work.measure(quantile(seconds, 0.99))};
}

/// Both sides' waits over all rounds, and how many times as long as ours theirs is in a round, by its p50.
struct Latency {
  Waits ours, theirs;
  Spread ratio;
};

/// One line of the table. Medians of the rounds; the ratio is of a round, and above 1 where Rocket is faster.
struct Row {
  const Work* work;
  int threads;
  std::string peer, setting;
  double ours, theirs;
  Spread ratio;
  std::optional<Latency> latency;  ///< of works that somebody waits for
};

/// Ours and theirs in turns.
/// \param processor_time  times works on one thread by the processor's clock; waits never
inline Row compare(const Work& work, int threads, const std::string& peer, const Candidate& ours,
                   const Candidate& theirs, int rounds, bool processor_time) {
  const bool layer = work.unit == "GFLOP/s", waited_for = work.less_is_better();
  const double turn = layer ? 0.1 : 0.3;  // seconds; at least one call
  const auto calls_at_a_time = [&](const Candidate& candidate) {
    return std::max(1L, std::lround(0.1 * turn / warm_seconds(candidate.call, turn)));
  };
  const Clock clock = processor_time && threads == 1 ? Clock::processor : Clock::wall;
  struct Side {
    const Candidate& candidate;
    long calls;
    std::vector<double> numbers{}, waits{}, middle_waits{};
  };
  Side we{ours, calls_at_a_time(ours)}, they{theirs, calls_at_a_time(theirs)};
  const auto take_turn = [&](Side& who) {
    if (!waited_for) {
      who.numbers.push_back(work.measure(turn_seconds(who.candidate.call, who.calls, turn, clock)));
      return;
    }
    const auto before = static_cast<std::ptrdiff_t>(who.waits.size());
    who.numbers.push_back(work.measure(turn_seconds(who.candidate.call, turn, clock, who.waits)));
    who.middle_waits.push_back(median({who.waits.begin() + before, who.waits.end()}));
  };
  std::vector<double> ratios, wait_ratios;
  for (int round = 0; round < rounds; ++round) {
    take_turn(we);
    take_turn(they);
    ratios.push_back(work.ratio(we.numbers.back(), they.numbers.back()));
    if (waited_for) wait_ratios.push_back(they.middle_waits.back() / we.middle_waits.back());
  }
  Row row{&work, threads, peer, theirs.setting, median(we.numbers), median(they.numbers), spread(ratios), {}};
  if (waited_for) row.latency = Latency{waits_of(work, we.waits), waits_of(work, they.waits), spread(wait_ratios)};
  return row;
}

/// The one that needs the least time in a short trial.
inline const Candidate& fastest(const std::vector<Candidate>& candidates) {
  if (candidates.size() == 1) return candidates.front();
  std::vector<double> times;
  for (const Candidate& candidate : candidates) times.push_back(warm_seconds(candidate.call, 0.2));
  return candidates[static_cast<std::size_t>(std::min_element(times.begin(), times.end()) - times.begin())];
}

}  // namespace peers
