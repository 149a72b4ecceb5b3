#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rocket/core/error.hpp"
#include "rocket/deploy/graph.hpp"

namespace rocket::detail {

/// A graph in the operators of ONNX, version 13. There images are channels x height x width: a value that is one gets a
/// second version when somebody asks for it, by Transpose, and what works number by number stays in the layout that is
/// there.
class OnnxNodes {
 public:
  /// What an operator is told besides its inputs: a whole number, several, or a real one.
  struct Attribute {
    std::string_view name;
    std::vector<std::int64_t> integers{};
    bool list = false;  ///< of integers, even if it is one
    bool real = false;
    float number = 0;
  };
  struct Node {
    std::string_view type;
    std::vector<std::string> inputs;
    std::string output;
    std::vector<Attribute> attributes;
  };
  /// A constant: floats, or integers.
  struct Array {
    std::string name;
    std::vector<std::int64_t> extents;
    std::vector<float> numbers{};
    std::vector<std::int64_t> integers{};
  };
  /// Batch x extents.
  struct Input {
    std::string name;
    Shape shape;
    bool rows = false;  ///< integers
  };
  static constexpr std::string_view output_name = "logits";

  /// \throws ValueError  where two inputs have one name, or one that of the output
  explicit OnnxNodes(const Graph& graph) : graph_{graph}, flat_(graph.nodes().size()), image_(flat_.size()) {
    used_.insert(std::string{output_name});
    for (const Graph::Node& node : graph.nodes())
      if (node.what == Operator::numbers || node.what == Operator::rows) {
        if (!used_.insert(node.name).second)
          throw ValueError("field " + node.name, "a name that no other input has, nor the output", node.name);
        inputs.push_back({node.name, node.shape, node.what == Operator::rows});
      }
    const std::vector<bool> needed = graph.needed();
    for (std::size_t i = 0; i < needed.size(); ++i)
      if (needed[i]) translate({static_cast<int>(i)}, graph.nodes()[i]);
    name_output(flat(graph.output));
    logits = graph.shape(graph.output);
  }

  std::vector<Input> inputs;  ///< in the order of the fields
  std::vector<Node> nodes;    ///< each behind those that it reads
  std::vector<Array> arrays;  ///< constants
  Shape logits;               ///< of a sample

 private:
  using Operator = Graph::Operator;
  using Value = Graph::Value;
  using Integers = std::vector<std::int64_t>;

  static Attribute integer(std::string_view name, std::int64_t value) { return {name, {value}}; }
  static Attribute integers(std::string_view name, Integers values) { return {name, std::move(values), true}; }
  static Attribute real(std::string_view name, float value) { return {name, {}, false, true, value}; }

  /// A name that nothing has yet.
  std::string fresh(std::string name) {
    while (!used_.insert(name).second) name += '_';
    return name;
  }
  std::string node(std::string_view type, std::vector<std::string> of, std::vector<Attribute> attributes = {}) {
    const std::string output = fresh(std::string{type} + '_' + std::to_string(nodes.size()));
    nodes.push_back({type, std::move(of), output, std::move(attributes)});
    return output;
  }
  /// Axes, extents and the like, the same ones once.
  std::string list(const Integers& values) {
    std::string& name = lists_[values];
    if (name.empty()) {
      name = "integers";
      for (const std::int64_t value : values) name += '_' + std::to_string(value);
      arrays.push_back({name = fresh(name), {static_cast<std::int64_t>(values.size())}, {}, values});
    }
    return name;
  }
  std::string number(float value) {
    std::string& name = numbers_[value];
    if (name.empty()) {
      name = fresh("number_" + std::to_string(numbers_.size()));
      arrays.push_back({name, {1}, {value}});
    }
    return name;
  }
  /// A constant in the layout that an operator wants it in.
  /// \param layout  names it
  std::string constant(Value value, std::string_view layout, Integers extents, std::vector<float> numbers) {
    std::string& name = constants_[{value.index, std::string{layout}}];
    if (name.empty()) {
      name = fresh(graph_.at(value).name);
      arrays.push_back({name, std::move(extents), std::move(numbers)});
    }
    return name;
  }
  std::string constant(Value value) {
    return constant(value, "", extents(graph_.shape(value)), graph_.at(value).numbers);
  }
  static Integers extents(Shape shape, bool batch = false) {
    Integers found;
    if (batch) found.push_back(0);  // as it is
    for (int i = 0; i < shape.rank; ++i) found.push_back(shape.extent[i]);
    return found;
  }

