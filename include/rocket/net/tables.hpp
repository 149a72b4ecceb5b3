/// \file
/// What stands between a sample and the trunk of a net: nothing, where a sample is numbers, or the tables of rows that
/// its ids are looked up in (core/fields.hpp).
#pragma once
#include <array>
#include <atomic>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "rocket/core/buffer.hpp"
#include "rocket/core/error.hpp"
#include "rocket/core/fields.hpp"
#include "rocket/core/finite.hpp"
#include "rocket/core/parallel.hpp"
#include "rocket/core/random.hpp"
#include "rocket/kernels/embedding.hpp"
#include "rocket/kernels/prefetch.hpp"

namespace rocket {

/// A table of a net as it is now.
template <class T>
struct TableView {
  std::string name;        ///< in files: "tables.user"
  std::size_t rows = 0;    ///< how many
  int dimension = 0;       ///< numbers in a row
  std::span<T> numbers{};  ///< rows x dimension
};

/// The tables of a net whose inputs are numbers: none.
template <class T, class Inputs>
class Tables {
 public:
  using Feature = T;                              ///< what a sample consists of
  static constexpr Shape record = Inputs::shape;  ///< of one sample as it is given
  using Rows = std::array<std::size_t, 0>;        ///< of each table
  static constexpr std::size_t count = 0;         ///< how many tables
  static constexpr bool looks_up = false;         ///< whether the trunk reads something else than the features
  static constexpr double nanoseconds = 0;        ///< to look a sample up, about; as much again to train what it means

  explicit Tables(const Rows& = {}) {}
  std::size_t size() const { return 0; }
  bool are_there() const { return true; }
  std::span<T> vector() { return {}; }
  std::span<const T> vector() const { return {}; }
  template <class Number>
  std::array<TableView<Number>, 0> list_of(std::span<Number>) const {
    return {};
  }
  static std::size_t first_not_finite(std::span<const T> features) { return detail::first_not_finite(features); }
};

/// Tables whose sizes are known when the net is made: one vector, as the parameters are, laid out table by table. A
/// row starts normally distributed with variance 1 / dimension, as a function of the seed, the table's name and the
/// number of the row.
template <class T, class... List>
class Tables<T, Fields<List...>> {
 public:
  using Inputs = Fields<List...>;
  using Feature = Word;
  using Rows = std::array<std::size_t, Inputs::table_count>;  ///< of each table, in the order of Fields::tables
  static constexpr Shape record{Inputs::words};
  static constexpr std::size_t count = Inputs::table_count;
  static constexpr bool looks_up = true;
  static constexpr double nanoseconds = 20.0 * Inputs::words + 0.25 * Inputs::shape.size();

  /// Throws ValueError where a table has no row, or more than a word can say.
  explicit Tables(const Rows& rows) : rows_{checked(rows)}, numbers_(room()) {
    std::size_t next = 0;
    for (std::size_t t = 0; t < count; ++t) next = (begin_[t] = next) + whole_lines(t);
  }

  /// Draws all rows anew, as they start.
  void initialise(Seed seed) {
    for (std::size_t t = 0; t < count; ++t) {
      const Random random{seed, name_hash(name(t))};
      const auto width = static_cast<std::size_t>(Inputs::tables[t].dimension);
      const double deviation = 1 / std::sqrt(static_cast<double>(width));
      T* numbers = numbers_.data() + begin_[t];
      const std::size_t size = rows_[t] * width;
      parallel_slices(size, available_threads(), 30.0 * static_cast<double>(size),
                      [&](std::size_t begin, std::size_t end) {
                        for (std::size_t i = begin; i < end; ++i)
                          numbers[i] = static_cast<T>(deviation * random.normal(i));
                      });
    }
  }

  /// False where they were moved away.
  bool are_there() const { return size() == room(); }
  /// Of each table.
  const Rows& rows() const { return rows_; }
  /// Numbers of all tables, and between them.
  std::size_t size() const { return numbers_.size(); }
  /// All numbers, table by table; each begins on a cache line, and what lies between is 0.
  std::span<T> vector() { return numbers_.span(); }
  std::span<const T> vector() const { return numbers_.span(); }
  /// Where table t begins in the vector.
  std::size_t begin(std::size_t t) const { return begin_[t]; }
  /// The tables, in a vector laid out like this one.
  template <class Number>
  std::array<TableView<Number>, count> list_of(std::span<Number> vector) const {
    std::array<TableView<Number>, count> tables;
    for (std::size_t t = 0; t < count; ++t) {
      const int width = Inputs::tables[t].dimension;
      tables[t] = {name(t), rows_[t], width, vector.subspan(begin_[t], rows_[t] * static_cast<std::size_t>(width))};
    }
    return tables;
  }

  /// Where the first number of some records stands that isn't finite; their size where all are. A weight counts where
  /// its row is there.
  static std::size_t first_not_finite(std::span<const Word> records) {
    for (std::size_t i = 0; i < records.size(); ++i)
      for (const Field& field : Inputs::list) {
        const int k = static_cast<int>(i % Inputs::words) - field.begin_word;
        const bool is_weight = field.weighted() && k >= field.most && k < field.words() &&
                               records[i - static_cast<std::size_t>(field.most)].is_row();
        const bool is_number = field.table.empty() && k >= 0 && k < field.most && records[i] != Word{};
        if ((is_weight || is_number) && !std::isfinite(records[i].as_number())) return i;
      }
    return records.size();
  }

