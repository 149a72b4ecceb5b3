/// \file
/// A set of labelled samples that owns its numbers.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "rocket/core/error.hpp"
#include "rocket/core/samples.hpp"
#include "rocket/data/rows_at.hpp"

namespace rocket {

/// Labelled samples, owned.
///
/// Converts to Samples<float>, which is what a trainer takes; the view looks at this set, so the set must outlive it.
struct Dataset {
  std::vector<float> features;  ///< size() x features_per_sample, row-major: one row a sample
  std::vector<int> labels;      ///< size() classes, each in [0, classes)
  int features_per_sample = 0;  ///< the length of a row
  int classes = 0;              ///< how many classes there are
  std::string name{};           ///< what to call the set in a report

  /// How many samples there are.
  std::size_t size() const noexcept { return labels.size(); }

  /// The features of sample i, for i in [0, size()).
  std::span<const float> row(std::size_t i) const noexcept { return view().row(i); }

  /// A view of all samples.
  operator Samples<float>() const noexcept { return view(); }
  /// The same view, of parts that are known to fit together.
  ///
  /// \throws ValueError  naming the first one that doesn't fit the others
  Samples<float> checked() const { return make_samples(features, labels, features_per_sample, classes); }

  /// The samples at these indices, in this order; an index may come more than once.
  ///
  /// \throws ValueError  for an index that is not in [0, size()), or where the parts don't fit together
  Dataset take(std::span<const std::size_t> indices) const {
    checked();
    detail::check_indices(indices, size());
    const auto width = static_cast<std::size_t>(features_per_sample);
    return {detail::rows_at(features, width, indices), detail::rows_at(labels, 1, indices), features_per_sample,
            classes, name};
  }

 private:
  Samples<float> view() const noexcept { return {features, labels, features_per_sample, classes}; }
};

/// The samples of both sets, those of the first one first, under the name of the first one.
///
/// \throws ValueError  where the sets have different features_per_sample or classes
inline Dataset concatenate(Dataset first, const Dataset& second) {
  if (second.features_per_sample != first.features_per_sample) {
    throw ValueError("second.features_per_sample", std::to_string(first.features_per_sample),
                     std::to_string(second.features_per_sample));
  }
  if (second.classes != first.classes) {
    throw ValueError("second.classes", std::to_string(first.classes), std::to_string(second.classes));
  }
  first.features.insert(first.features.end(), second.features.begin(), second.features.end());
  first.labels.insert(first.labels.end(), second.labels.begin(), second.labels.end());
  return first;
}

}  // namespace rocket
