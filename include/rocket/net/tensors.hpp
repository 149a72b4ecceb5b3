/// \file
/// A net's numbers as named arrays, under the names of its layers: "trunk.0.weight", "light.bn.running_mean". For a
/// file of any format: write_npz("light.npz", tensors_of(net)), load_weights(net, read_npz("light.npz")).
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "rocket/core/text.hpp"
#include "rocket/files/slots.hpp"
#include "rocket/net/layer_text.hpp"
#include "rocket/net/multi_head.hpp"

namespace rocket {

namespace detail {

/// The bytes of numbers: those of a Tensor, or those of a Slot where they may be written.
template <class T>
auto bytes_of(std::span<T> numbers) {
  if constexpr (std::is_const_v<T>)
    return std::as_bytes(numbers);
  else
    return std::as_writable_bytes(numbers);
}

/// Adds the arrays of a vector to a list of Tensors or Slots.
template <class As, class T>
void append_arrays(std::vector<As>& list, const std::string& prefix, std::span<const Array> table,
                   std::span<T> vector) {
  each_array(table, vector, [&](const std::string& name, Shape shape, std::span<T> numbers) {
    list.push_back(
        As{prefix + name, std::string{tensor_type<std::remove_const_t<T>>}, extents_of(shape), bytes_of(numbers)});
  });
}
/// Adds the tables of a vector that is laid out as those of a net are.
template <class As, class NetTables, class T>
void append_tables(std::vector<As>& list, const std::string& prefix, const NetTables& tables, std::span<T> vector) {
  for (const TableView<T>& table : tables.list_of(vector))
    list.push_back(As{prefix + table.name,
                      std::string{tensor_type<std::remove_const_t<T>>},
                      {table.rows, static_cast<std::uint64_t>(table.dimension)},
                      bytes_of(table.numbers)});
}
/// Those of all parameters, statistics and tables.
template <class As, class Net>
void append_net(std::vector<As>& list, Net& net) {
  check_has_parameters(net);
  append_arrays(list, "", Net::parameter_table(), net.parameter_vector());
  append_arrays(list, "", Net::statistic_table(), net.statistic_vector());
  append_tables(list, "", net.tables(), net.tables().vector());
}

/// Where a file's metadata say of which layers its numbers are (spell_layers); save_weights writes it.
inline constexpr std::string_view layers_key = "rocket.layers";

/// Throws where a file says so, and they aren't this net's.
template <class Net>
void check_layers(const TensorFile& file, const std::string& advice) {
  const auto said = file.metadata.find(std::string{layers_key});
  if (said == file.metadata.end()) return;
  const std::string ours = spell_layers<Net>();
  if (said->second == ours) return;
  const auto [expected, found] = first_difference(ours, said->second);
  throw FileError(file.path, "__metadata__, " + std::string{layers_key}, std::string{expected},
                  std::string{found} + ": its numbers are of another net" + advice);
}

}  // namespace detail

/// Which arrays of a file a net takes.
enum class Take {
  all,     ///< every array of the net, and the file has no other one; the layers, too, where the file names them
  by_name  ///< those that both have, by name, type and shape
};

/// Parameters, statistics and tables: views, as long as the net is there and isn't moved.
/// \throws ValueError  where the net was moved from
template <class Net>
std::vector<Tensor> tensors_of(const Net& net) {
  std::vector<Tensor> tensors;
  detail::append_net(tensors, net);
  return tensors;
}

/// Takes parameters, statistics and tables from a file that was read, of this net or, by name, of one that shares some
/// of its layers: the light net, a booster or a teacher from the checkpoint of a pair.
/// \throws FileError   where the file isn't of this net (Take::all) or has nothing of it (Take::by_name), before
///                     anything has changed
/// \throws ValueError  where the net was moved from
template <class Net>
LoadReport load_weights(Net& net, const TensorFile& file, Take take = Take::all) {
  std::vector<Slot> slots;
  detail::append_net(slots, net);
  if (take == Take::all) {
    try {
      check_all(file.path, file, slots);
    } catch (const FileError& error) {
      const bool some_fit = std::any_of(slots.begin(), slots.end(), [&](const Slot& slot) {
        const Tensor* tensor = file.find(slot.name);
        return tensor && detail::fits(*tensor, slot);
      });
      if (!some_fit) throw;
      throw FileError(error.path(), error.place(), error.expected(),
                      error.found() + " (Take::by_name takes those that fit)");
    }
    detail::check_layers<Net>(file, " (Take::by_name takes them all the same)");
  }
  LoadReport report = fill_by_name(file, slots);
  if (!report.taken.empty() || slots.empty()) return report;
  for (const Slot& slot : slots)
    if (const Tensor* tensor = file.find(slot.name))
      throw FileError(file.path, '"' + slot.name + '"', detail::spell(slot.type, slot.shape),
                      detail::spell(tensor->type, tensor->shape) + ", and no other array fits");
  throw FileError(file.path, "", "an array of this net, such as \"" + slots.front().name + '"',
                  std::to_string(file.tensors.size()) + " others");
}

namespace detail {

/// How many rows each table of a net has in a file.
template <class Net>
typename Net::NetTables::Rows rows_in(const TensorFile& file) {
  using NetTables = typename Net::NetTables;
  typename NetTables::Rows rows{};
  if constexpr (NetTables::count > 0)
    for (std::size_t t = 0; t < NetTables::count; ++t) {
      const TableKind& kind = NetTables::Inputs::tables[t];
      const std::string name = NetTables::name(t);
      const std::string type{tensor_type<typename Net::Scalar>};
      const Tensor* const table = file.find(name);
      const bool is_one = table && table->type == type && table->shape.size() == 2 &&
                          table->shape[1] == static_cast<std::uint64_t>(kind.dimension) && table->shape[0] > 0 &&
                          table->shape[0] <= Word::most_rows;
      if (!is_one)
        throw FileError(file.path, '"' + name + '"', type + " [rows, " + std::to_string(kind.dimension) + ']',
                        table ? spell(table->type, table->shape) : "no array of that name");
      rows[t] = table->shape[0];
    }
  return rows;
}

}  // namespace detail

/// The net that a file holds, with tables as long as they are there.
/// \throws FileError  where an array is missing, has another type or shape, or is one too many, or where the file names
///                    other layers
template <class Net>
Net net_of(const TensorFile& file) {
  Net net{Seed{}, typename Net::NetTables{detail::rows_in<Net>(file)}};
  std::vector<Slot> slots;
  detail::append_net(slots, net);
  fill_all(file.path, file, slots);
  detail::check_layers<Net>(file, " (load_weights(net, file, Take::by_name) takes them all the same)");
  return net;
}

}  // namespace rocket
