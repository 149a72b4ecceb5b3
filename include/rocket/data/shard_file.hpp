/// \file
/// Labelled samples in a safetensors file (rocket/files/safetensors.hpp), which is quick to read, and which others write:
///
///     features    F32 [samples, ...]: numbers, or U8 [samples, ...]: bytes that stand for byte / 255; a row is all but the
///                 first extent, such as [28, 28, 1]
///     labels      I32 [samples], each in [0, classes)
///     metadata    classes: how many there are, in decimal digits; may be left out: one more than the greatest label.
///                 name: of the set; may be left out: the path
///
/// In Python: safetensors.numpy.save_file({"features": x, "labels": y.astype("int32")}, path, {"classes": "10"}).
///
/// Needs nlohmann-json.
#pragma once

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

#include "rocket/core/error.hpp"
#include "rocket/core/samples.hpp"
#include "rocket/data/dataset.hpp"
#include "rocket/data/image_set.hpp"
#include "rocket/files/safetensors.hpp"

namespace rocket {

namespace detail {

/// Makes a data set of the arrays of a file.
class ShardReader {
 public:
  ShardReader(const std::string& path, const TensorFile& file) : path_{path}, file_{file} {}

  Dataset read() const {
    const Tensor& features = array("features", "F32 or U8", [](const Tensor& t) {
      return (t.type == "F32" || t.type == "U8") && t.shape.size() >= 2;
    });
    const Tensor& labels =
        array("labels", "I32", [](const Tensor& t) { return t.type == "I32" && t.shape.size() == 1; });
    const std::uint64_t samples = features.shape[0];
    if (samples < 1) fail("\"features\"", "at least 1 sample", "none");
    if (labels.shape[0] != samples) {
      fail("\"labels\"", std::to_string(samples) + ", one a sample", std::to_string(labels.shape[0]));
    }
    // With a sample there, the file's size bounds the row's.
    std::uint64_t width = 1;
    for (std::size_t i = 1; i < features.shape.size(); ++i) width *= features.shape[i];
    constexpr int most = std::numeric_limits<int>::max();
    if (width < 1 || width > static_cast<std::uint64_t>(most)) {
      fail("\"features\"", "1 to " + std::to_string(most) + " numbers a sample", std::to_string(width));
    }

    Dataset dataset{numbers(features), copy<int>(labels), static_cast<int>(width), 0, text("name", path_)};
    dataset.classes = classes(dataset.labels);
    for (std::size_t i = 0; i < dataset.size(); ++i) {
      if (dataset.labels[i] < 0 || dataset.labels[i] >= dataset.classes) {
        fail("\"labels\", number " + std::to_string(i), "a class in [0, " + std::to_string(dataset.classes) + ")",
             std::to_string(dataset.labels[i]));
      }
    }
    return dataset;
  }

 private:
  [[noreturn]] void fail(const std::string& place, const std::string& expected, const std::string& found) const {
    throw FileError(path_, place, expected, found);
  }

  template <class Fits>
  const Tensor& array(const std::string& name, const std::string& types, const Fits& fits) const {
    const std::string wanted = types + (name == "labels" ? " [samples]" : " [samples, ...]");
    const Tensor* found = file_.find(name);
    if (!found) fail('"' + name + '"', wanted, "no array of that name");
    if (!fits(*found)) fail('"' + name + '"', wanted, found->type + ' ' + spell_list(found->shape));
    return *found;
  }

  /// The bytes of an array lie anywhere: they are copied, not looked at as numbers.
  template <class T>
  static std::vector<T> copy(const Tensor& tensor) {
    std::vector<T> numbers(tensor.bytes.size() / sizeof(T));
    std::memcpy(numbers.data(), tensor.bytes.data(), tensor.bytes.size());
    return numbers;
  }
  static std::vector<float> numbers(const Tensor& tensor) {
    if (tensor.type == "F32") return copy<float>(tensor);
    std::vector<float> numbers(tensor.bytes.size());
    std::transform(tensor.bytes.begin(), tensor.bytes.end(), numbers.begin(),
                   [](std::byte byte) { return static_cast<float>(byte) / 255.0f; });
    return numbers;
  }

  std::string text(const std::string& key, const std::string& otherwise) const {
    const auto found = file_.metadata.find(key);
    return found == file_.metadata.end() ? otherwise : found->second;
  }

  int classes(const std::vector<int>& labels) const {
    constexpr int most = std::numeric_limits<int>::max();
    if (!file_.metadata.contains("classes")) {
      const int greatest = *std::max_element(labels.begin(), labels.end());
      return greatest < 0 || greatest == most ? 1 : greatest + 1;
    }
    const std::string digits = text("classes", "");
    int count = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), count);
    if (error != std::errc{} || end != digits.data() + digits.size() || count < 1) {
      fail("__metadata__, \"classes\"", "a number in [1, " + std::to_string(most) + "]", '"' + digits + '"');
    }
    return count;
  }

  const std::string& path_;
  const TensorFile& file_;
};

/// Writes rows of that shape.
template <class T>
void write_samples(const std::string& path, const Samples<T>& samples, std::vector<std::uint64_t> row,
                   const std::string& name) {
  static_assert(std::is_same_v<T, float> || std::is_same_v<T, std::uint8_t>);
  static_assert(sizeof(int) == 4);
  if (samples.size() == 0) throw ValueError("labels", "at least 1", "0");
  const std::uint64_t count = samples.size();
  row.insert(row.begin(), count);
  const Tensor arrays[] = {
      {"features", std::is_same_v<T, float> ? "F32" : "U8", std::move(row), std::as_bytes(samples.features)},
      {"labels", "I32", {count}, std::as_bytes(samples.labels)}};
  write_safetensors(path, arrays, {{"classes", std::to_string(samples.classes)}, {"name", name}});
}

}  // namespace detail

/// The samples in a file as described at the head of this header. Whatever else is in it is left alone.
///
/// \throws FileError  for a file that read_safetensors() refuses, that lacks an array, or has one of another type or
///                    shape, that holds no sample, or a label out of range
inline Dataset read_shard(const std::string& path) { return detail::ShardReader{path, read_safetensors(path)}.read(); }

/// Writes samples so that read_shard() reads the same, in place of what was there: see replace_file. A set that doesn't
/// fit in memory is written part by part, into as many files, each with all classes, if possible: what is mixed here
/// needs no mixing in training.
///
/// \throws ValueError  before anything is written, for a set without samples, or whose parts don't fit together
/// \throws FileError   where the file can't be written
inline void write_shard(const std::string& path, const Dataset& dataset) {
  const auto samples =
      make_samples<float>(dataset.features, dataset.labels, dataset.features_per_sample, dataset.classes);
  detail::write_samples(path, samples, {static_cast<std::uint64_t>(samples.features_per_sample)}, dataset.name);
}

/// The same for images, as bytes: a quarter of the size. read_shard() gives what flatten() gives.
inline void write_shard(const std::string& path, const ImageSet& images) {
  const int width = detail::check_parts(images);
  const auto samples = make_samples<std::uint8_t>(images.pixels, images.labels, width, images.classes);
  const auto extent = [](int size) { return static_cast<std::uint64_t>(size); };
  detail::write_samples(path, samples, {extent(images.height), extent(images.width), extent(images.channels)},
                        images.name);
}

}  // namespace rocket
