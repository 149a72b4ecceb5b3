/// \file
/// Labelled samples in a safetensors file (rocket/files/safetensors.hpp), which is quick to read, and which others
/// write:
///
///     features    F32 [samples, ...]: numbers, or U8 [samples, ...]: bytes that stand for byte / 255; a row is all but
///                 the first extent, such as [28, 28, 1]. U32 [samples, words]: records, the words of one field behind
///                 those of the other: numbers of rows, 4294967295 for none, or the bits of numbers, as F32 has them
///     labels      I32 [samples], each in [0, classes)
///     weights     F32 [samples], each at least 0: how much a record counts; may be left out: 1
///     metadata    classes: how many there are, in decimal digits; may be left out: one more than the greatest label.
///                 name: of the set; may be left out: the path. fields: of records, a line for each field, in their
///                 order and with its end, "\n": "NAME: W words, M numbers", or "NAME: W words, M rows of TABLE". M is
///                 how many there may be, W how many words they take: M, or, of rows that are weighed, twice as many,
///                 all rows and then their weights
///
/// In Python: safetensors.numpy.save_file({"features": x, "labels": y.astype("int32")}, path, {"classes": "10"}).
///
/// Needs nlohmann-json.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "rocket/core/error.hpp"
#include "rocket/core/fields.hpp"
#include "rocket/core/samples.hpp"
#include "rocket/core/text.hpp"
#include "rocket/core/word.hpp"
#include "rocket/data/cells.hpp"
#include "rocket/data/dataset.hpp"
#include "rocket/data/image_set.hpp"
#include "rocket/data/records.hpp"
#include "rocket/files/safetensors.hpp"

namespace rocket {

namespace detail {

/// The fields of records, a line each: what they must agree on with those of a net.
template <class RecordFields>
std::string spell_fields() {
  std::string all;
  for (const Field& field : RecordFields::list)
    all += std::string{field.name} + ": " + std::to_string(field.words()) + " words, " + std::to_string(field.most) +
           (field.table.empty() ? " numbers" : " rows of " + std::string{field.table}) + "\n";
  return all;
}

/// Makes a data set, or records, of the arrays of a file.
class ShardReader {
 public:
  ShardReader(const std::string& path, const TensorFile& file) : path_{path}, file_{file} {}

  Dataset read() const {
    const Tensor& features = array("features", "F32 or U8 [samples, ...]", [](const Tensor& t) {
      return (t.type == "F32" || t.type == "U8") && t.shape.size() >= 2;
    });
    const Tensor& labels = labels_of(features);
    // With a sample there, the file's size bounds the row's.
    std::uint64_t width = 1;
    for (std::size_t i = 1; i < features.shape.size(); ++i) width *= features.shape[i];
    constexpr int most = std::numeric_limits<int>::max();
    if (width < 1 || width > static_cast<std::uint64_t>(most)) {
      fail("\"features\"", "1 to " + std::to_string(most) + " numbers a sample", std::to_string(width));
    }

    Dataset dataset{numbers(features), copy<int>(labels), static_cast<int>(width), 0, text("name", path_)};
    dataset.classes = classes(dataset.labels);
    check_labels(dataset.labels, dataset.classes);
    return dataset;
  }

  template <class RecordFields>
  Records<RecordFields> read_records() const {
    const std::string fields = spell_fields<RecordFields>(), found = text("fields", "");
    if (found != fields) {
      const auto [expected, other] = first_difference(fields, found);
      fail("__metadata__, \"fields\"", quote_cell(expected), quote_cell(other));
    }
    const std::string wanted = "U32 [samples, " + std::to_string(RecordFields::words) + ']';
    const Tensor& words = array("features", wanted, [](const Tensor& t) {
      return t.type == "U32" && t.shape.size() == 2 && t.shape[1] == RecordFields::words;
    });
    const Tensor& labels = labels_of(words);
    Records<RecordFields> records{copy<Word>(words), copy<int>(labels), 0, text("name", path_), {}, {}};
    records.report.lines = records.size();
    records.classes = classes(records.labels);
    check_labels(records.labels, records.classes);
    if (file_.find("weights")) {
      const Tensor& weights =
          array("weights", "F32 [samples]", [](const Tensor& t) { return t.type == "F32" && t.shape.size() == 1; });
      if (weights.shape[0] != records.size())
        fail("\"weights\"", std::to_string(records.size()) + ", one a record", std::to_string(weights.shape[0]));
      records.weights = copy<float>(weights);
      for (std::size_t i = 0; i < records.size(); ++i)
        if (!is_weight(records.weights[i]))
          fail("\"weights\", number " + std::to_string(i), "a finite weight of at least 0",
               std::to_string(records.weights[i]));
    }
    return records;
  }

 private:
  [[noreturn]] void fail(const std::string& place, const std::string& expected, const std::string& found) const {
    throw FileError(path_, place, expected, found);
  }

  /// \param wanted  types and shape, for messages
  template <class Fits>
  const Tensor& array(const std::string& name, const std::string& wanted, const Fits& fits) const {
    const Tensor* found = file_.find(name);
    if (!found) fail('"' + name + '"', wanted, "no array of that name");
    if (!fits(*found)) fail('"' + name + '"', wanted, found->type + ' ' + spell_list(found->shape));
    return *found;
  }

