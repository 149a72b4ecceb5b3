/// \file
/// SVHN (house numbers), from the cropped digits of its authors: train_32x32.mat and test_32x32.mat. Needs zlib.
///
/// Source: Y. Netzer, T. Wang, A. Coates, A. Bissacco, B. Wu, A. Ng, "Reading digits in natural images with
/// unsupervised feature learning", NIPS workshop 2011; http://ufldl.stanford.edu/housenumbers; for non-commercial use.
///
/// They are MATLAB files of level 5 (MathWorks, "MAT-File Format"): a header of 128 bytes, then one element a variable,
/// packed by zlib or not. An element is a tag (type, bytes) and data; a variable is elements in it: flags, dimensions,
/// name, values with the first dimension innermost. Only the two variables that such a file holds can be read: a
/// library for all of MATLAB's files takes one that is cut off for whole.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <new>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <zlib.h>

#include "rocket/core/error.hpp"
#include "rocket/data/gzip.hpp"
#include "rocket/data/image_set.hpp"
#include "rocket/data/is_readable.hpp"

namespace rocket {

namespace detail {

/// Types of elements.
enum class MatType : std::uint32_t { int8 = 1, uint8 = 2, int32 = 5, uint32 = 6, matrix = 14, compressed = 15 };

/// MATLAB writes as its machine counts; every machine that matters counts from the low byte.
inline std::uint32_t mat_word(const std::uint8_t* bytes) {
  return bytes[0] | std::uint32_t{bytes[1]} << 8 | std::uint32_t{bytes[2]} << 16 | std::uint32_t{bytes[3]} << 24;
}

/// The bytes of one variable, one after the other, unpacked where they are packed.
class MatReader {
 public:
  /// \param bytes  what the variable's tag promises
  /// \param place  of the tag in the file, for messages
  MatReader(const std::string& path, std::span<const std::uint8_t> bytes, bool packed, std::size_t place)
      : path_{path}, rest_{bytes}, packed_{packed}, place_{"variable at byte " + std::to_string(place)} {
    if (!packed_) return;
    stream_.next_in = const_cast<Bytef*>(bytes.data());  // zlib only reads there
    stream_.avail_in = static_cast<uInt>(bytes.size());
    if (inflateInit(&stream_) != Z_OK) throw std::bad_alloc{};
  }
  ~MatReader() {
    if (packed_) inflateEnd(&stream_);
  }
  MatReader(const MatReader&) = delete;
  MatReader& operator=(const MatReader&) = delete;

  [[noreturn]] void fail(const std::string& expected, const std::string& found) const {
    throw FileError(path_, place_, expected, found);
  }

  std::uint32_t word() {
    std::array<std::uint8_t, 4> bytes{};
    read(bytes);
    return mat_word(bytes.data());
  }

  void expect_type(MatType expected, std::uint32_t found, const char* what) const {
    const auto number = static_cast<std::uint32_t>(expected);
    if (found != number) fail("type " + std::to_string(number) + " (" + what + ")", "type " + std::to_string(found));
  }

  /// The data of the next element.
  /// \param least, greatest  how many bytes it may have
  std::vector<std::uint8_t> element(MatType type, std::size_t least, std::size_t greatest, const char* what) {
    const std::uint32_t first = word();
    const bool small = first >> 16 != 0;  // up to 4 bytes stand in the tag itself
    expect_type(type, small ? first & 0xFFFF : first, what);
    const std::size_t count = small ? first >> 16 : word();
    if (small && count > 4) fail(std::string{"at most 4 bytes in the tag ("} + what + ")", std::to_string(count));
    if (count < least || count > greatest) {
      fail(std::to_string(least) + (least == greatest ? "" : " to " + std::to_string(greatest)) + " bytes (" + what +
               ")",
           std::to_string(count));
    }
    // In portions: what a damaged file promises must not be allocated before it comes.
    constexpr std::size_t portion = 1u << 16;
    std::vector<std::uint8_t> data;
    while (data.size() < count) {
      const std::size_t before = data.size();
      data.resize(std::min(count, before + portion));
      read(std::span{data}.subspan(before));
    }
    const std::size_t whole = small ? 4 : 8;
    std::array<std::uint8_t, 8> padding{};
    read(std::span{padding}.first((whole - count % whole) % whole));
    return data;
  }

