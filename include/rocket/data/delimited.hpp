/// \file
/// Records from text whose lines are cells with commas or tabs between them (CSV, TSV), by the names of the columns:
///
///     clicked,user,item,tags,price
///     1,u17,i5,sports|news,3.25
///     0,u9,"i6, large",,
///
///     using Inputs = Fields<Id<"user", 16>, Id<"item", 16>, Bag<"tags", 8, 20>, Numbers<"price">>;
///     const DelimitedOptions options{.label = "clicked",
///                                    .fields = {{"tags", {}, '|'}, {.field = "price", .transform = log_of_count}}};
///     const Records<Inputs> train = read_delimited("train.csv", ids, options);
///
/// Needs zlib.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rocket/core/error.hpp"
#include "rocket/core/fields.hpp"
#include "rocket/data/cells.hpp"
#include "rocket/data/record_reader.hpp"
#include "rocket/data/records.hpp"

namespace rocket {

/// log(1 + x), 0 for x below 0: for counts, whose few great ones would outweigh all others. Where a log of clicks has
/// negative counts (Criteo's second one has), they mean that nothing was counted.
inline float log_of_count(float x) { return std::log1p(std::max(x, 0.0F)); }

/// Which columns feed a field, and how. Of numbers each column holds one, or, with something between, one holds all.
struct FieldColumns {
  std::string field{};                  ///< by name
  std::vector<std::string> columns{};   ///< by name, in this order; empty: the one that has the field's name
  char between = 0;                     ///< what stands between two ids or numbers of a cell; 0: a cell is one
  float (*transform)(float) = nullptr;  ///< what becomes of a number that is there (log_of_count); null: it stays
  char before_weight = ':';  ///< Pool::weighted_sum: the last one in an id has its row's weight behind it; none: 1
};

/// How a file of separated values is to be read.
struct DelimitedOptions {
  char separator = ',';                     ///< what stands between two cells
  char quote = '"';                         ///< what a cell may stand between, see read_delimited(); 0: nothing
  bool header = true;                       ///< whether the first line names the columns
  std::vector<std::string> columns{};       ///< their names, where no header does, or in its place
  std::string label = "label";              ///< the column of the label; empty: there is none, and labels are 0
  std::string weight{};                     ///< the column of how much a record counts; empty: there is none
  int classes = 2;                          ///< labels are integers in [0, classes); of two classes, -1 is 0, too
  std::vector<FieldColumns> fields{};       ///< those that aren't fed, as it is, by the column of their own name
  Faults malformed = Faults::refuse;        ///< a line that is no record
  Faults empty = Faults::count;             ///< a cell of a field, or an element of one, that holds nothing
  Faults unknown = Faults::count;           ///< an id that a frozen vocabulary doesn't have
  Faults beyond = Faults::refuse;           ///< more ids or numbers than a field has room for
  std::size_t max_bytes = unlimited_bytes;  ///< how many unpacked bytes are acceptable
};

namespace detail {

/// Cuts a line into cells.
class CellCutter {
 public:
  CellCutter(char separator, char quote) : separator_{separator}, quote_{quote} {}

  /// Replaces what is in `cells`, which are views of the line, or of what is in here, until the next call. Returns the
  /// column, from 1, whose quotes are wrong; 0 where none are.
  std::size_t cut(std::string_view line, std::vector<std::string_view>& cells) {
    cells.clear();
    unquoted_.clear();
    unquoted_.reserve(line.size());  // so that views of it stay
    for (;;) {
      if (quote_ != 0 && line.starts_with(quote_)) {
        line.remove_prefix(1);
        const std::size_t begin = unquoted_.size();
        if (!unquote(line)) return cells.size() + 1;
        cells.push_back(std::string_view{unquoted_}.substr(begin));
      } else {
        const std::size_t end = std::min(line.find(separator_), line.size());
        cells.push_back(line.substr(0, end));
        line.remove_prefix(end);
      }
      if (line.empty()) return 0;
      line.remove_prefix(1);
    }
  }

