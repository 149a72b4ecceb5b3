/// \file
/// Real handwritten digits that come with the library.
#pragma once

#include <cstddef>
#include <iterator>

#include "rocket/data/dataset.hpp"
#include "rocket/data/digits_rows.hpp"

namespace rocket {

/// 1,797 handwritten digits of 8 x 8 pixels in 10 classes; a pixel is a multiple of 1/16 in [0, 1].
///
/// Source: "Optical Recognition of Handwritten Digits", E. Alpaydin and C. Kaynak, UCI Machine Learning Repository,
/// 1998, doi 10.24432/C50P49, CC BY 4.0; the test part of the original, as distributed with scikit-learn.
inline Dataset digits() {
  constexpr std::size_t pixels = 64;
  Dataset dataset{{}, {}, pixels, 10, "digits"};
  dataset.features.reserve(std::size(detail::digits_rows) * pixels);
  dataset.labels.reserve(std::size(detail::digits_rows));
  for (const auto& row : detail::digits_rows) {
    for (std::size_t i = 0; i < pixels; ++i) dataset.features.push_back(static_cast<float>(row[i] - 'a') / 16.0f);
    dataset.labels.push_back(row[pixels] - '0');
  }
  return dataset;
}

}  // namespace rocket
