#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rocket/core/error.hpp"
#include "rocket/core/random.hpp"
#include "rocket/core/text.hpp"
#include "rocket/core/word.hpp"
#include "rocket/data/cells.hpp"
#include "rocket/data/vocabulary.hpp"

namespace rocket {

/// Which row of a table an id is: by a vocabulary that learns ids as it meets them until it is frozen; by a hash, which
/// has nothing to learn and nothing to store, however many ids there are, but lets ids share a row; or as the id says
/// itself. An id is any text, of any bytes.
///
/// What is frozen, hashed or numbered isn't changed by looking ids up, so threads may share it.
class IdRows {
 public:
  /// How ids find their rows.
  enum class Kind { vocabulary, hash, numbers };

  /// A vocabulary: the first id is row 0, the next new one row 1.
  IdRows() = default;
  /// A frozen vocabulary: id k of the list is row k. Nobody counted them, so drop_rare() forgets none.
  /// \throws ValueError  for an id that is there twice, or more than a word can say
  static IdRows of(std::span<const std::string_view> ids) {
    IdRows rows;
    rows.known_.reserve(ids.size());
    for (std::size_t k = 0; k < ids.size(); ++k) {
      rows(ids[k]);
      if (rows.known_.size() == k)
        throw ValueError("ids[" + std::to_string(k) + ']', "each id once", detail::quote_cell(ids[k]) + " again");
    }
    rows.met_.assign(ids.size(), most_counted);
    rows.freeze();
    return rows;
  }
  /// A hash of the id, evenly over so many rows, the same on every machine.
  /// \throws ValueError  where there is no row, or more than a word can say
  static IdRows hashed(std::size_t rows) { return of_kind(Kind::hash, rows); }
  /// Ids are the numbers of rows, in decimal digits: those of [0, rows), and no other one is known.
  /// \throws ValueError  where there is no row, or more than a word can say
  static IdRows numbered(std::size_t rows) { return of_kind(Kind::numbers, rows); }

  /// The row of an id, which a vocabulary that isn't frozen learns and counts; that of what isn't known, if a frozen
  /// vocabulary doesn't have it.
  Word operator()(std::string_view id) {
    if (kind_ != Kind::vocabulary || frozen_) return find(id);
    if (const std::uint32_t row = known_.find(id); row != detail::Vocabulary::none) {
      met_[row] += met_[row] < most_counted;
      return Word::row(row);
    }
    if (known_.size() >= Word::most_rows - 1)  // and one row for all others
      throw ValueError("ids", "at most " + std::to_string(Word::most_rows - 1), "one more");
    met_.resize(known_.size() + 1, 1);  // where add() throws, the count waits for the next id
    return Word::row(known_.add(id));
  }
  /// The same, but nothing is learned. Any number of threads may call it while none changes this.
  Word find(std::string_view id) const {
    switch (kind_) {
      case Kind::hash:
        return Word::row(static_cast<std::uint32_t>(Random::mix(name_hash(id)) % count_));
      case Kind::numbers:
        if (const auto row = detail::as_integer<std::uint32_t>(id); row && *row < count_) return Word::row(*row);
        break;
      case Kind::vocabulary:
        if (const std::uint32_t row = known_.find(id); row != detail::Vocabulary::none) return Word::row(row);
    }
    return shares_row_ ? Word::row(static_cast<std::uint32_t>(known_rows())) : Word{};
  }

  /// From now on no id is new: those that aren't known have no row. Only of a vocabulary, as what follows.
  void freeze() { frozen_ = true; }
  /// Forgets the ids that were met less often than that, numbers the others anew in the order in which they came, and
  /// freezes. Rows that were given out before mean nothing any more: read once to count, and again for the records. Ids
  /// that were given (of(), load_ids()) count as met often enough, whatever the number, as hashes and numbers do.
  void drop_rare(std::uint32_t times) {
    detail::Vocabulary kept;
    std::vector<std::uint32_t> met;
    for (std::size_t row = 0; row < known_.size(); ++row)
      if (met_[row] >= times) {
        kept.add(known_[row]);
        met.push_back(met_[row]);
      }
    known_ = std::move(kept);
    met_ = std::move(met);
    freeze();
  }
  /// Gives all ids that aren't known one row together, the last one, and freezes. Of numbers, too. To be called behind
  /// drop_rare and before the records to train on are read: then the rare ones train it. A row that no sample has met
  /// stays as it was drawn, which is worse than none.
  void share_unknown() {
    shares_row_ = kind_ != Kind::hash;
    freeze();
  }

