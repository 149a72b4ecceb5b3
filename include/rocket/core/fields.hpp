/// \file
/// What a net reads where its inputs are ids: a sample is a *record* of fields, each of which is looked up in a table
/// of rows (an embedding) or taken as it is. The fields are a type, in the place of Input<...>; how many rows a table
/// has is said when the net is made.
///
///     using Inputs = Fields<Id<"user", 16>, Id<"item", 16>, Bag<"genres", 8, 20>,
///                           Sequence<"seen", 16, 50, "item">, Numbers<"price", 1>>;
///     using Net = Launch<Inputs, Trunk, Light, Booster>;
///     Net net{Seed{7}, {users, items, genres}};
///
/// The trunk reads what the fields become, one behind the other: 16 + 16 + 8 + 50 * 16 + 1 numbers. A record is as many
/// words as the fields can hold: 1 + 1 + 20 + 50 + 1.
#pragma once
#include <array>
#include <cstddef>
#include <string_view>

#include "rocket/core/check.hpp"
#include "rocket/core/shape.hpp"
#include "rocket/core/text.hpp"
#include "rocket/core/word.hpp"

namespace rocket {

/// What the rows of a Bag become.
enum class Pool {
  sum,          ///< their sum
  mean,         ///< their mean, of those that are there
  weighted_sum  ///< the sum of each times a weight, a number that the record holds for it
};

/// A field, whatever its kind: what the machinery loops over.
struct Field {
  std::string_view name;   ///< of the field
  std::string_view table;  ///< where its rows are looked up; empty: nowhere, its words are numbers
  int dimension = 0;       ///< numbers in a row of the table; 1 without one
  int most = 0;            ///< rows at most, or numbers
  bool pools = false;      ///< its rows become one
  Pool pool = Pool::sum;   ///< how
  int begin_word = 0;      ///< where its words begin in a record
  int begin_column = 0;    ///< where its numbers begin in what the trunk reads

  /// Whether a weight stands behind the rows of the record for each of them.
  constexpr bool weighted() const { return pools && pool == Pool::weighted_sum; }
  /// Words in a record.
  constexpr int words() const { return weighted() ? 2 * most : most; }
  /// Numbers of what the trunk reads.
  constexpr int columns() const { return pools ? dimension : most * dimension; }

  /// Calls body(k, row, factor) for each row k of [0, most) that is there: where rows become one, the sum of factor x
  /// row.
  /// \param words  of this field, in a record
  template <class T, class Body>
  void each_row(const Word* words, const Body& body) const {
    T factor = 1;
    if (pools && pool == Pool::mean) {
      int there = 0;
      for (int k = 0; k < most; ++k) there += words[k].is_row();
      factor = T{1} / static_cast<T>(there);
    }
    for (int k = 0; k < most; ++k)
      if (words[k].is_row())
        body(k, words[k].as_row(), weighted() ? static_cast<T>(words[most + k].as_number()) : factor);
  }
};

/// Whether records of these fields look alike; dimensions may differ.
template <class A, class B>
constexpr bool same_records(const A& a, const B& b) {
  bool same = a.size() == b.size();
  for (std::size_t f = 0; same && f < a.size(); ++f)
    same = a[f].name == b[f].name && a[f].table == b[f].table && a[f].most == b[f].most && a[f].words() == b[f].words();
  return same;
}

/// One id: a row of the table, or zeros where the cell is empty.
///
/// \tparam Dimension  numbers in a row   \tparam Table  of that name; fields that say the same share it
template <FixedString Name, int Dimension, FixedString Table = Name>
struct Id {
  static constexpr Field field{Name.view(), Table.view(), Dimension, 1};
};

/// Up to `Most` ids in no order, whose rows become one; zeros where there is none.
template <FixedString Name, int Dimension, int Most, Pool How = Pool::mean, FixedString Table = Name>
struct Bag {
  static constexpr Field field{Name.view(), Table.view(), Dimension, Most, true, How};
};

/// Up to `Most` ids in their order, whose rows stand side by side, zeros behind the last one: what an AttentionPool
/// reads.
template <FixedString Name, int Dimension, int Most, FixedString Table = Name>
struct Sequence {
  static constexpr Field field{Name.view(), Table.view(), Dimension, Most};
};

/// `Count` numbers as they are; an empty cell is 0.
template <FixedString Name, int Count = 1>
struct Numbers {
  static constexpr Field field{Name.view(), {}, 1, Count};
};

namespace detail {

template <class FieldName, class GotSize, bool sound>
struct FieldHasASize {
  static_assert(holds<sound, FieldName, GotSize>, "rocket: Fields: dimensions and counts are at least 1");
  static constexpr bool ok = true;
};
template <class FieldName, bool sound>
struct FieldIsNamedOnce {
  static_assert(holds<sound, FieldName>, "rocket: Fields: two fields have one name");
  static constexpr bool ok = true;
};
template <class TableName, class ExpectedDimension, class GotDimension>
struct TableHasOneDimension {
  static_assert(holds<agree<ExpectedDimension, GotDimension>, TableName, ExpectedDimension, GotDimension>,
                "rocket: Fields: two fields look up one table, but say different dimensions of it");
  static constexpr bool ok = true;
};

}  // namespace detail

/// One array of rows that fields look up.
struct TableKind {
  std::string_view name;  ///< as the fields say
  int dimension = 0;      ///< numbers in a row
};

/// The fields of a record, in their order.
template <class... List>
struct Fields {
  static_assert(sizeof...(List) >= 1, "rocket: Fields: at least one field");
  static constexpr std::size_t size = sizeof...(List);  ///< how many

