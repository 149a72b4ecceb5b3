#pragma once
#include <array>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <span>
#include <utility>

namespace rocket {

/// The one number every random decision of a run hangs on.
struct Seed {
  std::uint64_t value = 0;  ///< any number is as good as any other
};

/// Counter-based random numbers: Philox4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2,
/// 3", SC 2011). A number is a function of (stream, counter) and of nothing else, so it doesn't matter who asks first,
/// how many threads ask, or whether a run was stopped in between.
class Random {
 public:
  /// The stream of that number.
  constexpr explicit Random(std::uint64_t stream) : key_{split(stream)} {}
  /// The stream of one use (a parameter's name, a layer's place) under one seed.
  constexpr Random(Seed seed, std::uint64_t use) : Random{mix(seed.value ^ mix(use))} {}

  /// Four independent 32-bit numbers.
  constexpr std::array<std::uint32_t, 4> bits(std::uint64_t counter_low, std::uint64_t counter_high = 0) const {
    auto [c0, c1] = split(counter_low);
    auto [c2, c3] = split(counter_high);
    auto [k0, k1] = key_;
    for (int round = 0; round < 10; ++round) {
      const auto [low0, high0] = split(std::uint64_t{0xD2511F53} * c0);
      const auto [low1, high1] = split(std::uint64_t{0xCD9E8D57} * c2);
      c0 = high1 ^ c1 ^ k0;
      c2 = high0 ^ c3 ^ k1;
      c1 = low1;
      c3 = low0;
      k0 += 0x9E3779B9;
      k1 += 0xBB67AE85;
    }
    return {c0, c1, c2, c3};
  }

  /// 32 random bits as a number, uniform in [0, 1).
  static constexpr double uniform(std::uint32_t bits) { return bits * 0x1p-32; }
  /// The number at that counter, uniform in [0, 1) in steps of 2^-32.
  constexpr double uniform(std::uint64_t counter_low, std::uint64_t counter_high = 0) const {
    return uniform(bits(counter_low, counter_high)[0]);
  }

  /// Normal with mean 0 and variance 1 (Box and Muller).
  double normal(std::uint64_t counter) const {
    const auto four = bits(counter);
    const double radius = std::sqrt(-2.0 * std::log((four[0] + 0.5) * 0x1p-32));
    return radius * std::cos(2.0 * std::numbers::pi * uniform(four[1]));
  }

  /// SplitMix64's finalizer (Steele, Lea, Flood 2014): spreads nearby seeds over all 64 bits.
  static constexpr std::uint64_t mix(std::uint64_t x) {
    x += 0x9E3779B97F4A7C15;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
    return x ^ (x >> 31);
  }

 private:
  using Halves = std::pair<std::uint32_t, std::uint32_t>;  // low, high
  static constexpr Halves split(std::uint64_t x) {
    return {static_cast<std::uint32_t>(x), static_cast<std::uint32_t>(x >> 32)};
  }
  Halves key_;
};

/// Fisher-Yates on counter-based numbers: the same order on every machine, which std::shuffle doesn't promise.
template <class T>
void shuffle(std::span<T> items, const Random& random) {
  for (std::size_t i = items.size(); i > 1; --i) {
    const auto four = random.bits(i);
    const std::uint64_t wide = (std::uint64_t{four[0]} << 32) | four[1];
    std::swap(items[i - 1], items[static_cast<std::size_t>(wide % i)]);
  }
}

}  // namespace rocket
