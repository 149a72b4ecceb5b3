/// \file
/// Labelled records.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rocket/core/error.hpp"
#include "rocket/core/fields.hpp"
#include "rocket/core/samples.hpp"
#include "rocket/data/id_rows.hpp"
#include "rocket/data/rows_at.hpp"

namespace rocket {

/// What to do about a fault in a file.
enum class Faults {
  refuse,  ///< throw FileError, which says where
  count    ///< go on without what is faulty, and count it
};

/// What became of the lines of a file.
struct RecordReport {
  std::size_t lines = 0;      ///< that aren't empty
  std::size_t malformed = 0;  ///< lines that are no record, and were left out
  std::size_t empty = 0;      ///< cells of fields that hold nothing: no row, or 0; where a format has cells
  std::size_t unknown = 0;    ///< ids that a frozen vocabulary doesn't have: cells without a row
  std::size_t beyond = 0;     ///< ids and numbers that a field had no room for, and were left out
  std::string first_fault{};  ///< of what was counted, but for empty cells, the first one with its place; empty: none

  /// Adds what became of later lines.
  RecordReport& operator+=(const RecordReport& later) {
    lines += later.lines, malformed += later.malformed, empty += later.empty;
    unknown += later.unknown, beyond += later.beyond;
    if (first_fault.empty()) first_fault = later.first_fault;
    return *this;
  }
};

/// Labelled records of two classes or more, owned. Converts to Samples<Word>, which is what a trainer of a net of
/// Fields takes; the view looks at this, so this must outlive it.
///
/// \tparam RecordFields  Fields<...>
template <class RecordFields>
struct Records {
  using Inputs = RecordFields;  ///< what the records are of

  std::vector<Word> words;       ///< size() x Inputs::words, one row a record
  std::vector<int> labels;       ///< each in [0, classes)
  int classes = 2;               ///< how many classes there are
  std::string name{};            ///< what to call them in a report
  RecordReport report{};         ///< how reading went
  std::vector<float> weights{};  ///< how much each counts in training, at least 0; empty: all 1

  /// How many records there are.
  std::size_t size() const { return labels.size(); }
  /// The words of record i, for i in [0, size()).
  std::span<const Word> row(std::size_t i) const {
    return std::span{words}.subspan(i * Inputs::words, static_cast<std::size_t>(Inputs::words));
  }
  operator Samples<Word>() const { return {words, labels, Inputs::words, classes, weights}; }
  /// The same view, of parts that are known to fit together.
  /// \throws ValueError  naming the first one that doesn't fit the others
  Samples<Word> checked() const { return make_samples<Word>(words, labels, Inputs::words, classes, weights); }

  /// The row that a field of one id has in each record, by the field's name: who the user is, for Gauc. An empty cell
  /// is Word::most_rows.
  std::vector<std::uint32_t> column(std::string_view field) const {
    for (const Field& one : Inputs::list)
      if (one.name == field && !one.table.empty() && one.most == 1) {
        std::vector<std::uint32_t> rows;
        for (std::size_t i = 0; i < size(); ++i)
          rows.push_back(row(i)[static_cast<std::size_t>(one.begin_word)].as_row());
        return rows;
      }
    throw ValueError("field", "a field of one id", '"' + std::string{field} + '"');
  }

  /// The records at these indices, in this order, with their weights. split() (data/split.hpp) takes by chance.
  /// \throws ValueError  for an index that is not in [0, size()), or where the parts don't fit together
  Records take(std::span<const std::size_t> indices) const {
    checked();
    detail::check_indices(indices, size());
    Records taken{detail::rows_at(words, Inputs::words, indices), detail::rows_at(labels, 1, indices), classes, name};
    if (!weights.empty()) taken.weights = detail::rows_at(weights, 1, indices);
    return taken;
  }
};

}  // namespace rocket