  /// Nothing may follow; what was packed must agree with its check sum.
  void finish() {
    if (packed_) {
      std::uint8_t more = 0;
      stream_.next_out = &more;
      stream_.avail_out = 1;
      const int code = inflate(&stream_, Z_NO_FLUSH);
      if (stream_.avail_out == 0) fail("the end of the variable", "more bytes");
      if (code != Z_STREAM_END) fail("a sound zlib stream", "damaged data");
      rest_ = rest_.last(stream_.avail_in);
    }
    if (!rest_.empty()) fail("the end of the variable", std::to_string(rest_.size()) + " bytes more");
  }

 private:
  void read(std::span<std::uint8_t> into) {
    if (into.empty()) return;
    if (!packed_) {
      if (rest_.size() < into.size()) fail("the rest of the variable", "its end");
      std::copy_n(rest_.begin(), into.size(), into.begin());
      rest_ = rest_.subspan(into.size());
      return;
    }
    stream_.next_out = into.data();
    stream_.avail_out = static_cast<uInt>(into.size());
    const int code = inflate(&stream_, Z_SYNC_FLUSH);
    if (stream_.avail_out == 0) return;
    if (code == Z_DATA_ERROR || code == Z_NEED_DICT) fail("a sound zlib stream", "damaged data");
    fail("the rest of the variable", "its end");
  }

  const std::string& path_;
  std::span<const std::uint8_t> rest_;
  bool packed_;
  std::string place_;
  z_stream stream_{};
};

/// Reads the variables X and y of one file.
class SvhnParser {
 public:
  explicit SvhnParser(const std::string& path) : path_{path} {}