  /// All of them, with their places.
  static constexpr std::array<Field, size> list = [] {
    std::array<Field, size> placed{List::field...};
    int word = 0, column = 0;
    for (Field& field : placed) {
      field.begin_word = word, field.begin_column = column;
      word += field.words(), column += field.columns();
    }
    return placed;
  }();
  /// What the trunk reads.
  static constexpr Shape shape{list.back().begin_column + list.back().columns()};
  /// Words in a record.
  static constexpr int words = list.back().begin_word + list.back().words();

 private:
  /// The first field that looks up the same table as field f.
  static constexpr std::size_t place(std::size_t f) {
    std::size_t first = 0;
    while (list[first].table != list[f].table) ++first;
    return first;
  }
  static constexpr std::size_t first_fault(auto faulty) {
    std::size_t f = 0;
    while (f < size && !faulty(f)) ++f;
    return f;
  }
  template <std::size_t F>
  using NameOf = Spell<Text{list[F < size ? F : 0].name}>;
  static constexpr std::size_t empty =
      first_fault([](std::size_t f) { return list[f].dimension < 1 || list[f].most < 1; });
  static constexpr std::size_t twice = first_fault([](std::size_t f) {
    for (std::size_t k = 0; k < f; ++k)
      if (list[k].name == list[f].name) return true;
    return false;
  });
  static constexpr std::size_t other =
      first_fault([](std::size_t f) { return list[place(f)].dimension != list[f].dimension; });
  static constexpr int dimension_of(std::size_t f) { return f < size ? list[f].dimension : 0; }
  static constexpr int most_of_empty = empty == size ? 0 : list[empty].most;
  static constexpr int dimension_before = other == size ? 0 : dimension_of(place(other));
  static_assert(detail::FieldHasASize<NameOf<empty>, Got<dimension_of(empty), most_of_empty>, empty == size>::ok);
  static_assert(detail::FieldIsNamedOnce<NameOf<twice>, twice == size>::ok);
  static_assert(
      detail::TableHasOneDimension<NameOf<other>, Expected<dimension_before>, Got<dimension_of(other)>>::ok);

 public:
  /// How many tables the fields look up.
  static constexpr std::size_t table_count = [] {
    std::size_t count = 0;
    for (std::size_t f = 0; f < size; ++f) count += !list[f].table.empty() && place(f) == f;
    return count;
  }();
  /// The tables, in the order in which fields first name them.
  static constexpr std::array<TableKind, table_count> tables = [] {
    std::array<TableKind, table_count> found{};
    std::size_t next = 0;
    for (std::size_t f = 0; f < size; ++f)
      if (!list[f].table.empty() && place(f) == f) found[next++] = {list[f].table, list[f].dimension};
    return found;
  }();
  /// Which table field f looks up, of those that do.
  static constexpr std::size_t table_of(std::size_t f) {
    std::size_t t = 0;
    while (tables[t].name != list[f].table) ++t;
    return t;
  }
  /// The field of that name; a name that no field has doesn't compile.
  static consteval Field field(std::string_view name) {
    for (const Field& field : list)
      if (field.name == name) return field;
    throw "rocket: Fields: no field has this name";
  }
};

}  // namespace rocket
