/// \file
/// What the numbers of a net mean, as text: files of them say so (weights.hpp, checkpoint.hpp), since arrays of other
/// layers may have the same names and shapes.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "rocket/core/fields.hpp"
#include "rocket/files/tensor_file.hpp"
#include "rocket/net/summary.hpp"

namespace rocket::detail {

inline std::vector<std::uint64_t> extents_of(Shape shape) { return {shape.extent, shape.extent + shape.rank}; }

/// What stands in a record, and what becomes of it.
inline std::string spell_field(const Field& field) {
  const std::string name = "field " + std::string{field.name} + ": ", most = std::to_string(field.most);
  if (field.table.empty()) return name + most + " numbers";
  const std::string rows =
      "rows of " + std::string{field.table} + ", " + std::to_string(field.dimension) + " numbers each";
  if (!field.pools) return name + most + ' ' + rows;
  // How many there may be changes nothing about their numbers.
  switch (field.pool) {
    case Pool::sum:
      return name + "the sum of " + rows;
    case Pool::mean:
      return name + "the mean of " + rows;
    case Pool::weighted_sum:
      break;
  }
  return name + "the weighted sum of " + rows;
}

/// A line for each field where it has any, and for each layer: what it is called, what it does, how often. What a type
/// says besides (a slope, where a Slice begins) isn't in it, nor how Residual and Concat join layers.
template <class Net>
std::string spell_layers() {
  std::string text = "reads " + spell_list(extents_of(Net::input));
  if constexpr (Net::NetTables::looks_up)
    for (const Field& field : Net::NetTables::Inputs::list) text += '\n' + spell_field(field);
  for (const LayerRow& row : layer_table<Net>())
    text += '\n' + row.name + ' ' + std::string{row.layer} + ' ' + spell_list(extents_of(row.input)) + " -> " +
            spell_list(extents_of(row.output)) + ", " + std::to_string(row.copies) + " of it";
  return text;
}

}  // namespace rocket::detail
