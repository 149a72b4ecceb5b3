/// \file
/// A set of labelled images that owns their bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "rocket/core/error.hpp"
#include "rocket/core/samples.hpp"
#include "rocket/data/dataset.hpp"
#include "rocket/data/rows_at.hpp"

namespace rocket {

/// Labelled images of one size, owned, as bytes: as floats they would take four times the memory.
///
/// For a trainer, look at a set through ImageSamples (rocket/data/image_samples.hpp).
struct ImageSet {
  std::vector<std::uint8_t> pixels;  ///< size() x height x width x channels, channels innermost
  std::vector<int> labels;           ///< size() classes, each in [0, classes)
  int height = 0;                    ///< rows of an image
  int width = 0;                     ///< columns of an image
  int channels = 0;                  ///< numbers of a pixel: 1 for grey, 3 for red, green, blue
  int classes = 0;                   ///< how many classes there are
  std::string name{};                ///< what to call the set in a report

  /// How many images there are.
  std::size_t size() const noexcept { return labels.size(); }

  /// How many bytes an image is: height x width x channels.
  std::size_t bytes_per_image() const noexcept {
    return static_cast<std::size_t>(height) * static_cast<std::size_t>(width) * static_cast<std::size_t>(channels);
  }

  /// The bytes of image i, for i in [0, size()).
  std::span<const std::uint8_t> image(std::size_t i) const noexcept {
    return std::span{pixels}.subspan(i * bytes_per_image(), bytes_per_image());
  }

  /// The images at these indices, in this order; an index may come more than once.
  ///
  /// \throws ValueError  for an index that is not in [0, size()), or where the parts don't fit together
  ImageSet take(std::span<const std::size_t> indices) const;
};

/// The same images as numbers in [0, 1], one row of height x width x channels each: a byte divided by 255.
inline Dataset flatten(const ImageSet& images) {
  Dataset dataset{{}, images.labels, static_cast<int>(images.bytes_per_image()), images.classes, images.name};
  dataset.features.reserve(images.pixels.size());
  for (const std::uint8_t byte : images.pixels) dataset.features.push_back(static_cast<float>(byte) / 255.0f);
  return dataset;
}

namespace detail {

/// Throws ValueError where the parts of a set don't fit together; else the numbers of an image.
inline int check_parts(const ImageSet& images) {
  for (const auto& [argument, size] : {std::pair{"images.height", images.height},
                                       {"images.width", images.width},
                                       {"images.channels", images.channels},
                                       {"images.classes", images.classes}}) {
    if (size < 1) throw ValueError(argument, "at least 1", std::to_string(size));
  }
  constexpr int greatest = std::numeric_limits<int>::max();
  if (images.width > greatest / images.height || images.channels > greatest / images.height / images.width) {
    throw ValueError("images", "at most " + std::to_string(greatest) + " bytes an image", "more");
  }
  const std::size_t bytes = images.bytes_per_image();
  if (images.pixels.size() % bytes != 0 || images.pixels.size() / bytes != images.size()) {
    throw ValueError("images.pixels", std::to_string(images.size()) + " images of " + std::to_string(bytes) + " bytes",
                     std::to_string(images.pixels.size()) + " bytes");
  }
  for (std::size_t i = 0; i < images.size(); ++i) check_label_at("images.labels", i, images.labels[i], images.classes);
  return static_cast<int>(bytes);
}

}  // namespace detail

inline ImageSet ImageSet::take(std::span<const std::size_t> indices) const {
  detail::check_parts(*this);
  detail::check_indices(indices, size());
  return {detail::rows_at(pixels, bytes_per_image(), indices),
          detail::rows_at(labels, 1, indices),
          height,
          width,
          channels,
          classes,
          name};
}

}  // namespace rocket