  /// Writes what the trunk reads: batch x Inputs::shape numbers.
  /// \param records  batch x Inputs::words, one row a sample
  /// \param samples  who is in the batch, for the message; empty: nobody knows
  /// \throws ValueError  where a row isn't in its table, of the first such record
  void look_up(const Word* records, int batch, Workers workers, T* into, std::span<const int> samples = {}) const {
    std::atomic<int> first_bad{batch};
    parallel_chunks(batch, workers, nanoseconds * batch, [&](int, int begin, int end) {
      for (int i = begin; i < end; ++i) {
        const Word* words = records + static_cast<long>(i) * Inputs::words;
        if (i + ahead < end) prefetch(words + ahead * Inputs::words);
        if (look_up_record(words, into + static_cast<long>(i) * Inputs::shape.size())) continue;
        for (int first = first_bad; i < first && !first_bad.compare_exchange_weak(first, i);) continue;
        break;
      }
    });
    if (const int bad = first_bad; bad < batch) refuse(records + static_cast<long>(bad) * Inputs::words, bad, samples);
  }

  /// In files: "tables.user".
  static std::string name(std::size_t t) { return "tables." + std::string{Inputs::tables[t].name}; }
  /// How many records before its turn one's rows are asked for.
  static constexpr int ahead = 4;

  /// What field F of a record becomes: Field::columns() numbers. False where a row isn't in its table.
  /// \param words  of this field alone
  template <std::size_t F>
  bool look_up_field(const Word* words, T* into) const {
    constexpr Field field = Inputs::list[F];
    constexpr auto width = static_cast<std::size_t>(field.dimension);
    bool sound = true;
    if constexpr (field.table.empty()) {
      for (int k = 0; k < field.most; ++k) into[k] = words[k] == Word{} ? T{0} : static_cast<T>(words[k].as_number());
    } else if constexpr (field.pools) {
      kernels::clear_row<width>(into);
      field.template each_row<T>(words, [&](int, std::uint32_t index, T factor) {
        if (const T* const from = row<F>(index))
          kernels::add_row<width>(factor, from, into);
        else
          sound = false;
      });
    } else {
      for (int k = 0; k < field.most; ++k, into += width) {
        const T* const from = words[k].is_row() ? row<F>(words[k].as_row()) : nullptr;
        sound = sound && (from || !words[k].is_row());
        if (from)
          kernels::copy_row<width>(from, into);
        else
          kernels::clear_row<width>(into);
      }
    }
    return sound;
  }
  /// Asks for the rows of field F, so that look_up_field finds them in a cache.
  template <std::size_t F>
  void prefetch_field(const Word* words) const {
    constexpr Field field = Inputs::list[F];
    if constexpr (!field.table.empty()) {
      constexpr std::size_t t = Inputs::table_of(F);
      constexpr auto width = static_cast<std::size_t>(field.dimension);
      for (int k = 0; k < field.most; ++k)
        if (const Word word = words[k]; word.as_row() < rows_[t])
          kernels::prefetch(numbers_.data() + begin_[t] + std::size_t{word.as_row()} * width, field.dimension);
    }
  }
  /// \param words  of field f alone   \param who  has it: "record 3 of the batch"
  /// \throws ValueError  where a row isn't in its table
  void check_field(std::size_t f, const Word* words, const std::string& who) const {
    const Field& field = Inputs::list[f];
    for (int k = 0; k < field.most && !field.table.empty(); ++k) {
      const std::size_t rows = rows_[Inputs::table_of(f)];
      if (words[k].is_row() && words[k].as_row() >= rows)
        throw ValueError(who + ", field " + std::string{field.name}, "a row in [0, " + std::to_string(rows) + ')',
                         std::to_string(words[k].as_row()));
    }
  }
  /// Where a row was not in its table, and now is.
  [[noreturn]] static void refuse_changing(const std::string& who) {
    throw ValueError(who, "words that nobody writes to meanwhile", "others");
  }

 private:
  std::size_t whole_lines(std::size_t t) const {
    constexpr std::size_t line = cache_line / sizeof(T);
    return (rows_[t] * static_cast<std::size_t>(Inputs::tables[t].dimension) + line - 1) / line * line;
  }
  static const Rows& checked(const Rows& rows) {
    for (std::size_t t = 0; t < count; ++t) rocket::detail::check_rows("rows of " + name(t), rows[t]);
    return rows;
  }
  /// Numbers there have to be, of so many rows.
  std::size_t room() const {
    std::size_t size = 0;
    for (std::size_t t = 0; t < count; ++t) size += whole_lines(t);
    return size;
  }
  /// Null where the table has no such row.
  template <std::size_t F>
  const T* row(std::uint32_t index) const {
    constexpr std::size_t t = Inputs::table_of(F);
    if (index >= rows_[t]) return nullptr;
    return numbers_.data() + begin_[t] + index * static_cast<std::size_t>(Inputs::tables[t].dimension);
  }
  /// False where a row isn't in its table.
  bool look_up_record(const Word* words, T* into) const {
    bool sound = true;
    rocket::detail::for_each_index<Inputs::size>([&](auto f) {
      constexpr Field field = Inputs::list[f];
      sound = look_up_field<f>(words + field.begin_word, into + field.begin_column) && sound;
    });
    return sound;
  }
  [[noreturn]] void refuse(const Word* words, int place, std::span<const int> samples) const {
    const std::string who = samples.empty() ? "record " + std::to_string(place) + " of the batch"
                                            : "sample " + std::to_string(samples[static_cast<std::size_t>(place)]);
    for (std::size_t f = 0; f < Inputs::size; ++f) check_field(f, words + Inputs::list[f].begin_word, who);
    refuse_changing("records");
  }
  void prefetch(const Word* words) const {
    rocket::detail::for_each_index<Inputs::size>(
        [&](auto f) { prefetch_field<f>(words + Inputs::list[f].begin_word); });
  }

  Rows rows_;
  Rows begin_{};
  Buffer<T> numbers_;
};

}  // namespace rocket