 private:
  /// Takes what stands before the closing quote; false where there is none, or something other than a separator behind.
  bool unquote(std::string_view& line) {
    for (;;) {
      const std::size_t end = line.find(quote_);
      if (end == std::string_view::npos) return false;
      unquoted_ += line.substr(0, end);
      line.remove_prefix(end + 1);
      if (!line.starts_with(quote_)) return line.empty() || line.front() == separator_;
      unquoted_ += quote_;
      line.remove_prefix(1);
    }
  }

  char separator_, quote_;
  std::string unquoted_;
};

template <class RecordFields>
class DelimitedParser : public RecordParser<RecordFields> {
 public:
  using Inputs = RecordFields;
  using Options = DelimitedOptions;

  DelimitedParser(const std::string& path, FieldIds<Inputs>& ids, DelimitedOptions options)
      : RecordParser<Inputs>{path, ids}, options_{std::move(options)}, cutter_{options_.separator, options_.quote} {
    check_options();
    if (!options_.columns.empty()) {
      const std::vector<std::string_view> names(options_.columns.begin(), options_.columns.end());
      plan(names, [](const std::string& expected, const std::string& found) {
        throw ValueError("DelimitedOptions::columns", expected, found);
      });
    }
  }

  int classes() const { return options_.classes; }

  /// Adds the record of a line, if it is one.
  void parse(std::string_view line, std::size_t number, Records<Inputs>& records) {
    if (line.empty()) return;
    if (options_.header && !had_header_) {
      had_header_ = true;
      this->line_ = number;
      return read_header(line, records.report);
    }
    this->add_record(number, options_, records,
                     [&](RecordTarget& target) { return parse_line(line, target, records.report); });
  }

 private:
  using typename RecordParser<Inputs>::Feature;
  using RecordParser<Inputs>::features_;
  /// A cell of every line.
  struct Use {
    std::size_t column;  ///< counted from 0
    std::size_t field;
    const FieldColumns* how;
    std::uint64_t place;  ///< of a number
  };
  static constexpr std::size_t none = std::numeric_limits<std::size_t>::max();

  /// How a field is fed: as the options say, or as they say by saying nothing.
  const FieldColumns& columns_of(const Field& field) const {
    for (const FieldColumns& how : options_.fields)
      if (how.field == field.name) return how;
    return as_it_is_;
  }

  void check_options() const {
    const auto refuse = [](const std::string& member, const std::string& expected, const std::string& found) {
      throw ValueError("DelimitedOptions::" + member, expected, found);
    };
    const auto spell = [](char c) { return c == 0 ? "none" : quote_cell({&c, 1}); };
    const auto ends_lines = [](char c) { return c == '\n' || c == '\r'; };
    if (options_.separator == 0 || ends_lines(options_.separator))
      refuse("separator", "a character that ends no line", spell(options_.separator));
    if (options_.quote == options_.separator || ends_lines(options_.quote))
      refuse("quote", "a character that neither separates cells nor ends a line, or 0", spell(options_.quote));
    if (options_.classes < 2) refuse("classes", "at least 2", std::to_string(options_.classes));
    if (!options_.header && options_.columns.empty()) refuse("columns", "names, without a header", "none");
    for (std::size_t k = 0; k < options_.fields.size(); ++k) {
      const FieldColumns& how = options_.fields[k];
      const std::string at = "fields[" + std::to_string(k) + ']';
      const auto field = std::find_if(Inputs::list.begin(), Inputs::list.end(),
                                      [&](const Field& one) { return one.name == how.field; });
      if (field == Inputs::list.end()) refuse(at, "a field of the records", quote_cell(how.field));
      if (&columns_of(*field) != &how) refuse(at, "each field once", quote_cell(how.field) + " again");
      if (!field->table.empty() && how.transform != nullptr)
        refuse(at + ".transform", "none: field " + how.field + " has ids", "one");
      if (how.between != 0 && (ends_lines(how.between) || how.between == options_.separator))
        refuse(at + ".between", "a character that neither separates cells nor ends a line", spell(how.between));
      if (how.between != 0 && field->table.empty() && how.columns.size() > 1)  // each would begin at the first place
        refuse(at + ".columns", "one, whose cells hold all numbers of field " + how.field,
               std::to_string(how.columns.size()));
    }
    for (const Field& field : Inputs::list) {
      const FieldColumns& how = columns_of(field);
      const std::size_t columns = std::max<std::size_t>(how.columns.size(), 1),
                        most = static_cast<std::size_t>(field.most);
      if (how.between == 0 && (columns > most || (field.table.empty() && columns != most)))
        refuse("fields, " + quote_cell(field.name),
               (field.table.empty() ? "" : "at most ") + std::to_string(most) +
                   " columns, or what stands between several values of a cell",
               std::to_string(columns));
      const char before = how.before_weight;
      const bool is_cut = before == how.between || (before == options_.separator && options_.quote == 0);
      if (field.weighted() && before != 0 && (is_cut || ends_lines(before)))
        refuse("fields, " + quote_cell(field.name) + ", before_weight",
               "a character that can stand within an id with its weight", spell(before));
    }
  }

