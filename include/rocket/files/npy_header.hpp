/// \file
/// What stands before the numbers of an array in numpy's .npy:
///
///     6 bytes    "\x93NUMPY"
///     2 bytes    version: 1, 2 or 3, and 0
///     2 bytes    how long the header is, little endian; 4 bytes from version 2 on
///     header     in Python's words: {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }, and spaces
///
/// numpy has every type that a Tensor may have but BF16, F8_E5M2 and F8_E4M3.
#pragma once
#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "rocket/core/error.hpp"
#include "rocket/files/tensor_file.hpp"

namespace rocket::detail {

inline constexpr std::string_view npy_magic{"\x93NUMPY", 6};
/// The longest header that is believed, as in numpy.
inline constexpr std::uint64_t longest_npy_header = 10'000;
/// The most extents of an array, as in numpy.
inline constexpr std::size_t most_extents = 64;

/// A type of numbers.
struct NpyType {
  std::string_view code;  ///< in numpy, behind the order of its bytes
  std::string_view type;  ///< in a Tensor
};
inline constexpr std::array npy_types{NpyType{"b1", "BOOL"}, NpyType{"u1", "U8"},  NpyType{"i1", "I8"},
                                      NpyType{"u2", "U16"},  NpyType{"i2", "I16"}, NpyType{"f2", "F16"},
                                      NpyType{"u4", "U32"},  NpyType{"i4", "I32"}, NpyType{"f4", "F32"},
                                      NpyType{"u8", "U64"},  NpyType{"i8", "I64"}, NpyType{"f8", "F64"}};

/// "F32" -> "<f4"; nothing for a type that numpy doesn't know.
inline std::string spell_npy_type(std::string_view type) {
  for (const NpyType& known : npy_types)
    if (known.type == type) return std::string{bytes_of_type(type) == 1 ? "|" : "<"}.append(known.code);
  return "";
}
/// "<f4" -> "F32"; nothing for a type that no Tensor has, or for numbers that are big endian.
inline std::string_view read_npy_type(std::string_view spelled) {
  for (const NpyType& known : npy_types) {
    const std::string_view orders = bytes_of_type(known.type) == 1 ? "|<>=" : "<";
    if (spelled.size() == 3 && spelled.substr(1) == known.code && orders.find(spelled[0]) != orders.npos)
      return known.type;
  }
  return "";
}

/// What the header of an array says.
struct NpyHeader {
  std::optional<std::string> type;  ///< as Tensor spells it
  std::optional<bool> by_columns;   ///< whether the first extent runs fastest
  std::optional<std::vector<std::uint64_t>> shape;
};

/// Reads the header of an array, as much of Python as stands there, and tells what is wrong with it.
class NpyHeaderReader {
 public:
  /// \param place  of the array in the file
  NpyHeaderReader(const std::string& path, const std::string& place, std::string_view text)
      : path_{path}, place_{place}, rest_{text} {}

  /// With all that a header says.
  NpyHeader read() {
    NpyHeader header;
    expect('{');
    while (!takes('}')) {
      const std::string_view before = rest_, key = read_text("header", "a key in quotes");
      expect(':');
      if (key == "descr" && !header.type) {
        header.type = read_type();
      } else if (key == "fortran_order" && !header.by_columns) {
        header.by_columns = read_truth();
      } else if (key == "shape" && !header.shape) {
        header.shape = read_shape();
      } else {
        fail("header", "each of 'descr', 'fortran_order' and 'shape' once", before);
      }
      if (takes(',')) continue;
      expect('}');
      break;
    }
    skip_spaces();
    if (!rest_.empty()) fail("header", "the end");
    if (!header.type || !header.by_columns || !header.shape)
      fail("header", "each of 'descr', 'fortran_order' and 'shape' once");
    return header;
  }

