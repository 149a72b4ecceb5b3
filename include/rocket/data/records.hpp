/// \file
/// Labelled records, and how they are made of what stands in a file, whatever its format.
#pragma once
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rocket/core/error.hpp"
#include "rocket/core/fields.hpp"
#include "rocket/core/samples.hpp"
#include "rocket/data/id_rows.hpp"

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
    Records taken{{}, {}, classes, name, {}, {}};
    taken.words.reserve(indices.size() * Inputs::words);
    taken.labels.reserve(indices.size());
    for (const std::size_t i : indices) {
      if (i >= size()) throw ValueError("indices", "values in [0, " + std::to_string(size()) + ")", std::to_string(i));
      taken.words.insert(taken.words.end(), row(i).begin(), row(i).end());
      taken.labels.push_back(labels[i]);
      if (!weights.empty()) taken.weights.push_back(weights[i]);
    }
    return taken;
  }
};

namespace detail {

/// Fills one record after the other, id by id.
template <class Inputs>
class RecordBuilder {
 public:
  /// What came of an id or a number.
  enum class Fate { taken, unknown, beyond };

  explicit RecordBuilder(FieldIds<Inputs>& ids) : ids_{ids} {}

  /// An empty record.
  void begin() {
    words_.fill(Word{});
    filled_.fill(0);
    for (const Field& field : Inputs::list)
      for (int k = field.table.empty() ? 0 : field.most; k < field.words(); ++k) word(field, k) = Word::number(0);
  }
  /// A number of a field of numbers.
  Fate set_number(std::size_t f, std::uint64_t place, float number) {
    const Field& field = Inputs::list[f];
    if (place >= static_cast<std::uint64_t>(field.most)) return Fate::beyond;
    word(field, static_cast<int>(place)) = Word::number(number);
    return Fate::taken;
  }
  /// The next id of a field of ids.
  /// \param weight  of its row, where the field's rows are weighed
  Fate add_id(std::size_t f, std::string_view id, float weight) {
    const Field& field = Inputs::list[f];
    int& k = filled_[f];
    if (k == field.most) return Fate::beyond;
    const Word row = ids_.of(table_of_[f])(id);
    if (field.weighted()) word(field, field.most + k) = Word::number(weight);
    word(field, k++) = row;
    return row.is_row() ? Fate::taken : Fate::unknown;
  }
  /// Adds the record to those that are done, which all have a weight or none.
  void end(Records<Inputs>& records, int label, std::optional<float> weight = {}) {
    records.words.insert(records.words.end(), words_.begin(), words_.end());
    records.labels.push_back(label);
    if (weight) records.weights.push_back(*weight);
  }

 private:
  Word& word(const Field& field, int k) { return words_[static_cast<std::size_t>(field.begin_word + k)]; }

  static constexpr std::array<std::size_t, Inputs::size> table_of_ = [] {
    std::array<std::size_t, Inputs::size> found{};
    for (std::size_t f = 0; f < Inputs::size; ++f) found[f] = Inputs::list[f].table.empty() ? 0 : Inputs::table_of(f);
    return found;
  }();
  FieldIds<Inputs>& ids_;
  std::array<Word, static_cast<std::size_t>(Inputs::words)> words_{};
  std::array<int, Inputs::size> filled_{};
};

}  // namespace detail
}  // namespace rocket
