/// \file
/// What the benches have in common.
#pragma once
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <ctime>
#include <fstream>
#include <optional>
#include <rocket/core/random.hpp>
#include <string>
#include <vector>

/// Seconds of processor time a call, over that many calls: of everything on one thread, what other programs do
/// meanwhile doesn't count.
template <class Work>
double seconds(long calls, const Work& work) {
  const std::clock_t start = std::clock();
  for (long i = 0; i < calls; ++i) work();
  return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC / static_cast<double>(calls);
}

/// Seconds of one call by the clock on the wall: where several threads work.
template <class Work>
double wall_seconds(const Work& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// How many calls take about a millisecond, at least 1. The first ones warm up.
template <class Work>
long calls_a_millisecond(const Work& work) {
  work();
  // The processor's clock ticks in microseconds: a tenth of a millisecond is the least that it tells well.
  long calls = 1;
  double took = seconds(calls, work);
  for (; took * static_cast<double>(calls) < 1e-4; took = seconds(calls, work)) calls *= 4;
  return 1 + std::lround(1e-3 / took);
}

/// What that part of the numbers stays below. They are sorted, and at least one.
inline double quantile(const std::vector<double>& numbers, double part) {
  return numbers[std::min(numbers.size() - 1, static_cast<std::size_t>(part * static_cast<double>(numbers.size())))];
}

/// The one in the middle, which forgets outliers.
inline double median(std::vector<double> numbers) {
  std::sort(numbers.begin(), numbers.end());
  return quantile(numbers, 0.5);
}

/// A number of bytes that the kernel (Linux) knows of this process; none where there is no such file.
inline std::optional<double> process_bytes(const std::string& wanted) {
  std::ifstream status{"/proc/self/status"};
  for (std::string word; status >> word;) {
    double kibibytes = 0;
    if (word == wanted && status >> kibibytes) return 1024 * kibibytes;
  }
  return {};
}

/// `count` standard normal numbers, always the same.
inline std::vector<float> some_features(int count) {
  std::vector<float> features(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < features.size(); ++i) features[i] = static_cast<float>(rocket::Random{1}.normal(i));
  return features;
}

/// All classes in turns.
inline std::vector<int> some_labels(int count, int classes) {
  std::vector<int> labels(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) labels[static_cast<std::size_t>(i)] = i % classes;
  return labels;
}

/// Runs what is registered, each line at least that long unless the user's arguments say otherwise; returns what main
/// returns.
///
/// The defaults stand before the arguments, so that theirs win: the library's own way would put the time into names.
/// \param filter  which lines run unless the arguments say, as the library's --benchmark_filter has it
inline int run_benchmarks(int argc, char** argv, const char* seconds_a_line, const char* filter = ".") {
  std::vector<char*> arguments{argv, argv + argc};
  std::string min_time = std::string{"--benchmark_min_time="} + seconds_a_line;
  std::string lines = std::string{"--benchmark_filter="} + filter;
  arguments.insert(arguments.begin() + 1, {min_time.data(), lines.data()});
  argc = static_cast<int>(arguments.size());
  arguments.push_back(nullptr);
  benchmark::Initialize(&argc, arguments.data());
  if (benchmark::ReportUnrecognizedArguments(argc, arguments.data())) return 1;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
