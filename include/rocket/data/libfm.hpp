/// \file
/// Records from the text formats of libsvm, libfm and libffm: a line a record, a label, then the features that aren't
/// 0, with blanks or tabs between them.
///
///     1 266:1 1244:1 5042:1        libsvm, libfm: index:value
///     -1 0:138:1 1:1296:1          libffm: field:index:value
///
/// Needs zlib.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rocket/core/error.hpp"
#include "rocket/data/cells.hpp"
#include "rocket/data/record_reader.hpp"
#include "rocket/data/records.hpp"

namespace rocket {

/// How a file of libsvm's, libfm's or libffm's format is to be read.
struct LibfmOptions {
  /// Where the indices of each field begin, in ascending order, one a field: for lists of any length in files without
  /// field numbers, and for numbers in any. Empty, and without field numbers: the first feature of a line is of the
  /// first field, the second of the second.
  std::vector<std::uint64_t> begins{};
  Faults malformed = Faults::refuse;        ///< a line that is no record
  Faults unknown = Faults::count;           ///< an id that a frozen vocabulary doesn't have
  Faults beyond = Faults::refuse;           ///< more ids than a field has room for, or a number whose place it lacks
  std::size_t max_bytes = unlimited_bytes;  ///< how many unpacked bytes are acceptable
};

namespace detail {

template <class RecordFields>
class LibfmParser : public RecordParser<RecordFields> {
 public:
  using Inputs = RecordFields;
  using Options = LibfmOptions;

  LibfmParser(const std::string& path, FieldIds<Inputs>& ids, LibfmOptions options)
      : RecordParser<Inputs>{path, ids}, options_{std::move(options)} {
    const auto& begins = options_.begins;
    if (!begins.empty() && (begins.size() != Inputs::size ||
                            std::adjacent_find(begins.begin(), begins.end(), std::greater_equal<>{}) != begins.end()))
      throw ValueError("LibfmOptions::begins", "none, or " + std::to_string(Inputs::size) + " in ascending order",
                       std::to_string(begins.size()));
  }

  static int classes() { return 2; }

  /// Adds the record of a line, if it is one.
  void parse(std::string_view line, std::size_t number, Records<Inputs>& records) {
    line = trim(line);
    if (line.empty()) return;
    this->add_record(number, options_, records,
                     [&](RecordTarget& target) { return parse_line(line, target, records.report); });
  }

 private:
  using typename RecordParser<Inputs>::Feature;
  using RecordParser<Inputs>::features_;

  /// The label, and the features into features_; false where the line is no record.
  bool parse_line(std::string_view line, RecordTarget& target, RecordReport& report) {
    const auto no = [&](const std::string& expected, std::string_view found) {
      this->fault(options_.malformed, report, 0, expected, quote_cell(found));
      return false;
    };
    const std::string_view first = take_word(line);
    const std::optional<float> label = as_float(first.starts_with('+') ? first.substr(1) : first);
    if (!label || (*label != -1 && *label != 0 && *label != 1)) return no("a label, -1, 0 or 1", first);
    while (!(line = trim(line)).empty()) {
      const std::string_view cell = take_word(line);
      if (cell.starts_with('#')) break;  // a comment, as libsvm has them
      std::string_view rest = cell;
      const std::string_view a = take_until(rest, ':'), b = take_until(rest, ':');
      const bool has_field = std::count(cell.begin(), cell.end(), ':') == 2;
      if (!has_field && !rest.empty()) return no("index:value or field:index:value", cell);
      Feature feature{features_.size(), has_field ? b : a, 0};
      const std::optional<float> value = as_float(has_field ? rest : b);
      const auto index = as_integer<std::uint64_t>(feature.text);
      if (!value || !index) return no("index:value or field:index:value", cell);
      if (has_field) {
        const auto field = as_integer<std::uint64_t>(a);
        if (!field || *field >= Inputs::size) return no("a field below " + std::to_string(Inputs::size), cell);
        feature.field = static_cast<std::size_t>(*field);
      } else if (!options_.begins.empty()) {
        const auto behind = std::upper_bound(options_.begins.begin(), options_.begins.end(), *index);
        if (behind == options_.begins.begin())
          return no("an index of at least " + std::to_string(options_.begins.front()), cell);
        feature.field = static_cast<std::size_t>(behind - options_.begins.begin()) - 1;
      } else if (feature.field >= Inputs::size) {
        return no("no more than " + std::to_string(Inputs::size) + " features, one a field", cell);
      }
      const Field& field = Inputs::list[feature.field];
      if (!field.table.empty() && !field.weighted() && *value != 1)
        return no("the value 1: the rows of field " + std::string{field.name} + " aren't weighed", cell);
      feature.value = *value;
      const bool has_begins = !options_.begins.empty();
      feature.place = has_begins ? *index - options_.begins[feature.field] : has_field ? *index : 0;
      features_.push_back(feature);
    }
    target.label = *label > 0 ? 1 : 0;
    return true;
  }

  LibfmOptions options_;
};

}  // namespace detail

/// A file of libsvm's, libfm's or libffm's format part by part: read_libfm() says how. See RecordReader.
template <class Inputs>
using LibfmReader = RecordReader<detail::LibfmParser<Inputs>>;

/// The records in a file of libsvm's, libfm's or libffm's format, plain or packed by gzip. Labels are -1 or 0, and 1.
/// An index is an id of its field, looked up in `ids`; a value is the weight of its row (Pool::weighted_sum), or, in a
/// field of Numbers, the number itself, at the place that the index says, counted from where the field's indices begin
/// (`begins`, else 0); where one feature follows the other without field numbers, at the first. Cells that a line
/// doesn't fill have no row, or are 0.
///
/// \tparam Inputs  Fields<...>
/// \param ids      learns those that are new, until it is frozen
/// \throws FileError   for a file that read_file() refuses or that holds no record, and for faults that the options
///                     refuse; the place reads "line N", counted from 1
/// \throws ValueError  for options that no file can meet
template <class Inputs>
Records<Inputs> read_libfm(const std::string& path, FieldIds<Inputs>& ids, const LibfmOptions& options = {}) {
  return LibfmReader<Inputs>{path, ids, options}.read_all();
}

}  // namespace rocket
