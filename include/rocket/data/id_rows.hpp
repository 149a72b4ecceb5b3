#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "rocket/core/error.hpp"
#include "rocket/core/random.hpp"
#include "rocket/core/text.hpp"
#include "rocket/core/word.hpp"

namespace rocket {

/// Which row of a table an id is: by a vocabulary that learns ids as it meets them until it is frozen, or by a hash,
/// which has nothing to learn and nothing to store, however many ids there are, but lets ids share a row.
class IdRows {
 public:
  /// A vocabulary: the first id is row 0, the next new one row 1.
  IdRows() = default;
  /// A hash of the id, evenly over so many rows, the same on every machine.
  /// \throws ValueError  where there is no row, or more than a word can say
  static IdRows hashed(std::size_t rows) {
    if (rows < 1 || rows > Word::most_rows)
      throw ValueError("rows", "1 to " + std::to_string(Word::most_rows), std::to_string(rows));
    IdRows ids;
    ids.hashed_to_ = rows;
    return ids;
  }

  /// The row of an id; none where a frozen vocabulary doesn't have it.
  Word operator()(std::string_view id) {
    if (hashed_to_ > 0) return Word::row(static_cast<std::uint32_t>(Random::mix(name_hash(id)) % hashed_to_));
    if (const auto found = rows_.find(id); found != rows_.end()) return Word::row(found->second);
    if (frozen_) return {};
    if (rows_.size() >= Word::most_rows)
      throw ValueError("ids", "at most " + std::to_string(Word::most_rows), "one more");
    const auto row = static_cast<std::uint32_t>(rows_.size());
    rows_.emplace(id, row);
    return Word::row(row);
  }
  /// From now on no id is new: those that aren't known have no row. Of a hash nothing changes.
  void freeze() { frozen_ = true; }

  /// Rows that a table for these ids must have; at least 1, since a table has a row.
  std::size_t rows() const { return hashed_to_ > 0 ? hashed_to_ : rows_.empty() ? 1 : rows_.size(); }

 private:
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  std::unordered_map<std::string, std::uint32_t, Hash, std::equal_to<>> rows_;
  std::size_t hashed_to_ = 0;  ///< 0: a vocabulary
  bool frozen_ = false;
};

/// Those of all tables that fields look up.
///
///     FieldIds<Inputs> ids;
///     ids["item"] = IdRows::hashed(1'000'000);
///     const auto train = read_libfm(..., ids);  ids.freeze();
///     Net net{Seed{7}, ids.rows()};
template <class Inputs>
class FieldIds {
 public:
  /// Those of a table, by its name. \throws ValueError  where there is none of that name
  IdRows& operator[](std::string_view table) {
    for (std::size_t t = 0; t < tables_.size(); ++t)
      if (Inputs::tables[t].name == table) return tables_[t];
    throw ValueError("table", "one that fields look up", '"' + std::string{table} + '"');
  }
  /// Those of table t.
  IdRows& of(std::size_t t) { return tables_[t]; }
  void freeze() {
    for (IdRows& ids : tables_) ids.freeze();
  }
  /// How many rows each table must have: what a net is made with.
  std::array<std::size_t, Inputs::table_count> rows() const {
    std::array<std::size_t, Inputs::table_count> all{};
    for (std::size_t t = 0; t < all.size(); ++t) all[t] = tables_[t].rows();
    return all;
  }

 private:
  std::array<IdRows, Inputs::table_count> tables_{};
};

}  // namespace rocket
