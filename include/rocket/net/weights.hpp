/// \file
/// A net's numbers in a file (safetensors.hpp), under the names of its layers: see tensors.hpp. Needs nlohmann-json.
#pragma once
#include <map>
#include <string>

#include "rocket/files/safetensors.hpp"
#include "rocket/net/tensors.hpp"

namespace rocket {

/// Writes parameters, statistics and tables, in place of what was there (see replace_file), and of which layers and
/// fields they are (spell_layers), so that a net with others of the same shapes doesn't take them for its own.
/// \param metadata  texts to keep with them; "rocket.layers" is written over
/// \throws ValueError  where the net was moved from   \throws FileError  where the file can't be written
template <class Net>
void save_weights(const Net& net, const std::string& path, std::map<std::string, std::string> metadata = {}) {
  metadata[std::string{detail::layers_key}] = detail::spell_layers<Net>();
  write_safetensors(path, tensors_of(net), metadata);
}

/// Reads parameters, statistics and tables, all or by name.
/// \throws FileError   where the file isn't sound, and as load_weights of a TensorFile does; before anything has
///                     changed
/// \throws ValueError  where the net was moved from
template <class Net>
LoadReport load_weights(Net& net, const std::string& path, Take take = Take::all) {
  return load_weights(net, read_safetensors(path), take);
}

/// The net that a file holds, with tables as long as they are there: what a server starts with.
///
///     const auto light = load_net<Net::light>("light.safetensors");
///
/// \throws FileError  where the file isn't sound, or isn't of this net
template <class Net>
Net load_net(const std::string& path) {
  return net_of<Net>(read_safetensors(path));
}

}  // namespace rocket
