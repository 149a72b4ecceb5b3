/// \file
/// Reads labelled samples from text: one line a sample. Needs zlib.
#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "rocket/core/error.hpp"
#include "rocket/data/cells.hpp"
#include "rocket/data/dataset.hpp"
#include "rocket/data/gzip.hpp"

namespace rocket {

/// Stands for the last column, however many there are.
inline constexpr int last_column = -1;

/// How a file of separated values is to be read.
struct CsvOptions {
  int label_column = last_column;           ///< the column of the label, counted from 0, or last_column
  int classes = 0;                          ///< labels lie in [0, classes); 0: one more than the greatest label
  bool header = false;                      ///< whether the first line holds names instead of numbers
  char separator = ',';                     ///< what stands between two cells
  std::size_t max_bytes = unlimited_bytes;  ///< how many unpacked bytes are acceptable
};

namespace detail {

/// Reads the lines of one text into a data set, and knows the place for the message when it cannot.
class CsvParser {
 public:
  CsvParser(const std::string& path, const CsvOptions& options) : path_(path), options_(options) {}

  Dataset parse(std::string_view text) {
    text = lines_of(text);
    while (!text.empty()) {
      const std::string_view line = take_line(text);
      ++line_;
      if (line_ == 1) set_columns(line);
      if (line_ > 1 || !options_.header) parse_line(line);
    }
    if (dataset_.size() == 0) {
      ++line_;
      fail(1, "a sample", "the end of the file");
    }
    dataset_.classes = options_.classes > 0 ? options_.classes : greatest_label_ + 1;
    dataset_.name = path_;
    return std::move(dataset_);
  }

 private:
  /// The first line says how many columns every line has.
  void set_columns(std::string_view line) {
    columns_ = count_cells(line);
    label_column_ = options_.label_column == last_column ? columns_ - 1 : options_.label_column;
    if (columns_ < 2) fail(1, "a label and at least 1 feature", "1 column");
    if (label_column_ >= columns_) {
      fail(columns_, "a label in column " + std::to_string(label_column_ + 1), "the end of the line");
    }
    dataset_.features_per_sample = columns_ - 1;
  }

  void parse_line(std::string_view line) {
    const int cells = count_cells(line);
    if (cells != columns_) {
      fail(std::min(cells, columns_) + 1, std::to_string(columns_) + " columns", std::to_string(cells));
    }
    for (int column = 0; column < columns_; ++column) {
      const std::string_view cell = trim(take_until(line, options_.separator));
      if (column == label_column_) {
        dataset_.labels.push_back(parse_label(cell, column + 1));
      } else {
        dataset_.features.push_back(parse_feature(cell, column + 1));
      }
    }
  }

  int parse_label(std::string_view cell, int column) {
    const int bound = options_.classes > 0 ? options_.classes : std::numeric_limits<int>::max();
    const std::optional<int> label = as_integer<int>(cell);
    if (!label || *label < 0 || *label >= bound) {
      fail(column, "a label, an integer in [0, " + std::to_string(bound) + ")", quote_cell(cell));
    }
    greatest_label_ = std::max(greatest_label_, *label);
    return *label;
  }

  float parse_feature(std::string_view cell, int column) const {
    const std::optional<float> value = as_float(cell);
    if (!value) fail(column, "a finite number", quote_cell(cell));
    return *value;
  }

  int count_cells(std::string_view line) const {
    return static_cast<int>(1 + std::count(line.begin(), line.end(), options_.separator));
  }

  [[noreturn]] void fail(int column, const std::string& expected, const std::string& found) const {
    const std::string place = "line " + std::to_string(line_) + ", column " + std::to_string(column);
    throw FileError(path_, place, expected, found);
  }

  const std::string& path_;
  const CsvOptions& options_;
  Dataset dataset_;
  std::size_t line_ = 0;
  int columns_ = 0;
  int label_column_ = 0;
  int greatest_label_ = 0;
};

}  // namespace detail

/// The samples in a file of separated values, plain or packed by gzip.
///
/// One line is one sample: finite numbers in any notation that std::from_chars takes for a double, with blanks around
/// them allowed, and an integer label in one of the columns. Quotes have no meaning. The name of the set is the path.
///
/// \param path     the file
/// \param options  which column holds the label, and so on
/// \throws FileError   for a file that read_file() refuses, that holds no sample, or that has a line of another length
///                     than the first one, a cell that is empty or no finite number, or a label that is no integer or
///                     out of range; the place reads "line N, column M", both counted from 1
/// \throws ValueError  for options that no file can meet
inline Dataset read_csv(const std::string& path, const CsvOptions& options = {}) {
  if (options.label_column < last_column) {
    throw ValueError("label_column", "a column counted from 0, or last_column", std::to_string(options.label_column));
  }
  if (options.classes < 0) throw ValueError("classes", "0 or more", std::to_string(options.classes));
  return detail::CsvParser(path, options).parse(read_file(path, options.max_bytes));
}

}  // namespace rocket
