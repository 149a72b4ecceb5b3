/// \file
/// CIFAR-10 and CIFAR-100, from the binary files of their author. Needs zlib.
///
/// Source: A. Krizhevsky, "Learning multiple layers of features from tiny images", technical report, University of
/// Toronto, 2009; https://www.cs.toronto.edu/~kriz/cifar.html.
///
/// A file is rows of the same length: one label byte (CIFAR-100: two, of the 20 superclasses and of the 100 classes),
/// then 3,072 bytes, the red, the green and the blue plane of an image of 32 x 32 pixels. Each file may be packed by
/// gzip.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "rocket/core/error.hpp"
#include "rocket/data/gzip.hpp"
#include "rocket/data/image_set.hpp"
#include "rocket/data/is_readable.hpp"
#include "rocket/data/normalization.hpp"

namespace rocket {

namespace detail {

/// What differs between the two sets.
struct CifarFormat {
  const char* name;                 // of the set
  const char* folder;               // that the archive unpacks to
  std::size_t label_bytes;          // at the head of a row; the last one is kept
  std::array<int, 2> label_bounds;  // of the label bytes

  std::size_t row() const { return label_bytes + 3 * 32 * 32; }
  int classes() const { return label_bounds[label_bytes - 1]; }
  ImageSet empty() const { return {{}, {}, 32, 32, 3, classes(), name}; }
};

inline constexpr CifarFormat cifar10_format{"CIFAR-10", "cifar-10-batches-bin", 1, {10, 0}};
inline constexpr CifarFormat cifar100_format{"CIFAR-100", "cifar-100-binary", 2, {20, 100}};

/// Puts the images of a file behind those of a set.
/// \param rows  how many there must be; 0: any number but none
inline void append_cifar(const CifarFormat& format, const std::string& path, std::size_t rows, ImageSet& set) {
  constexpr std::size_t plane = 32 * 32;
  const std::string bytes = read_file(path, rows == 0 ? unlimited_bytes : rows * format.row());
  const auto fail = [&](std::size_t place, const std::string& expected, const std::string& found) {
    throw FileError(path, "byte " + std::to_string(place), expected, found);
  };

  const std::size_t found_rows = bytes.size() / format.row();
  const std::string row_size = std::to_string(format.row()) + " bytes";
  if (found_rows < rows) fail(bytes.size(), std::to_string(rows) + " rows of " + row_size, "the end of the file");
  if (bytes.empty() || bytes.size() % format.row() != 0) {
    fail(bytes.size(), "a row of " + row_size, "the end of the file");
  }
  for (std::size_t row = 0; row < found_rows; ++row) {
    for (std::size_t i = 0; i < format.label_bytes; ++i) {
      const std::size_t place = row * format.row() + i;
      const int label = static_cast<unsigned char>(bytes[place]);
      if (label >= format.label_bounds[i]) {
        fail(place, "a label in [0, " + std::to_string(format.label_bounds[i]) + ")", std::to_string(label));
      }
    }
  }

  const std::size_t before = set.pixels.size();
  set.pixels.resize(before + found_rows * 3 * plane);
  for (std::size_t row = 0; row < found_rows; ++row) {
    const char* from = bytes.data() + row * format.row() + format.label_bytes;
    std::uint8_t* to = set.pixels.data() + before + row * 3 * plane;
    set.labels.push_back(static_cast<unsigned char>(from[-1]));
    for (std::size_t p = 0; p < plane; ++p) {
      for (std::size_t c = 0; c < 3; ++c) to[3 * p + c] = static_cast<std::uint8_t>(from[c * plane + p]);
    }
  }
}

inline ImageSet read_cifar(const CifarFormat& format, const std::string& path) {
  ImageSet set = format.empty();
  set.name = path;
  append_cifar(format, path, 0, set);
  return set;
}

/// Reads the files of a part, each of so many rows, from a folder or from the official folder in it.
inline ImageSet read_cifar_part(const CifarFormat& format, const std::string& directory, const char* part,
                                const std::vector<std::string>& files, std::size_t rows) {
  const std::string inner = directory + "/" + format.folder;
  const bool here = is_readable(directory + "/" + files.front());
  if (!here && !is_readable(inner + "/" + files.front())) {
    throw FileError(
        directory, "",
        "the files of " + std::string{format.name} + ", binary version (www.cs.toronto.edu/~kriz/cifar.html)",
        "neither " + files.front() + " nor " + format.folder + "/" + files.front());
  }
  ImageSet set = format.empty();
  set.name.append(" ").append(part);
  set.pixels.reserve(files.size() * rows * set.bytes_per_image());
  for (const std::string& file : files) append_cifar(format, (here ? directory : inner) + "/" + file, rows, set);
  return set;
}

}  // namespace detail

/// The images in one file of CIFAR-10's binary version: any number of rows, at least 1. The set's name is the path.
///
/// \throws FileError  for a file that read_file() refuses, that ends within a row or holds none, or that has a label
///                    out of range; the place reads "byte N"
inline ImageSet read_cifar10(const std::string& path) { return detail::read_cifar(detail::cifar10_format, path); }

/// The images in one file of CIFAR-100's binary version, otherwise as read_cifar10(). Labels are those of the 100
/// classes; those of the 20 superclasses are checked, too.
inline ImageSet read_cifar100(const std::string& path) { return detail::read_cifar(detail::cifar100_format, path); }

/// The training part of CIFAR-10: 50,000 images of 32 x 32 pixels in red, green and blue, 10 classes; data_batch_1.bin
/// to data_batch_5.bin, in this order.
///
/// \param directory  the folder of the files, or the folder that cifar-10-batches-bin lies in
/// \throws FileError  where a file is missing, for a file that doesn't hold 10,000 rows, and as read_cifar10()
inline ImageSet cifar10_train(const std::string& directory) {
  std::vector<std::string> files;
  for (const char* number : {"1", "2", "3", "4", "5"}) files.push_back(std::string{"data_batch_"} + number + ".bin");
  return detail::read_cifar_part(detail::cifar10_format, directory, "train", files, 10000);
}

/// The test part of CIFAR-10: 10,000 images from test_batch.bin, otherwise as cifar10_train().
inline ImageSet cifar10_test(const std::string& directory) {
  return detail::read_cifar_part(detail::cifar10_format, directory, "test", {"test_batch.bin"}, 10000);
}

/// The training part of CIFAR-100: 50,000 images of 32 x 32 pixels in red, green and blue, 100 classes; train.bin.
///
/// \param directory  the folder of the file, or the folder that cifar-100-binary lies in
/// \throws FileError  where the file is missing or doesn't hold 50,000 rows, and as read_cifar100()
inline ImageSet cifar100_train(const std::string& directory) {
  return detail::read_cifar_part(detail::cifar100_format, directory, "train", {"train.bin"}, 50000);
}

/// The test part of CIFAR-100: 10,000 images from test.bin, otherwise as cifar100_train().
inline ImageSet cifar100_test(const std::string& directory) {
  return detail::read_cifar_part(detail::cifar100_format, directory, "test", {"test.bin"}, 10000);
}

/// Mean and deviation of CIFAR-10's training pixels as papers round them: what Normalization::of gives, to one digit.
inline Normalization cifar10_normalization() { return {{125.3f, 123.0f, 113.9f}, {63.0f, 62.1f, 66.7f}}; }

}  // namespace rocket
