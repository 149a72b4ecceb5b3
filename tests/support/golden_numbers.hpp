// The numbers that a net and its independent reference start from: each a function of a name and an index, by whole
// numbers alone, so that two programs that share nothing else agree on every bit. Needs neither Rocket nor Torch.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace golden {

inline constexpr int batch = 8, classes = 10;
inline constexpr double hint_weight = 0.03;

// FNV-1a of the name, then the finalizer of SplitMix64 (Steele, Lea, Flood 2014).
inline std::uint64_t hash(std::string_view name, std::size_t index) {
  std::uint64_t bits = 0xcbf29ce484222325;
  for (const char letter : name) bits = (bits ^ static_cast<unsigned char>(letter)) * 0x100000001b3;
  bits += (std::uint64_t{index} + 1) * 0x9e3779b97f4a7c15;
  bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9;
  bits = (bits ^ (bits >> 27)) * 0x94d049bb133111eb;
  return bits ^ (bits >> 31);
}

// In [-1, 1), a multiple of 2^-23: as exact in float as in double.
inline double uniform(std::string_view name, std::size_t index) {
  return static_cast<double>(hash(name, index) >> 40) * 0x1p-23 - 1;
}

// Number `index` of the parameter or running statistic of that name; a weight has `fan_in` inputs an output. Rounded to
// float: nets in float and in double have the same parameters.
inline float number(std::string_view name, int fan_in, std::size_t index) {
  const double u = uniform(name, index);
  const auto is = [&](std::string_view ending) {
    return name.size() >= ending.size() && name.substr(name.size() - ending.size()) == ending;
  };
  if (is(".scale") || is(".running_variance")) return static_cast<float>(1 + 0.5 * u);
  if (is(".shift") || is(".running_mean")) return static_cast<float>(0.3 * u);
  if (is(".bias")) return static_cast<float>(0.1 * u);
  // A uniform number on [-b, b) has variance b^2 / 3. Variance 2 / fan_in keeps the scale of activations through a
  // ReLU; what a block adds to its input is smaller, else 18 blocks that don't normalise by the batch (evaluation)
  // would blow the logits up.
  const double variance = (is(".conv1.weight") ? 0.2 : 2.0) / fan_in;
  return static_cast<float>(std::sqrt(3 * variance) * u);
}

// Number `index` of the batch of images, batch x height x width x channels.
inline float pixel(std::size_t index) { return static_cast<float>(1.5 * uniform("input", index)); }
inline int label(std::size_t sample) { return static_cast<int>(hash("label", sample) % classes); }

}  // namespace golden
