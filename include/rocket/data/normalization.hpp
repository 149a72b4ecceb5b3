#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "rocket/core/error.hpp"
#include "rocket/data/image_set.hpp"

namespace rocket {

/// Takes the pixels of each channel to mean 0 and deviation 1: (pixel - mean) / deviation, pixels in 0..255.
///
/// Measure it on the training set and use it for the test set as well.
struct Normalization {
  std::vector<float> mean;       ///< one a channel, in 0..255
  std::vector<float> deviation;  ///< one a channel, more than 0

  /// Mean and deviation (of the set, not an estimate beyond it) of each channel. The deviation of a channel that never
  /// changes is taken as 1.
  ///
  /// \throws ValueError  for a set without pixels, or whose parts don't fit together
  static Normalization of(const ImageSet& images) {
    detail::check_parts(images);
    if (images.pixels.empty()) throw ValueError("images", "at least 1 pixel", "none");
    const auto channels = static_cast<std::size_t>(images.channels);
    std::vector<std::array<std::uint64_t, 256>> counts(channels);  // exact, whatever the number of pixels
    for (std::size_t i = 0; i < images.pixels.size(); i += channels) {
      for (std::size_t c = 0; c < channels; ++c) ++counts[c][images.pixels[i + c]];
    }

    const double n = static_cast<double>(images.pixels.size() / channels);
    Normalization measured;
    for (const auto& count : counts) {
      double mean = 0;
      for (std::size_t v = 0; v < count.size(); ++v) mean += static_cast<double>(v) * static_cast<double>(count[v]);
      mean /= n;
      double squares = 0;
      for (std::size_t v = 0; v < count.size(); ++v) {
        const double difference = static_cast<double>(v) - mean;
        squares += difference * difference * static_cast<double>(count[v]);
      }
      measured.mean.push_back(static_cast<float>(mean));
      measured.deviation.push_back(squares == 0 ? 1.0f : static_cast<float>(std::sqrt(squares / n)));
    }
    return measured;
  }
};

}  // namespace rocket
