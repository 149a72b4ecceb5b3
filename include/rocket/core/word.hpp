#pragma once
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>

#include "rocket/core/error.hpp"

namespace rocket {

/// One cell of a record (fields.hpp): which row of a table is meant, or a number. 32 bits, so that a record is a plain
/// array, as the features of other samples are.
class Word {
 public:
  /// No row: an empty cell, or the unused rest of a list.
  constexpr Word() = default;
  /// That row of a table, from 0; at most most_rows - 1.
  static constexpr Word row(std::uint32_t index) { return Word{index}; }
  /// A number.
  static constexpr Word number(float value) { return Word{std::bit_cast<std::uint32_t>(value)}; }

  /// Rows a table can have.
  static constexpr std::uint32_t most_rows = 0xffffffff;

  /// Whether it is a row, given that it is no number.
  constexpr bool is_row() const { return bits_ != most_rows; }
  /// The row, if it is one.
  constexpr std::uint32_t as_row() const { return bits_; }
  /// The number, if it is one.
  constexpr float as_number() const { return std::bit_cast<float>(bits_); }

  constexpr bool operator==(const Word&) const = default;

 private:
  constexpr explicit Word(std::uint32_t bits) : bits_{bits} {}
  std::uint32_t bits_ = most_rows;
};

namespace detail {
/// Throws ValueError unless a table can have so many rows.
inline void check_rows(const std::string& argument, std::size_t rows) {
  if (rows < 1 || rows > Word::most_rows)
    throw ValueError(argument, "1 to " + std::to_string(Word::most_rows), std::to_string(rows));
}
}  // namespace detail

}  // namespace rocket
