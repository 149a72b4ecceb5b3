/// \file
/// Brings features to one scale, learned from the training part alone.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include "rocket/core/error.hpp"
#include "rocket/core/samples.hpp"
#include "rocket/data/dataset.hpp"

namespace rocket {

/// One affine map a feature: x becomes (x - offset) / divisor.
///
/// Fit it on the training part and apply it to every part, so that nothing of the test part leaks into training.
struct Scaler {
  std::vector<float> offset;   ///< one value a feature
  std::vector<float> divisor;  ///< one value a feature, never zero

  /// Mean 0 and standard deviation 1 (of the population: divided by n) for every feature.
  ///
  /// A feature that never changes is only centred: its divisor is 1.
  ///
  /// \throws ValueError  for an empty set
  static Scaler standard(const Samples<float>& train) {
    const std::size_t width = check(train);
    const auto n = static_cast<double>(train.size());

    // Sums of differences from the first row: exactly zero for a feature that never changes.
    std::vector<double> mean(width);
    for (std::size_t i = 0; i < train.size(); ++i) {
      for (std::size_t j = 0; j < width; ++j) mean[j] += double{train.row(i)[j]} - double{train.row(0)[j]};
    }
    for (std::size_t j = 0; j < width; ++j) mean[j] = double{train.row(0)[j]} + mean[j] / n;

    std::vector<double> squares(width);
    for (std::size_t i = 0; i < train.size(); ++i) {
      for (std::size_t j = 0; j < width; ++j) {
        const double difference = double{train.row(i)[j]} - mean[j];
        squares[j] += difference * difference;
      }
    }

    Scaler scaler{std::vector<float>(width), std::vector<float>(width)};
    for (std::size_t j = 0; j < width; ++j) {
      scaler.offset[j] = static_cast<float>(mean[j]);
      scaler.divisor[j] = one_if_zero(static_cast<float>(std::sqrt(squares[j] / n)));
    }
    return scaler;
  }

  /// Values in [-1, 1], zero kept: every feature is divided by the greatest magnitude it has.
  ///
  /// A feature that is always zero stays so: its divisor is 1.
  ///
  /// \throws ValueError  for an empty set
  static Scaler maximum(const Samples<float>& train) {
    const std::size_t width = check(train);
    Scaler scaler{std::vector<float>(width), std::vector<float>(width)};
    for (std::size_t i = 0; i < train.size(); ++i) {
      for (std::size_t j = 0; j < width; ++j) {
        scaler.divisor[j] = std::max(scaler.divisor[j], std::abs(train.row(i)[j]));
      }
    }
    for (float& divisor : scaler.divisor) divisor = one_if_zero(divisor);
    return scaler;
  }

  /// Scales a set in place.
  ///
  /// \throws ValueError  where the set has another number of features than the set the scaler was fitted on
  void apply(Dataset& dataset) const {
    const std::size_t width = offset.size();
    if (static_cast<std::size_t>(dataset.features_per_sample) != width) {
      throw ValueError("dataset.features_per_sample", std::to_string(width),
                       std::to_string(dataset.features_per_sample));
    }
    for (std::size_t i = 0; i < dataset.size(); ++i) {
      float* row = dataset.features.data() + i * width;
      for (std::size_t j = 0; j < width; ++j) row[j] = (row[j] - offset[j]) / divisor[j];
    }
  }

 private:
  static std::size_t check(const Samples<float>& train) {
    if (train.size() == 0) throw ValueError("train", "at least 1 sample", "none");
    return static_cast<std::size_t>(train.features_per_sample);
  }

  static float one_if_zero(float divisor) { return divisor == 0.0f ? 1.0f : divisor; }
};

}  // namespace rocket
