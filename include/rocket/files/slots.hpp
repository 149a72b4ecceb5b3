/// \file
/// From the arrays of a file into memory: all or none, or those that fit.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "rocket/core/error.hpp"
#include "rocket/files/tensor_file.hpp"

namespace rocket {

/// A place in memory for an array of a file.
struct Slot {
  std::string name;                  ///< of the array
  std::string type;                  ///< of its numbers, as Tensor spells it
  std::vector<std::uint64_t> shape;  ///< of the array
  std::span<std::byte> bytes;        ///< where it goes
};

/// What fill_by_name did: names of arrays.
struct LoadReport {
  std::vector<std::string> taken;         ///< in memory and in the file: filled
  std::vector<std::string> unlike;        ///< in both, but of another shape or type: as before
  std::vector<std::string> left;          ///< in memory only: as before
  std::vector<std::string> left_in_file;  ///< in the file only
};

namespace detail {

inline std::string spell(const std::string& type, const std::vector<std::uint64_t>& shape) {
  return type + ' ' + spell_list(shape);
}
inline bool fits(const Tensor& tensor, const Slot& slot) {
  return tensor.type == slot.type && tensor.shape == slot.shape;
}
inline void fill(const Slot& slot, const Tensor& tensor) {
  std::copy(tensor.bytes.begin(), tensor.bytes.end(), slot.bytes.begin());
}

}  // namespace detail

/// Refuses what fill_all would refuse.
/// \throws FileError  where an array is missing, has another type or shape, or is one too many
inline void check_all(const std::string& path, const TensorFile& file, std::span<const Slot> slots) {
  std::set<std::string> wanted;
  for (const Slot& slot : slots) {
    wanted.insert(slot.name);
    const std::string place = '"' + slot.name + '"';
    const Tensor* tensor = file.find(slot.name);
    if (!tensor) throw FileError(path, place, detail::spell(slot.type, slot.shape), "no array of that name");
    if (!detail::fits(*tensor, slot))
      throw FileError(path, place, detail::spell(slot.type, slot.shape), detail::spell(tensor->type, tensor->shape));
  }
  for (const Tensor& tensor : file.tensors)
    if (!wanted.contains(tensor.name))
      throw FileError(path, '"' + tensor.name + '"', "no array of that name", detail::spell(tensor.type, tensor.shape));
}

/// Fills every slot with the array of its name.
/// \throws FileError  as check_all does, before anything has changed
inline void fill_all(const std::string& path, const TensorFile& file, std::span<const Slot> slots) {
  check_all(path, file, slots);
  for (const Slot& slot : slots) detail::fill(slot, *file.find(slot.name));
}

/// Fills the slots for which there is an array of that name, type and shape.
inline LoadReport fill_by_name(const TensorFile& file, std::span<const Slot> slots) {
  LoadReport report;
  std::set<std::string> wanted;
  for (const Slot& slot : slots) {
    wanted.insert(slot.name);
    const Tensor* tensor = file.find(slot.name);
    const bool fills = tensor && detail::fits(*tensor, slot);
    if (fills) detail::fill(slot, *tensor);
    (fills ? report.taken : tensor ? report.unlike : report.left).push_back(slot.name);
  }
  for (const Tensor& tensor : file.tensors)
    if (!wanted.contains(tensor.name)) report.left_in_file.push_back(tensor.name);
  return report;
}

}  // namespace rocket