  bool is_image(Value value) const { return !image_at(value).empty(); }
  std::string& flat_at(Value value) { return flat_[static_cast<std::size_t>(value.index)]; }
  std::string& image_at(Value value) { return image_[static_cast<std::size_t>(value.index)]; }
  const std::string& image_at(Value value) const { return image_[static_cast<std::size_t>(value.index)]; }
  /// With channels innermost, as the graph has it; a constant without the batch.
  std::string flat(Value value) {
    if (graph_.is_constant(value)) return constant(value);
    std::string& name = flat_at(value);
    if (name.empty()) name = node("Transpose", {image_at(value)}, {integers("perm", {0, 2, 3, 1})});
    return name;
  }
  /// Batch x channels x height x width.
  std::string image(Value value) {
    std::string& name = image_at(value);
    if (name.empty()) name = node("Transpose", {flat(value)}, {integers("perm", {0, 3, 1, 2})});
    return name;
  }
  std::string reshaped(const std::string& x, Shape from, Shape to) {
    if (from == to) return x;
    return to.rank == 1 ? node("Flatten", {x}, {integer("axis", 1)}) : node("Reshape", {x, list(extents(to, true))});
  }
  /// In one row.
  std::string row(Value value) { return reshaped(flat(value), graph_.shape(value), Shape{graph_.shape(value).size()}); }

  void translate(Value value, const Graph::Node& of) {
    switch (of.what) {
      case Operator::numbers:
      case Operator::rows:
        flat_at(value) = of.name;
        return;
      case Operator::constant:
        return;  // written for those that read it
      case Operator::look_up:
        flat_at(value) = node("Gather", {table(of.of[0]), flat(of.of[1])});
        return;
      case Operator::inverse_count: {
        const std::string there = node("Greater", {flat(of.of[0]), list({-1})});
        const std::string ones = node("Cast", {there}, {integer("to", 1)});
        const std::string count = node("ReduceSum", {ones, list({1})}, {integer("keepdims", 1)});
        flat_at(value) = node("Reciprocal", {node("Max", {count, number(1)})});
        return;
      }
      case Operator::product:
        flat_at(value) = product(of);
        return;
      case Operator::convolution:
      case Operator::max_pool:
      case Operator::average_pool:
        image_at(value) = window(of);
        return;
      case Operator::affine:
        affine(value, of);
        return;
      case Operator::sum:
      case Operator::mean:
        flat_at(value) = over_positions(of);
        return;
      case Operator::relu:
      case Operator::leaky_relu:
      case Operator::sigmoid:
      case Operator::tanh:
      case Operator::gelu:
        if (is_image(of.of[0]))
          image_at(value) = number_by_number(of, image(of.of[0]));
        else
          flat_at(value) = number_by_number(of, flat(of.of[0]));
        return;
      case Operator::add:
      case Operator::subtract:
      case Operator::multiply:
        of_two(value, of);
        return;
      case Operator::concat: {
        std::vector<std::string> parts;
        for (const Value part : of.of) parts.push_back(row(part));
        flat_at(value) = node("Concat", std::move(parts), {integer("axis", 1)});
        return;
      }
      case Operator::slice: {
        const std::string begin = list({of.begin}), end = list({of.begin + of.shape.size()});
        const std::string sliced = node("Slice", {row(of.of[0]), begin, end, list({1})});
        flat_at(value) = reshaped(sliced, Shape{of.shape.size()}, of.shape);
        return;
      }
      case Operator::reshape:
        flat_at(value) = reshaped(flat(of.of[0]), graph_.shape(of.of[0]), of.shape);
        return;
    }
  }

