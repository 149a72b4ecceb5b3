#pragma once
#include <rocket/core/text.hpp>
#include <rocket/net/inference_workspace.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

/// \file
/// What is found out about any net alike.

namespace support {

/// FNV-1a over the bits of all parameters: trainings that ended alike have the same.
template <class Net>
std::uint64_t checksum(const Net& net) {
  const auto numbers = net.parameter_vector();
  return rocket::name_hash({reinterpret_cast<const char*>(numbers.data()), numbers.size_bytes()});
}

/// Microseconds that a net takes for a sample, one by one, on one thread: the median of eleven rounds of a millisecond
/// or more.
/// \param samples rows of Net::record features, at least one; a round goes on where the last one ended
template <class Net>
double microseconds_a_sample(const Net& net, std::span<const typename Net::Feature> samples) {
  const std::size_t width = static_cast<std::size_t>(Net::record.size());
  rocket::InferenceWorkspace<Net> workspace{1};
  std::size_t at = 0;
  const auto microseconds_for = [&](std::size_t count) {
    const auto start = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < count; ++i) {
      workspace.forward(net, samples.data() + at, 1);
      at = at + width < samples.size() ? at + width : 0;
    }
    return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count();
  };
  std::size_t count = 1;
  while (microseconds_for(count) < 1500) count *= 2;  // warms up, too; with room, as the next round may be faster
  std::array<double, 11> rounds;
  for (double& microseconds : rounds) microseconds = microseconds_for(count) / static_cast<double>(count);
  std::nth_element(rounds.begin(), rounds.begin() + 5, rounds.end());
  return rounds[5];
}

}  // namespace support
