/// \file
/// Reads the idx format of MNIST and its relatives (Y. LeCun, C. Cortes, C. Burges: "The MNIST database of handwritten
/// digits"). Needs zlib.
///
/// A file is a header of big-endian 32-bit words and then one byte a value. The first word is 0, 0, the type of the
/// values and how many dimensions there are; each following word is the size of one dimension.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "rocket/core/error.hpp"
#include "rocket/data/dataset.hpp"
#include "rocket/data/gzip.hpp"
#include "rocket/data/image_set.hpp"

namespace rocket {

/// Grey images of one size.
struct Images {
  std::vector<float> pixels;  ///< count x height x width, row-major, in [0, 1]
  int count = 0;              ///< how many images there are
  int height = 0;             ///< rows of an image
  int width = 0;              ///< columns of an image
};

namespace detail {

/// An idx file of bytes whose header and length are known to agree.
template <std::size_t Dimensions>
struct Idx {
  static constexpr std::size_t header = 4 * (1 + Dimensions);

  std::string bytes;                    // the whole file
  std::array<int, Dimensions> sizes{};  // each at least 1

  unsigned byte(std::size_t i) const { return static_cast<unsigned char>(bytes[i]); }

  std::uint32_t word(std::size_t i) const {
    std::uint32_t value = 0;
    for (std::size_t j = i; j < i + 4; ++j) value = value << 8 | byte(j);
    return value;
  }
};

template <std::size_t Dimensions>
Idx<Dimensions> parse_idx(const std::string& path, std::size_t max_bytes) {
  Idx<Dimensions> idx{read_file(path, max_bytes)};
  const auto fail = [&](std::size_t byte, const std::string& expected, const std::string& found) {
    throw FileError(path, "byte " + std::to_string(byte), expected, found);
  };

  if (idx.bytes.size() < idx.header) {
    fail(idx.bytes.size(), "a header of " + std::to_string(idx.header) + " bytes", "the end of the file");
  }
  constexpr std::array<unsigned, 4> magic{0, 0, 8, Dimensions};
  constexpr std::array<const char*, 4> meaning{"idx", "idx", "type: unsigned byte", "dimensions"};
  for (std::size_t i = 0; i < magic.size(); ++i) {
    if (idx.byte(i) != magic[i]) {
      fail(i, std::to_string(magic[i]) + " (" + meaning[i] + ")", std::to_string(idx.byte(i)));
    }
  }

  constexpr int greatest = std::numeric_limits<int>::max();
  std::string shape;
  int item = 1;  // how many values one step of the first dimension holds
  for (std::size_t i = 0; i < Dimensions; ++i) {
    const std::size_t place = 4 * (1 + i);
    const std::uint32_t size = idx.word(place);
    if (size < 1 || size > greatest) {
      fail(place, "a size in [1, " + std::to_string(greatest) + "]", std::to_string(size));
    }
    idx.sizes[i] = static_cast<int>(size);
    shape += (i == 0 ? "" : " x ") + std::to_string(size);
    if (i == 0) continue;
    if (idx.sizes[i] > greatest / item) {
      fail(place, "an image of at most " + std::to_string(greatest) + " pixels", shape);
    }
    item *= idx.sizes[i];
  }

  // Divided, not multiplied: the product of the sizes may be beyond any integer.
  const std::size_t values = idx.bytes.size() - idx.header;
  const auto count = static_cast<std::size_t>(idx.sizes[0]);
  const auto width = static_cast<std::size_t>(item);
  if (values / width < count) fail(idx.bytes.size(), shape + " values after the header", "the end of the file");
  if (values > count * width) {
    fail(idx.header + count * width, "the end of the file", "a file of " + std::to_string(idx.bytes.size()) + " bytes");
  }
  return idx;
}

}  // namespace detail

/// The images in an idx file of unsigned bytes in 3 dimensions (image, row, column), plain or packed by gzip.
///
/// \param path       the file
/// \param max_bytes  how many unpacked bytes are acceptable
/// \throws FileError  for a file that read_file() refuses, whose magic number, type or dimensions differ, that has a
///                    dimension of size 0 or images too large for an int, that is too short, or that goes on after the
///                    last value; the place reads "byte N"
inline Images read_idx_images(const std::string& path, std::size_t max_bytes = unlimited_bytes) {
  const auto idx = detail::parse_idx<3>(path, max_bytes);
  Images images{{}, idx.sizes[0], idx.sizes[1], idx.sizes[2]};
  images.pixels.reserve(idx.bytes.size() - idx.header);
  for (std::size_t i = idx.header; i < idx.bytes.size(); ++i) {
    images.pixels.push_back(static_cast<float>(idx.byte(i)) / 255.0f);
  }
  return images;
}

/// The labels in an idx file of unsigned bytes in 1 dimension, plain or packed by gzip.
///
/// \param path       the file
/// \param classes    labels lie in [0, classes)
/// \param max_bytes  how many unpacked bytes are acceptable
/// \throws FileError   as read_idx_images(), and for a label out of range
/// \throws ValueError  for classes below 1
inline std::vector<int> read_idx_labels(const std::string& path, int classes, std::size_t max_bytes = unlimited_bytes) {
  if (classes < 1) throw ValueError("classes", "at least 1", std::to_string(classes));
  const auto idx = detail::parse_idx<1>(path, max_bytes);
  std::vector<int> labels;
  labels.reserve(idx.bytes.size() - idx.header);
  for (std::size_t i = idx.header; i < idx.bytes.size(); ++i) {
    labels.push_back(static_cast<int>(idx.byte(i)));
    if (labels.back() >= classes) {
      throw FileError(path, "byte " + std::to_string(i), "a label in [0, " + std::to_string(classes) + ")",
                      std::to_string(labels.back()));
    }
  }
  return labels;
}

/// A set of images from a file of images and a file of labels. The name of the set is the path of the images.
///
/// \param images     the file of images: one channel
/// \param labels     the file of labels
/// \param classes    labels lie in [0, classes)
/// \param max_bytes  how many unpacked bytes are acceptable, in each file
/// \throws FileError   as read_idx_images() and read_idx_labels(), and where the two counts differ
/// \throws ValueError  for classes below 1
inline ImageSet read_idx_image_set(const std::string& images, const std::string& labels, int classes,
                                   std::size_t max_bytes = unlimited_bytes) {
  const auto idx = detail::parse_idx<3>(images, max_bytes);
  ImageSet set{{}, read_idx_labels(labels, classes, max_bytes), idx.sizes[1], idx.sizes[2], 1, classes, images};
  if (set.size() != static_cast<std::size_t>(idx.sizes[0])) {
    throw FileError(labels, "byte 4", std::to_string(idx.sizes[0]) + " labels, one for each image in " + images,
                    std::to_string(set.size()));
  }
  set.pixels.assign(idx.bytes.begin() + static_cast<std::ptrdiff_t>(idx.header), idx.bytes.end());
  return set;
}

/// The same as a data set: one row of height x width pixels in [0, 1] each.
///
/// \throws FileError   as read_idx_image_set()
/// \throws ValueError  for classes below 1
inline Dataset read_idx(const std::string& images, const std::string& labels, int classes,
                        std::size_t max_bytes = unlimited_bytes) {
  return flatten(read_idx_image_set(images, labels, classes, max_bytes));
}

}  // namespace rocket
