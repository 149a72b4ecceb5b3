/// \file
/// What the processor could do at most, measured: arithmetic in registers, and moving numbers.
#pragma once
#include <benchmark/benchmark.h>

#include <cstddef>
#include <rocket/core/buffer.hpp>
#include <rocket/core/simd.hpp>
#include <rocket/core/type_list.hpp>

/// Multiplications and additions in registers alone, as many at a time as the processor takes; returns how many there
/// were. The chains don't wait for each other: a dozen hides the latency of a fused multiply-add on processors that
/// finish two or three a cycle, and fits into 16 registers beside its operands.
inline double registers_only() {
  constexpr int chains = 12, rounds = 4096, lanes = rocket::native_lanes<float>;
  using V = rocket::Simd<float, lanes>;
  V factor = V{} + 0.999f, term = V{} + 0.001f;
  benchmark::DoNotOptimize(factor);
  benchmark::DoNotOptimize(term);
  V chain[chains];
  rocket::detail::for_each_index<chains>([&](auto c) { chain[c] = term * static_cast<float>(c.value); });
  for (int r = 0; r < rounds; ++r)
    rocket::detail::for_each_index<chains>([&](auto c) { chain[c] = chain[c] * factor + term; });
  V sum{};
  rocket::detail::for_each_index<chains>([&](auto c) { sum += chain[c]; });
  benchmark::DoNotOptimize(sum);
  return 2.0 * chains * rounds * lanes;
}

/// a = b + 0.5 c over three arrays that lie in a cache or don't, as in McCalpin's STREAM.
class Triad {
 public:
  /// \param bytes of all three arrays together
  explicit Triad(std::size_t bytes) : a_(bytes / 12), b_(bytes / 12), c_(bytes / 12) {}

  /// Bytes read or written by a call; what a cache reads before it is written doesn't count.
  double bytes() const { return 12.0 * static_cast<double>(a_.size()); }
  void operator()() {
    float* a = a_.data();
    const float *b = b_.data(), *c = c_.data();
    const std::size_t count = a_.size();
    for (std::size_t i = 0; i < count; ++i) a[i] = b[i] + 0.5f * c[i];
    benchmark::ClobberMemory();
  }

 private:
  rocket::Buffer<float> a_, b_, c_;
};