  /// Rows that a table for these ids must have; at least 1, since a table has a row.
  std::size_t rows() const {
    const std::size_t rows = known_rows() + (shares_row_ ? 1 : 0);
    return rows == 0 ? 1 : rows;
  }
  /// How ids find their rows.
  Kind kind() const { return kind_; }
  /// The row that all unknown ids have, if they have one.
  std::optional<std::size_t> shared_row() const { return shares_row_ ? std::optional{known_rows()} : std::nullopt; }
  /// Of a vocabulary, the ids in the order of their rows; views that hold until the next one is learned.
  std::vector<std::string_view> ids() const {
    std::vector<std::string_view> all(known_.size());
    for (std::size_t row = 0; row < all.size(); ++row) all[row] = known_[row];
    return all;
  }

 private:
  static IdRows of_kind(Kind kind, std::size_t rows) {
    detail::check_rows("rows", rows);
    IdRows ids;
    ids.kind_ = kind;
    ids.count_ = rows;
    return ids;
  }
  std::size_t known_rows() const { return kind_ == Kind::vocabulary ? known_.size() : count_; }

  detail::Vocabulary known_;
  static constexpr std::uint32_t most_counted = std::numeric_limits<std::uint32_t>::max();
  std::vector<std::uint32_t> met_;  ///< how often each of them was; may have a 1 more, for the next one
  Kind kind_ = Kind::vocabulary;
  std::size_t count_ = 0;  ///< of rows, where ids aren't known one by one
  bool frozen_ = false;
  bool shares_row_ = false;
};

/// Those of all tables that fields look up.
///
///     FieldIds<Inputs> ids;
///     ids["item"] = IdRows::hashed(1'000'000);
///     const auto train = read_libfm(..., ids);  ids.freeze();
///     Net net{Seed{7}, ids.rows()};
///
/// <rocket/data/ids_file.hpp> saves them for those who serve the net.
template <class RecordFields>
class FieldIds {
 public:
  using Inputs = RecordFields;  ///< whose tables these are

  /// Those of a table, by its name. \throws ValueError  where there is none of that name
  IdRows& operator[](std::string_view table) { return tables_[place(table)]; }
  const IdRows& operator[](std::string_view table) const { return tables_[place(table)]; }
  /// Those of table t.
  IdRows& of(std::size_t t) { return tables_[t]; }
  const IdRows& of(std::size_t t) const { return tables_[t]; }
  /// Of all tables: see IdRows.
  void freeze() {
    for (IdRows& ids : tables_) ids.freeze();
  }
  void drop_rare(std::uint32_t times) {
    for (IdRows& ids : tables_) ids.drop_rare(times);
  }
  void share_unknown() {
    for (IdRows& ids : tables_) ids.share_unknown();
  }
  /// How many rows each table must have: what a net is made with.
  std::array<std::size_t, Inputs::table_count> rows() const {
    std::array<std::size_t, Inputs::table_count> all{};
    for (std::size_t t = 0; t < all.size(); ++t) all[t] = tables_[t].rows();
    return all;
  }

 private:
  static std::size_t place(std::string_view table) {
    for (std::size_t t = 0; t < Inputs::table_count; ++t)
      if (Inputs::tables[t].name == table) return t;
    throw ValueError("table", "one that fields look up", '"' + std::string{table} + '"');
  }

  std::array<IdRows, Inputs::table_count> tables_{};
};

}  // namespace rocket