 private:
  /// \param at  what was found begins here
  [[noreturn]] void fail(const std::string& part, const std::string& expected, std::string_view at) const {
    std::string found{at.substr(0, 24)};
    std::replace_if(
        found.begin(), found.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
    throw FileError(path_, place_ + ", " + part, expected, found.empty() ? "the end of the header" : found);
  }
  [[noreturn]] void fail(const std::string& part, const std::string& expected) const { fail(part, expected, rest_); }

  void skip_spaces() { rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\n"), rest_.size())); }
  bool takes(std::string_view word) {
    skip_spaces();
    const bool there = rest_.starts_with(word);
    if (there) rest_.remove_prefix(word.size());
    return there;
  }
  bool takes(char c) { return takes(std::string_view{&c, 1}); }
  void expect(char c) {
    if (!takes(c)) fail("header", std::string{'\'', c, '\''});
  }

  /// Between quotes, without them.
  std::string_view read_text(const std::string& part, const std::string& expected) {
    skip_spaces();
    const std::size_t end = rest_.empty() ? rest_.npos : rest_.find(rest_[0], 1);
    if (end == rest_.npos || (rest_[0] != '\'' && rest_[0] != '"')) fail(part, expected);
    const std::string_view text = rest_.substr(1, end - 1);
    rest_.remove_prefix(end + 1);
    return text;
  }
  std::string read_type() {
    const std::string expected = "a type of little-endian numbers, such as '<f4'";
    skip_spaces();
    const std::string_view before = rest_, type = read_npy_type(read_text("descr", expected));
    if (type.empty()) fail("descr", expected, before.substr(0, before.size() - rest_.size()));
    return std::string{type};
  }
  bool read_truth() {
    if (takes("True")) return true;
    if (!takes("False")) fail("fortran_order", "True or False");
    return false;
  }
  /// "()", "(2,)", "(2, 3)"
  std::vector<std::uint64_t> read_shape() {
    std::vector<std::uint64_t> shape;
    if (!takes('(')) fail("shape", "a tuple of sizes");
    for (bool comma = true; !takes(')');) {
      skip_spaces();
      std::uint64_t extent = 0;
      const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), extent);
      if (!comma || error != std::errc{}) fail("shape", "a tuple of sizes");
      if (shape.size() == most_extents) fail("shape", "at most " + std::to_string(most_extents) + " sizes");
      shape.push_back(extent);
      rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
      comma = takes(',');
      if (!comma && shape.size() == 1) fail("shape", "a comma behind a single size");
    }
    return shape;
  }

  std::string path_, place_;
  std::string_view rest_;
};

/// The numbers of an array by columns, the first extent running fastest, in place: by rows.
/// \param size  bytes of a number
inline void columns_to_rows(std::span<std::byte> numbers, std::span<const std::uint64_t> shape, std::size_t size) {
  const std::vector<std::byte> columns{numbers.begin(), numbers.end()};
  std::vector<std::uint64_t> index(shape.size());
  std::size_t from = 0;  // where the number at the index stands
  for (std::size_t to = 0; to < numbers.size(); to += size) {
    std::copy_n(columns.data() + from, size, numbers.data() + to);
    std::size_t stride = numbers.size();
    for (std::size_t d = shape.size(); d-- > 0;) {
      stride /= static_cast<std::size_t>(shape[d]);
      from += stride;
      if (++index[d] < shape[d]) break;
      from -= stride * static_cast<std::size_t>(std::exchange(index[d], 0));
    }
  }
}

/// "()", "(2,)", "(2, 3)"
inline std::string spell_tuple(std::span<const std::uint64_t> numbers) {
  std::string text = "(";
  for (const std::uint64_t number : numbers) text += (text.size() > 1 ? ", " : "") + std::to_string(number);
  return text + (numbers.size() == 1 ? ",)" : ")");
}

/// All that stands before the numbers of an array.
inline std::string spell_npy_header(const Tensor& tensor) {
  constexpr std::size_t begin = npy_magic.size() + 4;
  std::string text = "{'descr': '" + spell_npy_type(tensor.type) +
                     "', 'fortran_order': False, 'shape': " + spell_tuple(tensor.shape) + ", }";
  text.resize((begin + text.size() + 1 + 63) / 64 * 64 - begin, ' ');  // so that numbers begin where a vector may
  text.back() = '\n';
  const std::array start{'\1', '\0', static_cast<char>(text.size() & 255), static_cast<char>(text.size() >> 8)};
  return std::string{npy_magic}.append(start.data(), start.size()).append(text);
}

}  // namespace rocket::detail
