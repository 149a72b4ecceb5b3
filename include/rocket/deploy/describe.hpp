#pragma once
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "rocket/deploy/graph.hpp"
#include "rocket/net/inference_workspace.hpp"

namespace rocket {

namespace detail {

template <class Net, class ExpectedHeads, class GotHeads>
struct ExportHasOneHead {
  static_assert(holds<agree<ExpectedHeads, GotHeads>, Net, ExpectedHeads, GotHeads>,
                "rocket: exports: a net of one head is written, such as trainer.light()");
  static constexpr bool ok = true;
};
template <class Net, class Number>
struct ExportHasFloats {
  static_assert(holds<std::is_same_v<Number, float>, Net, Number>, "rocket: exports: a net of float is written");
  static constexpr bool ok = true;
};

/// Of a table: no format here holds more than 2 GiB.
inline constexpr std::size_t most_numbers = std::size_t{1} << 29;

/// What the trunk reads: "features", or what becomes of the fields, one input a field and one for its weights.
template <class T, class Inputs>
Graph::Value describe_inputs(const Tables<T, Inputs>&, Graph& graph) {
  return graph.numbers("features", Inputs::shape);
}
template <class T, class... List>
Graph::Value describe_inputs(const Tables<T, Fields<List...>>& tables, Graph& graph) {
  using Inputs = Fields<List...>;
  std::vector<Graph::Value> of_tables, parts;
  for (const TableView<const T>& table : tables.list_of(tables.vector())) {
    if (table.numbers.size() > most_numbers)
      throw ValueError(table.name, "at most " + std::to_string(most_numbers) + " numbers in a table that is written",
                       std::to_string(table.numbers.size()));
    const Shape shape{table.rows, table.dimension};
    of_tables.push_back(graph.constant(table.name, {table.numbers.begin(), table.numbers.end()}, shape));
  }
  for (std::size_t f = 0; f < Inputs::size; ++f) {
    const Field& field = Inputs::list[f];
    const std::string name{field.name};
    if (field.table.empty()) {
      parts.push_back(graph.numbers(name, Shape{field.most}));
      continue;
    }
    const Graph::Value rows = graph.rows(name, field.most);
    Graph::Value found = graph.look_up(of_tables[Inputs::table_of(f)], rows);
    if (field.weighted())
      found = graph.multiply(found, graph.reshape(graph.weights(name + "_weights", rows), Shape{field.most, 1}));
    if (field.pools) found = graph.sum_of_positions(found);
    if (field.pools && field.pool == Pool::mean) found = graph.multiply(found, graph.inverse_count(rows));
    parts.push_back(found);
  }
  return graph.concat(std::move(parts));
}

}  // namespace detail

/// What a net of one head computes in inference, from its inputs to its logits.
/// \throws ValueError  where the net was moved from, a number of it isn't finite, or a layer's description doesn't fit
template <class Net>
Graph graph_of(const Net& net) {
  static_assert(detail::ExportHasOneHead<Net, Expected<std::size_t{1}>, Got<Net::heads>>::ok &&
                detail::ExportHasFloats<Net, typename Net::Scalar>::ok);
  using Parts = detail::Anatomy<Net>;
  detail::check_has_parameters(net);
  Graph graph;
  const auto know = [&](const std::string& name, Shape shape, std::span<const float> numbers) {
    graph.know(name, shape, numbers);
  };
  each_array(Net::parameter_table(), net.parameter_vector(), know);
  each_array(Net::statistic_table(), net.statistic_vector(), know);
  const Context context{};
  Graph::Value x = detail::describe_inputs(net.tables(), graph);
  x = Parts::Trunk::describe(Parts::trunk(net, context, 1, nullptr, nullptr), graph, x);
  x = Parts::template HeadNode<0>::describe(Parts::template head<0>(net, context, 1, nullptr, nullptr), graph, x);
  graph.output = graph.reshape(x, Shape{graph.shape(x).size()});
  return graph;
}

}  // namespace rocket
