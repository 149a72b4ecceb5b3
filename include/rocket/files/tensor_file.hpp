/// \file
/// Named arrays of a file, whatever its format: <rocket/files/safetensors.hpp> and <rocket/files/npz.hpp> read and
/// write them, <rocket/files/slots.hpp> copies them to where they belong.
#pragma once
#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rocket/core/error.hpp"

namespace rocket {

/// A named array of a file. The bytes belong to somebody else.
struct Tensor {
  std::string name;                  ///< any text; "__metadata__" is none for safetensors
  std::string type;                  ///< of a number, as safetensors spells it: "F32", "F64", "I64", ...
  std::vector<std::uint64_t> shape;  ///< no extent: one number
  std::span<const std::byte> bytes;  ///< row-major, little endian
};

/// What a file of arrays holds.
struct TensorFile {
  std::string path;                             ///< where it was read
  std::map<std::string, std::string> metadata;  ///< texts about all of it
  std::vector<Tensor> tensors;                  ///< in the order of their bytes
  std::vector<std::byte> bytes;                 ///< what they are views of

  TensorFile() = default;
  TensorFile(TensorFile&&) = default;
  TensorFile& operator=(TensorFile&&) = default;

  /// The array of that name; null if there is none.
  const Tensor* find(std::string_view name) const {
    const auto found = std::find_if(tensors.begin(), tensors.end(), [&](const Tensor& t) { return t.name == name; });
    return found == tensors.end() ? nullptr : &*found;
  }
};

/// How a Tensor spells a type of numbers.
template <class T>
inline constexpr std::string_view tensor_type = [] {
  static_assert(sizeof(T) == 0, "rocket: Tensor: numbers are float, double or std::int64_t");
  return "";
}();
template <>
inline constexpr std::string_view tensor_type<float> = "F32";
template <>
inline constexpr std::string_view tensor_type<double> = "F64";
template <>
inline constexpr std::string_view tensor_type<std::int64_t> = "I64";

namespace detail {

static_assert(std::endian::native == std::endian::little, "rocket: Tensor: this machine isn't little endian");

/// Bytes of a number; 0 for a type that no Tensor has.
inline std::uint64_t bytes_of_type(std::string_view type) {
  struct Size {
    std::string_view type;
    std::uint64_t bytes;
  };
  static constexpr std::array sizes{Size{"BOOL", 1},    Size{"U8", 1},  Size{"I8", 1},  Size{"F8_E5M2", 1},
                                    Size{"F8_E4M3", 1}, Size{"U16", 2}, Size{"I16", 2}, Size{"F16", 2},
                                    Size{"BF16", 2},    Size{"U32", 4}, Size{"I32", 4}, Size{"F32", 4},
                                    Size{"U64", 8},     Size{"I64", 8}, Size{"F64", 8}};
  for (const Size& size : sizes)
    if (size.type == type) return size.bytes;
  return 0;
}

/// Bytes of an array of a type that a Tensor may have; none where there are more than can be counted.
inline std::optional<std::uint64_t> bytes_of_array(std::string_view type, std::span<const std::uint64_t> shape) {
  std::uint64_t bytes = bytes_of_type(type);
  for (const std::uint64_t extent : shape) {
    if (extent != 0 && bytes > std::numeric_limits<std::uint64_t>::max() / extent) return std::nullopt;
    bytes *= extent;
  }
  return bytes;
}

/// A hash in hexadecimal.
inline std::string spell_hash(unsigned long long hash) {
  std::array<char, 17> digits;
  std::snprintf(digits.data(), digits.size(), "%016llx", hash);
  return digits.data();
}

/// "[2, 3]"
template <class Numbers>
std::string spell_list(const Numbers& numbers) {
  std::string text = "[";
  for (const auto number : numbers) text += (text.size() > 1 ? ", " : "") + std::to_string(number);
  return text + ']';
}

/// Refuses an array that isn't what it says.
inline void check_size(const Tensor& tensor) {
  if (bytes_of_type(tensor.type) == 0 || bytes_of_array(tensor.type, tensor.shape) != tensor.bytes.size())
    throw ValueError(
        "tensors, \"" + tensor.name + '"', "a known type, and as many bytes as it and the shape say",
        tensor.type + ' ' + spell_list(tensor.shape) + ", " + std::to_string(tensor.bytes.size()) + " bytes");
}

}  // namespace detail

}  // namespace rocket