  /// Finds the columns. \param refuse  is called with what is expected of their names and what was found; throws
  template <class Refuse>
  void plan(const std::vector<std::string_view>& names, const Refuse& refuse) {
    const auto find = [&](std::string_view name) {
      const auto found = std::find(names.begin(), names.end(), name);
      if (found == names.end()) {
        std::string all;
        for (const std::string_view one : names) all += (all.empty() ? "" : ", ") + std::string{one};
        refuse("a column " + quote_cell(name), all.size() <= 200 ? all : all.substr(0, 200) + "...");
      }
      if (std::find(found + 1, names.end(), name) != names.end())
        refuse("one column " + quote_cell(name), "two of them");
      return static_cast<std::size_t>(found - names.begin());
    };
    columns_ = names.size();
    label_column_ = options_.label.empty() ? none : find(options_.label);
    weight_column_ = options_.weight.empty() ? none : find(options_.weight);
    for (std::size_t f = 0; f < Inputs::size; ++f) {
      const FieldColumns& how = columns_of(Inputs::list[f]);
      std::uint64_t place = 0;
      if (how.columns.empty()) uses_.push_back({find(Inputs::list[f].name), f, &how, 0});
      for (const std::string& column : how.columns) uses_.push_back({find(column), f, &how, place++});
    }
  }

  void read_header(std::string_view line, RecordReport& report) {
    const std::size_t wrong = cutter_.cut(line, cells_);
    if (wrong > 0) this->fault(Faults::refuse, report, wrong, sound_quotes, "others");
    if (columns_ == 0)
      plan(cells_, [&](const std::string& expected, const std::string& found) {
        this->fault(Faults::refuse, report, 0, expected, found);
      });
    else if (cells_.size() != columns_)
      this->fault(Faults::refuse, report, std::min(cells_.size(), columns_) + 1, spell_columns(),
                  std::to_string(cells_.size()));
  }

  /// The label, the weight, and the features into features_; false where the line is no record.
  bool parse_line(std::string_view line, RecordTarget& target, RecordReport& report) {
    empty_ = 0;
    const auto no = [&](std::size_t column, const auto& expected, const std::string& found) {
      this->fault(options_.malformed, report, column + 1, expected, found);
      return false;
    };
    if (const std::size_t wrong = cutter_.cut(line, cells_); wrong > 0) return no(wrong - 1, sound_quotes, "others");
    if (cells_.size() != columns_)
      return no(std::min(cells_.size(), columns_), spell_columns(), std::to_string(cells_.size()));
    if (label_column_ != none) {
      const std::string_view cell = cells_[label_column_];
      std::optional<float> label = as_signed_float(cell);
      if (label && *label == -1 && options_.classes == 2) label = 0.0F;
      if (!label || !(*label >= 0 && *label < static_cast<float>(options_.classes)) || std::floor(*label) != *label)
        return no(label_column_,
                  options_.classes == 2 ? "a label, -1, 0 or 1"
                                        : "a label, an integer in [0, " + std::to_string(options_.classes) + ")",
                  quote_cell(cell));
      target.label = static_cast<int>(*label);
    }
    if (weight_column_ != none) {
      const std::optional<float> weight = as_signed_float(cells_[weight_column_]);
      if (!weight || *weight < 0) return no(weight_column_, "a weight, at least 0", quote_cell(cells_[weight_column_]));
      target.weight = weight;
    }
    for (const Use& use : uses_) {
      std::string_view cell = cells_[use.column];
      if (use.how->between == 0 || cell.empty()) {
        if (!parse_value(use, cell, use.place, report, no)) return false;
        continue;
      }
      for (std::uint64_t place = use.place;; ++place) {
        const bool is_last = cell.find(use.how->between) == std::string_view::npos;
        if (!parse_value(use, take_until(cell, use.how->between), place, report, no)) return false;
        if (is_last) break;
      }
    }
    report.empty += empty_;
    return true;
  }