  /// With a row of zeros behind the last one, which -1 means.
  std::string table(Value value) {
    const Shape& shape = graph_.shape(value);
    std::vector<float> numbers = graph_.at(value).numbers;
    numbers.resize(numbers.size() + static_cast<std::size_t>(shape.channels()));
    return constant(value, "table", {std::int64_t{shape.extent[0]} + 1, shape.channels()}, std::move(numbers));
  }
  std::string product(const Graph::Node& of) {
    if (of.shape.rank == 1) {
      std::vector<std::string> operands{flat(of.of[0]), dense_weight(of.of[1])};
      if (of.of.size() == 3) operands.push_back(constant(of.of[2]));
      return node("Gemm", std::move(operands), {integer("transB", 1)});
    }
    const std::string without_bias = node("MatMul", {flat(of.of[0]), flat(of.of[1])});
    return of.of.size() == 3 ? node("Add", {without_bias, constant(of.of[2])}) : without_bias;
  }
  /// Outputs x inputs, of inputs x outputs: OpenCV reads no other one.
  std::string dense_weight(Value value) {
    const Shape& shape = graph_.shape(value);
    std::vector<float> turned;
    for (int o = 0; o < shape.channels(); ++o)
      for (int k = 0; k < shape.extent[0]; ++k)
        turned.push_back(graph_.at(value).numbers[static_cast<std::size_t>(k * shape.channels() + o)]);
    return constant(value, "dense", {shape.channels(), shape.extent[0]}, std::move(turned));
  }
  std::string window(const Graph::Node& of) {
    const std::int64_t size = of.window.size, stride = of.window.stride, padding = of.window.padding;
    std::vector<Attribute> attributes{integers("kernel_shape", {size, size}), integers("strides", {stride, stride}),
                                      integers("pads", {padding, padding, padding, padding})};
    std::vector<std::string> operands{image(of.of[0])};
    if (of.what == Operator::max_pool) return node("MaxPool", std::move(operands), std::move(attributes));
    if (of.what == Operator::average_pool) {
      attributes.push_back(integer("count_include_pad", 0));
      return node("AveragePool", std::move(operands), std::move(attributes));
    }
    attributes.push_back(integer("group", of.groups));
    operands.push_back(window_weight(of.of[1]));
    if (of.of.size() == 3) operands.push_back(constant(of.of[2]));
    return node("Conv", std::move(operands), std::move(attributes));
  }
  /// Outputs x inputs x size x size, of size x size x inputs x outputs.
  std::string window_weight(Value value) {
    const Shape& shape = graph_.shape(value);
    const int inputs_of_group = shape.extent[2], outputs = shape.extent[3], places = shape.extent[0] * shape.extent[1];
    std::vector<float> turned;
    for (int o = 0; o < outputs; ++o)
      for (int c = 0; c < inputs_of_group; ++c)
        for (int p = 0; p < places; ++p)
          turned.push_back(graph_.at(value).numbers[static_cast<std::size_t>((p * inputs_of_group + c) * outputs + o)]);
    return constant(value, "window", {outputs, inputs_of_group, shape.extent[0], shape.extent[1]}, std::move(turned));
  }
  void affine(Value value, const Graph::Node& of) {
    const bool as_image = is_image(of.of[0]);
    const auto number_of_channel = [&](Value c) {
      return as_image ? constant(c, "image", {graph_.shape(c).size(), 1, 1}, graph_.at(c).numbers) : constant(c);
    };
    const std::string x = as_image ? image(of.of[0]) : flat(of.of[0]);
    const std::string scaled = node("Mul", {x, number_of_channel(of.of[1])});
    (as_image ? image_at(value) : flat_at(value)) = node("Add", {scaled, number_of_channel(of.of[2])});
  }
  std::string over_positions(const Graph::Node& of) {
    const Shape& x = graph_.shape(of.of[0]);
    if (x.rank == 1) return flat(of.of[0]);
    if (of.what == Operator::mean && x.rank == 3) {
      const std::string mean = node("GlobalAveragePool", {image(of.of[0])});
      return node("Flatten", {mean}, {integer("axis", 1)});
    }
    Integers axes;
    for (int i = 1; i < x.rank; ++i) axes.push_back(i);
    if (of.what == Operator::mean)
      return node("ReduceMean", {flat(of.of[0])}, {integers("axes", axes), integer("keepdims", 0)});
    return node("ReduceSum", {flat(of.of[0]), list(axes)}, {integer("keepdims", 0)});
  }
  std::string number_by_number(const Graph::Node& of, const std::string& x) {
    switch (of.what) {
      case Operator::relu:
        return node("Relu", {x});
      case Operator::leaky_relu:
        return node("LeakyRelu", {x}, {real("alpha", of.slope)});
      case Operator::sigmoid:
        return node("Sigmoid", {x});
      case Operator::tanh:
        return node("Tanh", {x});
      default:
        break;
    }
    // gelu: x / 2 (1 + erf(x / sqrt(2)))
    const std::string erf = node("Erf", {node("Mul", {x, number(0.70710678118654752F)})});
    return node("Mul", {node("Mul", {x, number(0.5F)}), node("Add", {erf, number(1)})});
  }
  void of_two(Value value, const Graph::Node& of) {
    const Value a = of.of[0], b = of.of[1];
    const std::string_view type = of.what == Operator::add ? "Add" : of.what == Operator::subtract ? "Sub" : "Mul";
    if (is_image(a) && is_image(b) && graph_.spread(a, b) == Graph::Spread::none) {
      image_at(value) = node(type, {image(a), image(b)});
      return;
    }
    // Extents are compared from the last one on, so b gets as many as a has.
    Shape to = graph_.shape(b);
    while (!graph_.is_constant(b) && to.rank < graph_.shape(a).rank) {
      for (int i = to.rank++; i > 0; --i) to.extent[i] = to.extent[i - 1];
      to.extent[0] = 1;
    }
    flat_at(value) = node(type, {flat(a), reshaped(flat(b), graph_.shape(b), to)});
  }

  /// The last node gets the name that users know.
  void name_output(const std::string& last) {
    bool made = false;
    for (Node& each : nodes) {
      made = made || each.output == last;
      if (each.output == last) each.output = output_name;
      for (std::string& read : each.inputs)
        if (made && read == last) read = output_name;
    }
    if (!made) nodes.push_back({"Identity", {last}, std::string{output_name}, {}});
  }

  const Graph& graph_;
  std::vector<std::string> flat_, image_;  ///< of each value, the names of its versions; empty: there is none
  std::set<std::string> used_;
  std::map<Integers, std::string> lists_;
  std::map<float, std::string> numbers_;
  std::map<std::pair<int, std::string>, std::string> constants_;
};

}  // namespace rocket::detail
