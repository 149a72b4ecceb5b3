#pragma once
#include <algorithm>
#include <cstddef>

#include "rocket/core/parallel.hpp"

namespace rocket {

/// An amount of workspace as a function of the batch: numbers a sample, numbers a chunk of samples, and numbers
/// besides. Layers state what they need in this form; a net adds (lives at the same time) or takes the larger (never
/// does). Every term fills whole cache lines of 16 numbers, so amounts add up exactly and every place planned with them
/// is aligned.
struct Elements {
  std::size_t per_sample = 0;  ///< numbers a sample; the batch is rounded up to whole lines instead
  std::size_t per_chunk = 0;   ///< numbers a chunk of chunk_samples samples
  std::size_t fixed = 0;       ///< numbers whatever the batch

  /// \name So many numbers a sample, a chunk of samples, a batch
  /// \{
  static constexpr Elements each_sample(int numbers) { return {static_cast<std::size_t>(numbers), 0, 0}; }
  static constexpr Elements each_chunk(int numbers) { return {0, lines(numbers), 0}; }
  static constexpr Elements once(int numbers) { return {0, 0, lines(numbers)}; }
  /// \}

  /// Numbers for a batch of that many samples.
  constexpr std::size_t count(int batch) const {
    return per_sample * lines(batch) + per_chunk * static_cast<std::size_t>(chunk_count(batch)) + fixed;
  }

  /// Both at the same time.
  friend constexpr Elements operator+(Elements a, Elements b) {
    return {a.per_sample + b.per_sample, a.per_chunk + b.per_chunk, a.fixed + b.fixed};
  }
  /// `times` of them at the same time.
  friend constexpr Elements operator*(int times, Elements a) {
    const auto n = static_cast<std::size_t>(times);
    return {n * a.per_sample, n * a.per_chunk, n * a.fixed};
  }
  /// Room for either, one after the other.
  friend constexpr Elements larger(Elements a, Elements b) {
    return {std::max(a.per_sample, b.per_sample), std::max(a.per_chunk, b.per_chunk), std::max(a.fixed, b.fixed)};
  }

 private:
  static constexpr std::size_t lines(int numbers) { return (static_cast<std::size_t>(numbers) + 15) / 16 * 16; }
};

}  // namespace rocket