  /// One id or number.
  template <class No>
  bool parse_value(const Use& use, std::string_view value, std::uint64_t place, RecordReport& report, const No& no) {
    const Field& field = Inputs::list[use.field];
    Feature feature{use.field, value, 1, place, use.column + 1};
    if (value.empty()) {
      ++empty_;
      if (options_.empty == Faults::refuse)
        this->fault(Faults::refuse, report, use.column + 1, "a value of field " + std::string{field.name},
                    quote_cell({}));
      return true;
    }
    if (field.table.empty()) {
      const std::optional<float> number = as_signed_float(value);
      if (!number) return no(use.column, "a finite number", quote_cell(value));
      feature.value = use.how->transform == nullptr ? *number : use.how->transform(*number);
      if (!std::isfinite(feature.value))
        return no(use.column, "a number that the transform leaves finite", quote_cell(value));
    } else if (field.weighted()) {
      const std::size_t weight_at = value.rfind(use.how->before_weight);
      if (weight_at != std::string_view::npos) {
        const std::optional<float> weight = as_signed_float(value.substr(weight_at + 1));
        if (!weight) return no(use.column, "a finite weight behind the id", quote_cell(value));
        feature.text = value.substr(0, weight_at);
        feature.value = *weight;
      }
    }
    features_.push_back(feature);
    return true;
  }

  std::string spell_columns() const { return std::to_string(columns_) + " columns"; }
  static constexpr const char* sound_quotes = "a quote at the cell's end, and two of them for one within";

  const DelimitedOptions options_;
  const FieldColumns as_it_is_{};
  CellCutter cutter_;
  std::vector<Use> uses_;
  std::size_t columns_ = 0, label_column_ = none, weight_column_ = none;
  bool had_header_ = false;
  // Of the line.
  std::vector<std::string_view> cells_;
  std::size_t empty_ = 0;
};

}  // namespace detail

/// A file of separated values part by part: read_delimited() says how. See RecordReader.
template <class Inputs>
using DelimitedReader = RecordReader<detail::DelimitedParser<Inputs>>;

/// The records in a file of separated values, plain or packed by gzip: a line a record, each with as many cells as
/// there are columns. A field is fed by the column of its name, or those that the options say. An empty cell has no
/// row, or is 0; a list (Bag, Sequence) goes on with the next id that is there, numbers keep their places.
///
/// Ids are the bytes of the cell as they are, blanks, too; numbers, weights and labels may have blanks around them. A
/// cell may stand between quotes, with separators in it and two quotes for one; the end of a line ends it all the same.
/// Empty lines are left out.
///
/// \tparam Inputs  Fields<...>
/// \param ids      learns those that are new, until it is frozen
/// \throws FileError   for a file that read_file() refuses, that lacks a column or holds no record, and for faults that
///                     the options refuse; the place reads "line N, column M", counted from 1
/// \throws ValueError  for options that no file can meet
template <class Inputs>
Records<Inputs> read_delimited(const std::string& path, FieldIds<Inputs>& ids, const DelimitedOptions& options = {}) {
  return DelimitedReader<Inputs>{path, ids, options}.read_all();
}

}  // namespace rocket
