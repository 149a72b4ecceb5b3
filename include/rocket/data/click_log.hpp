#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>

#include "rocket/core/fields.hpp"
#include "rocket/core/random.hpp"
#include "rocket/core/text.hpp"
#include "rocket/core/word.hpp"

namespace rocket {

/// A made-up log of clicks of any length that is nowhere stored: the truth is a function of the seed, record i one of
/// the seed and i. So what a net is tested on has the same seed, and begins behind what it was trained on. A source
/// (core/samples.hpp), for nets whose tables are too big for the data that are at hand.
///
/// Ids follow a power law: row r of a table comes up about as often as 1 / (r + 1) says. Lists are 0 to as many rows as
/// their field has room for, all lengths as likely; numbers are uniform in [0, 1). Every row has an effect on the
/// log-odds of a click, and those of the first two fields of ids one on each other's, so that a net has something to
/// learn; `log_odds` is the truth. The label is drawn by it.
///
/// \tparam RecordFields  Fields<...>
template <class RecordFields>
class ClickLog {
 public:
  using Inputs = RecordFields;  ///< what the records are of
  using Rows = std::array<std::size_t, Inputs::table_count>;

  static constexpr int features_per_sample = Inputs::words;  ///< words in a record
  static constexpr int classes = 2;                          ///< not clicked, clicked

  /// \param records  how many
  /// \param rows     of each table, as the net has them
  /// \param first    of the seed's records, where this log begins
  /// \throws ValueError  where a table has no row, or more than a word can say
  ClickLog(std::size_t records, const Rows& rows, Seed seed, std::uint64_t first = 0)
      : records_{records}, rows_{rows}, seed_{seed}, first_{first} {
    for (const std::size_t count : rows) detail::check_rows("rows", count);
  }

  std::size_t size() const { return records_; }
  int label(std::size_t i) const {
    const double clicks = 1 / (1 + std::exp(-log_odds(i)));
    return Random{seed_, name_hash("label")}.uniform(first_ + i) < clicks ? 1 : 0;
  }
  void read(std::size_t i, std::span<Word> record) const {
    const Random random{seed_, name_hash("record")};
    std::uint64_t next = 0;
    const auto uniform = [&] { return random.uniform(first_ + i, next++); };
    for (std::size_t f = 0; f < Inputs::size; ++f) {
      const Field& field = Inputs::list[f];
      const auto words =
          record.subspan(static_cast<std::size_t>(field.begin_word), static_cast<std::size_t>(field.words()));
      const bool has_rows = !field.table.empty();
      const int there = !has_rows ? 0 : field.most == 1 ? 1 : static_cast<int>(uniform() * (field.most + 1));
      for (int k = 0; k < field.words(); ++k) {
        Word& word = words[static_cast<std::size_t>(k)];
        if (has_rows && k < field.most)
          word = k < there ? Word::row(row(uniform(), rows_[Inputs::table_of(f)])) : Word{};
        else
          word = Word::number(static_cast<float>(uniform()));
      }
    }
  }
  void draw(std::size_t i, Seed, int, std::span<Word> record) const { read(i, record); }
  double nanoseconds_per_sample() const { return 50.0 * Inputs::words; }

  /// Of a click on record i, before chance.
  double log_odds(std::size_t i) const {
    std::array<Word, static_cast<std::size_t>(Inputs::words)> record;
    read(i, record);
    double sum = 0;
    std::array<std::array<double, tastes>, 2> of_first{};
    std::size_t fields = 0;
    for (const Field& field : Inputs::list) {
      if (field.table.empty()) continue;
      const Random effects{seed_, name_hash(field.table)};
      double effect = 0;
      field.template each_row<double>(record.data() + field.begin_word, [&](int, std::uint32_t row, double factor) {
        const std::uint64_t first = std::uint64_t{row} * (tastes + 1);
        effect += factor * effects.normal(first);
        for (std::size_t t = 0; t < tastes && fields < 2; ++t)
          of_first[fields][t] += factor * effects.normal(first + 1 + t);
      });
      sum += effect;
      ++fields;
    }
    double match = 0;
    for (std::size_t t = 0; t < tastes; ++t) match += of_first[0][t] * of_first[1][t];
    return (sum / std::sqrt(static_cast<double>(std::max<std::size_t>(fields, 1)))) + match;
  }

 private:
  static constexpr std::size_t tastes = 2;

  /// Of so many rows, the one that a uniform number in [0, 1) means.
  static std::uint32_t row(double uniform, std::size_t rows) {
    const double place = std::pow(static_cast<double>(rows) + 1, uniform) - 1;  // from 0 to rows
    return static_cast<std::uint32_t>(std::min(place, static_cast<double>(rows - 1)));
  }

  std::size_t records_;
  Rows rows_;
  Seed seed_;
  std::uint64_t first_;
};

}  // namespace rocket