  ImageSet parse() {
    const std::string text = read_file(path_);
    const std::span bytes{reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
    constexpr std::size_t header = 128;
    if (bytes.size() < header) fail(bytes.size(), "a header of 128 bytes", "the end of the file");
    if (bytes[124] != 0 || bytes[125] != 1) {
      fail(124, "0, 1 (MATLAB file of level 5)", std::to_string(bytes[124]) + ", " + std::to_string(bytes[125]));
    }
    if (bytes[126] != 'I' || bytes[127] != 'M') fail(126, "IM (low byte first)", "another order of bytes");

    for (std::size_t place = header; place < bytes.size();) {
      constexpr std::size_t tag = 8;
      if (bytes.size() - place < tag) fail(bytes.size(), "a tag of 8 bytes", "the end of the file");
      const std::uint32_t type = mat_word(&bytes[place]);
      const std::size_t size = mat_word(&bytes[place + 4]);
      const bool packed = type == static_cast<std::uint32_t>(MatType::compressed);
      if (!packed && type != static_cast<std::uint32_t>(MatType::matrix)) {
        fail(place, "type 14 or 15 (a variable)", "type " + std::to_string(type));
      }
      if (bytes.size() - place - tag < size) {
        fail(bytes.size(), std::to_string(size) + " bytes after the tag at byte " + std::to_string(place),
             "the end of the file");
      }
      MatReader reader{path_, bytes.subspan(place + tag, size), packed, place};
      if (packed) {
        reader.expect_type(MatType::matrix, reader.word(), "variable");
        reader.word();  // its size, which the stream says as well
      }
      read_variable(reader);
      reader.finish();
      place += tag + size;
    }
    if (!has_images_) fail(bytes.size(), "the variable X", "the end of the file");
    if (!has_labels_) fail(bytes.size(), "the variable y", "the end of the file");
    if (set_.labels.size() * image_bytes != set_.pixels.size()) {
      throw FileError(path_, "variable y", std::to_string(set_.pixels.size() / image_bytes) + " labels, one an image",
                      std::to_string(set_.labels.size()));
    }
    return std::move(set_);
  }

 private:
  static constexpr std::size_t image_bytes = 32 * 32 * 3;

  void read_variable(MatReader& reader) {
    const auto flags = reader.element(MatType::uint32, 8, 8, "array flags");
    constexpr int bytes_class = 9, complex = 8;
    if (flags[0] != bytes_class || (flags[1] & complex) != 0) {
      reader.fail("real numbers of class 9 (uint8)", "class " + std::to_string(flags[0]));
    }
    const auto dimensions = reader.element(MatType::int32, 8, 64, "dimensions");
    if (dimensions.size() % 4 != 0) reader.fail("dimensions of 4 bytes", std::to_string(dimensions.size()) + " bytes");
    std::vector<std::size_t> sizes;
    std::string shape;
    for (std::size_t i = 0; i < dimensions.size(); i += 4) {
      sizes.push_back(mat_word(&dimensions[i]));
      shape += (i == 0 ? "" : " x ") + std::to_string(sizes.back());
    }
    const auto letters = reader.element(MatType::int8, 1, 64, "name");
    const std::string name{letters.begin(), letters.end()};
    if (name == "X" && !has_images_) {
      if (sizes.size() != 4 || sizes[0] != 32 || sizes[1] != 32 || sizes[2] != 3 || sizes[3] < 1) {
        reader.fail("32 x 32 x 3 x N values of X", shape);
      }
      const std::size_t count = sizes[3] * image_bytes;  // both below 2^32
      set_.pixels = reader.element(MatType::uint8, count, count, "values of X");
      turn_images();
      has_images_ = true;
    } else if (name == "y" && !has_labels_) {
      if (sizes.size() != 2 || sizes[0] < 1 || sizes[1] != 1) reader.fail("N x 1 values of y", shape);
      for (const std::uint8_t label : reader.element(MatType::uint8, sizes[0], sizes[0], "values of y")) {
        if (label < 1 || label > 10) {
          throw FileError(path_, "variable y, row " + std::to_string(set_.labels.size() + 1),
                          "a label in [1, 10], 10 for the digit 0", std::to_string(label));
        }
        set_.labels.push_back(label % 10);
      }
      has_labels_ = true;
    } else {
      reader.fail("the variables X and y, once each", '"' + name + '"');
    }
  }

  /// From (row innermost, column, channel) to (row, column, channel innermost).
  void turn_images() {
    std::array<std::uint8_t, image_bytes> image{};
    for (std::size_t start = 0; start < set_.pixels.size(); start += image_bytes) {
      std::uint8_t* pixels = set_.pixels.data() + start;
      std::copy_n(pixels, image_bytes, image.begin());
      for (std::size_t y = 0; y < 32; ++y) {
        for (std::size_t x = 0; x < 32; ++x) {
          for (std::size_t c = 0; c < 3; ++c) *pixels++ = image[y + 32 * (x + 32 * c)];
        }
      }
    }
  }

  [[noreturn]] void fail(std::size_t place, const std::string& expected, const std::string& found) const {
    throw FileError(path_, "byte " + std::to_string(place), expected, found);
  }

  const std::string& path_;
  ImageSet set_{{}, {}, 32, 32, 3, 10, path_};
  bool has_images_ = false, has_labels_ = false;
};

inline ImageSet read_svhn_part(const std::string& directory, const std::string& part, std::size_t images) {
  const std::string path = directory + "/" + part + "_32x32.mat";
  if (!is_readable(path)) {
    throw FileError(directory, "", "the cropped digits of SVHN (http://ufldl.stanford.edu/housenumbers)",
                    "no " + part + "_32x32.mat");
  }
  ImageSet set = SvhnParser{path}.parse();
  if (set.size() != images) {
    throw FileError(path, "variable X", std::to_string(images) + " images", std::to_string(set.size()));
  }
  set.name = "SVHN " + part;
  return set;
}

}  // namespace detail

/// The images in one file of SVHN's cropped digits: any number, at least 1, 32 x 32 pixels in red, green and blue,
/// 10 classes: the digits, so the file's label 10 is 0 here. The name of the set is the path.
///
/// \throws FileError  for a file that read_file() refuses, that isn't a MATLAB file of level 5 with the variables X
///                    (bytes, 32 x 32 x 3 x N) and y (bytes, N x 1, in [1, 10]) and nothing else, or that is cut off or
///                    damaged; the place reads "byte N", "variable at byte N" or "variable y, row N"
inline ImageSet read_svhn(const std::string& path) { return detail::SvhnParser{path}.parse(); }

/// The training part of SVHN: 73,257 images from train_32x32.mat. (The file extra_32x32.mat is for read_svhn().)
///
/// \param directory  the folder of the file
/// \throws FileError  where the file is missing or holds another number of images, and as read_svhn()
inline ImageSet svhn_train(const std::string& directory) { return detail::read_svhn_part(directory, "train", 73257); }

/// The test part of SVHN: 26,032 images from test_32x32.mat, otherwise as svhn_train().
inline ImageSet svhn_test(const std::string& directory) { return detail::read_svhn_part(directory, "test", 26032); }

}  // namespace rocket
