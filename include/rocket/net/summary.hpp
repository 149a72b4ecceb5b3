#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rocket/net/multi_head.hpp"

namespace rocket {

/// One line of a net's layer table: a layer, or all copies of it that Repeat makes of one shape.
struct LayerRow {
  std::string part;            ///< "trunk", or the head: "light"
  std::string name;            ///< "trunk.conv0", "group1.{1-5}.conv1"; what no name shares, without the head's
  std::string_view layer;      ///< its kind: "Conv2d"
  Shape input, output;         ///< of one copy
  int copies = 1;              ///< how many
  std::size_t parameters = 0;  ///< trainable numbers of all copies
  std::size_t shared = 0;      ///< how many of those another head uses, too; in the trunk all of them
  long multiply_adds = 0;      ///< a sample through all copies
};

namespace detail {

/// A listing that keeps what a reader wants to see.
struct TableListing {
  const Plan* plan;
  bool several_heads;
  std::vector<LayerRow> rows{};
  std::size_t parameter_count = 0;
  int namings = 0;

  void begin_leaf(const Scope& scope, const LeafFacts& leaf) {
    rows.push_back({scope.head_index < 0 ? "trunk" : std::string{scope.head.view()}, name(scope), leaf.layer,
                    leaf.input, leaf.output, scope.copies, 0, 0, scope.copies * leaf.multiply_adds});
  }
  void add(const Parameter& parameter, const Scope& scope, bool /*private_to_net*/) {
    const auto size = static_cast<std::size_t>(parameter.shape.size());
    const bool in_trunk = scope.head_index < 0 && several_heads;
    const int shared = in_trunk ? scope.copies : plan->parameters[parameter_count].shared_copies;
    ++parameter_count;
    rows.back().parameters += size * static_cast<std::size_t>(scope.copies);
    rows.back().shared += size * static_cast<std::size_t>(shared);
  }
  void add(const Statistic&, const Scope&, bool /*private_to_net*/) {}

 private:
  /// The path with the copies spelled out: "group1.#1.conv1" five times is "group1.{1-5}.conv1".
  static std::string name(const Scope& scope) {
    return spelled(scope.path.view(), [&](int first, std::size_t repeat) {
      const int last = first + scope.counts[repeat] - 1;
      const std::string from = std::to_string(first);
      return first == last ? from : '{' + from + '-' + std::to_string(last) + '}';
    });
  }
};

}  // namespace detail

/// The layers of a net in their order: the trunk's, then head by head.
template <class Net>
std::vector<LayerRow> layer_table() {
  detail::TableListing listing{&detail::Anatomy<Net>::plan, Net::heads > 1};
  detail::Anatomy<Net>::list(listing);
  return std::move(listing.rows);
}

}  // namespace rocket
