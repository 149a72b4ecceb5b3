/// \file
/// Labelled samples, looked at: what a trainer takes, wherever the numbers live.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <type_traits>

#include "rocket/core/error.hpp"

namespace rocket {

/// A view of labelled samples; it owns nothing, so the numbers must outlive it.
///
/// \tparam T  the type of a feature
///
/// Build one with make_samples(), which checks that the parts fit together.
template <class T = float>
struct Samples {
  std::span<const T> features;  ///< size() x features_per_sample, row-major: one row a sample
  std::span<const int> labels;  ///< size() classes, each in [0, classes)
  int features_per_sample = 0;  ///< the length of a row, at least 1
  int classes = 0;              ///< how many classes there are, at least 1

  /// How many samples there are.
  std::size_t size() const noexcept { return labels.size(); }

  /// The features of sample i, for i in [0, size()).
  std::span<const T> row(std::size_t i) const noexcept {
    const auto width = static_cast<std::size_t>(features_per_sample);
    return features.subspan(i * width, width);
  }
};

/// A view whose parts are known to fit together.
///
/// \tparam T                   the type of a feature; it is not deduced, so that any contiguous range will do
/// \param features             one row of features_per_sample values a sample
/// \param labels               one class a sample, each in [0, classes)
/// \param features_per_sample  at least 1
/// \param classes              at least 1
/// \throws ValueError          naming the first argument that does not fit the others
template <class T = float>
Samples<T> make_samples(std::type_identity_t<std::span<const T>> features, std::span<const int> labels,
                        int features_per_sample, int classes) {
  if (features_per_sample < 1) {
    throw ValueError("features_per_sample", "at least 1", std::to_string(features_per_sample));
  }
  if (classes < 1) throw ValueError("classes", "at least 1", std::to_string(classes));

  // Divided, not multiplied: a product of two sizes may overflow.
  const auto width = static_cast<std::size_t>(features_per_sample);
  if (features.size() % width != 0 || features.size() / width != labels.size()) {
    throw ValueError("features", std::to_string(labels.size()) + " rows of " + std::to_string(width) + " values",
                     std::to_string(features.size()) + " values");
  }
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] < 0 || labels[i] >= classes) {
      throw ValueError("labels[" + std::to_string(i) + "]", "a class in [0, " + std::to_string(classes) + ")",
                       std::to_string(labels[i]));
    }
  }
  return {features, labels, features_per_sample, classes};
}

}  // namespace rocket