  const Tensor& labels_of(const Tensor& features) const {
    const Tensor& labels =
        array("labels", "I32 [samples]", [](const Tensor& t) { return t.type == "I32" && t.shape.size() == 1; });
    const std::uint64_t samples = features.shape[0];
    if (samples < 1) fail("\"features\"", "at least 1 sample", "none");
    if (labels.shape[0] != samples) {
      fail("\"labels\"", std::to_string(samples) + ", one a sample", std::to_string(labels.shape[0]));
    }
    return labels;
  }
  void check_labels(const std::vector<int>& labels, int classes) const {
    for (std::size_t i = 0; i < labels.size(); ++i) {
      if (labels[i] < 0 || labels[i] >= classes) {
        fail("\"labels\", number " + std::to_string(i), "a class in [0, " + std::to_string(classes) + ")",
             std::to_string(labels[i]));
      }
    }
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
    const std::optional<int> count = detail::as_integer<int>(digits);
    if (!count || *count < 1)
      fail("__metadata__, \"classes\"", "a number in [1, " + std::to_string(most) + "]", '"' + digits + '"');
    return *count;
  }

  const std::string& path_;
  const TensorFile& file_;
};

/// Writes rows of that shape.
/// \param fields  of records, else empty
template <class T>
void write_samples(const std::string& path, const Samples<T>& samples, std::vector<std::uint64_t> row,
                   const std::string& name, const std::string& fields = "") {
  constexpr bool are_floats = std::is_same_v<T, float>, are_bytes = std::is_same_v<T, std::uint8_t>;
  static_assert(are_floats || are_bytes || std::is_same_v<T, Word>);
  static_assert(sizeof(int) == 4 && sizeof(Word) == 4);
  if (samples.size() == 0) throw ValueError("labels", "at least 1", "0");
  const std::uint64_t count = samples.size();
  row.insert(row.begin(), count);
  std::vector<Tensor> arrays{{"features",
                              are_floats  ? "F32"
                              : are_bytes ? "U8"
                                          : "U32",
                              std::move(row), std::as_bytes(samples.features)},
                             {"labels", "I32", {count}, std::as_bytes(samples.labels)}};
  if (!samples.weights.empty()) arrays.push_back({"weights", "F32", {count}, std::as_bytes(samples.weights)});
  std::map<std::string, std::string> metadata{{"classes", std::to_string(samples.classes)}, {"name", name}};
  if (!fields.empty()) metadata["fields"] = fields;
  write_safetensors(path, arrays, metadata);
}

}  // namespace detail

/// The samples in a file as described at the head of this header. Whatever else is in it is left alone.
///
/// \throws FileError  for a file that read_safetensors() refuses, that lacks an array, or has one of another type or
///                    shape, that holds no sample, or a label out of range
inline Dataset read_shard(const std::string& path) { return detail::ShardReader{path, read_safetensors(path)}.read(); }

/// The same for records of these fields. Their rows are those of the ids that they were read with: save_ids()
/// (data/ids_file.hpp) keeps them.
///
/// \tparam Inputs  Fields<...> of the same names, tables and lengths as those that were written; dimensions may differ
template <class Inputs>
Records<Inputs> read_record_shard(const std::string& path) {
  return detail::ShardReader{path, read_safetensors(path)}.template read_records<Inputs>();
}

/// Writes samples so that read_shard() reads the same, in place of what was there: see replace_file. A set that doesn't
/// fit in memory is written part by part, into as many files, each with all classes, if possible: what is mixed here
/// needs no mixing in training.
///
/// \throws ValueError  before anything is written, for a set without samples, or whose parts don't fit together
/// \throws FileError   where the file can't be written
inline void write_shard(const std::string& path, const Dataset& dataset) {
  const Samples<float> samples = dataset.checked();
  detail::write_samples(path, samples, {static_cast<std::uint64_t>(samples.features_per_sample)}, dataset.name);
}

/// The same for images, as bytes: a quarter of the size. read_shard() gives what flatten() gives.
inline void write_shard(const std::string& path, const ImageSet& images) {
  const int width = detail::check_parts(images);
  const Samples<std::uint8_t> samples{images.pixels, images.labels, width, images.classes};
  const auto extent = [](int size) { return static_cast<std::uint64_t>(size); };
  detail::write_samples(path, samples, {extent(images.height), extent(images.width), extent(images.channels)},
                        images.name);
}

/// The same for records, with their weights: for read_record_shard().
template <class Inputs>
void write_shard(const std::string& path, const Records<Inputs>& records) {
  detail::write_samples(path, records.checked(), {static_cast<std::uint64_t>(Inputs::words)}, records.name,
                        detail::spell_fields<Inputs>());
}

/// Writes what a RecordReader (data/record_reader.hpp) has left as shards of so many records each, the last one of
/// fewer, part by part: "PREFIX0000.safetensors" and so on. Returns their paths. What lies in time order in the file is
/// mixed as far as Shards mix: have many of them in memory, or mix the file.
///
/// \throws ValueError  for shards without records; whatever reading and writing throws passes through, and shards that
///                     were written before are there
template <class Reader>
std::vector<std::string> write_shards(const std::string& prefix, Reader& reader, std::size_t records_a_shard) {
  std::vector<std::string> paths;
  Records<typename Reader::Inputs> part;
  while (reader.read(part, records_a_shard)) {
    const std::string digits = std::to_string(paths.size());
    paths.push_back(prefix + std::string(digits.size() < 4 ? 4 - digits.size() : 0, '0') + digits + ".safetensors");
    write_shard(paths.back(), part);
  }
  return paths;
}

}  // namespace rocket
