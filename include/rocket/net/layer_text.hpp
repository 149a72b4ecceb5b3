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
  const std::string most = std::to_string(field.most);
  if (field.table.empty()) return "field " + std::string{field.name} + ": " + most + " numbers";
  std::string text = "field " + std::string{field.name} + ": " + most + " rows of " + std::string{field.table} + ", " +
                     std::to_string(field.dimension) + " numbers each";
  if (field.pools)
    text += field.pool == Pool::mean ? ", their mean" : field.pool == Pool::sum ? ", their sum" : ", their weighted sum";
  return text;
}

/// A line for each field where it has any, and for each layer: what it is called, what it does, how often. Amounts that
/// are part of a layer's type (a slope, a rate) aren't in it.
template <class Net>
std::string spell_layers() {
  std::string text = "reads " + spell_list(extents_of(Net::input));
  if constexpr (Net::NetTables::looks_up)
    for (const Field& field : Net::NetTables::Inputs::list) text += '\n' + spell_field(field);
  for (const LayerRow& row : layer_table<Net>())
    text += '\n' + row.part + ": " + row.name + ' ' + std::string{row.layer} + ' ' + spell_list(extents_of(row.input)) +
            " -> " + spell_list(extents_of(row.output)) + ", " + std::to_string(row.copies) + " of it";
  return text;
}

}  // namespace rocket::detail
