/// \file
/// A trained net as an ONNX model, for onnxruntime, OpenCV and others that read it. Needs protozero.
#pragma once
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include <protozero/pbf_writer.hpp>

#include "rocket/deploy/describe.hpp"
#include "rocket/deploy/onnx_nodes.hpp"
#include "rocket/files/replace_file.hpp"
#include "rocket/version.hpp"

namespace rocket {

namespace detail {

static_assert(std::endian::native == std::endian::little, "rocket: write_onnx: this machine isn't little endian");

/// The messages of onnx.proto3, field by field: the numbers are those of the fields there.
class OnnxMessages {
 public:
  explicit OnnxMessages(const OnnxNodes& nodes) : nodes_{nodes} {}

  std::string model() const {
    std::string bytes;
    protozero::pbf_writer model{bytes};
    model.add_int64(1, 7);  // ir_version
    model.add_string(2, "Rocket");
    model.add_string(3, spell_version());
    {
      protozero::pbf_writer graph{model, 7};
      write_graph(graph);
    }
    {
      protozero::pbf_writer operators{model, 8};  // opset_import
      operators.add_string(1, "");
      operators.add_int64(2, 13);
    }
    return bytes;
  }

 private:
  enum ElementType { floats = 1, int64s = 7 };

  void write_graph(protozero::pbf_writer& graph) const {
    for (const OnnxNodes::Node& node : nodes_.nodes) {
      protozero::pbf_writer message{graph, 1};
      for (const std::string& input : node.inputs) message.add_string(1, input);
      message.add_string(2, node.output);
      message.add_string(3, node.output);  // its name
      message.add_string(4, std::string{node.type});
      for (const OnnxNodes::Attribute& attribute : node.attributes) write_attribute(message, attribute);
    }
    graph.add_string(2, "net");
    for (const OnnxNodes::Array& array : nodes_.arrays) write_array(graph, array);
    for (const OnnxNodes::Input& input : nodes_.inputs)
      write_value(graph, 11, input.name, input.shape, input.rows ? int64s : floats);
    write_value(graph, 12, std::string{OnnxNodes::output_name}, nodes_.logits, floats);
  }
  static void write_attribute(protozero::pbf_writer& node, const OnnxNodes::Attribute& attribute) {
    protozero::pbf_writer message{node, 5};
    message.add_string(1, std::string{attribute.name});
    if (attribute.real) {
      message.add_float(2, attribute.number);
    } else if (attribute.list) {
      for (const std::int64_t i : attribute.integers) message.add_int64(8, i);
    } else {
      message.add_int64(3, attribute.integers[0]);
    }
    message.add_enum(20, attribute.real ? 1 : attribute.list ? 7 : 2);  // type: FLOAT, INTS or INT
  }
  static void write_array(protozero::pbf_writer& graph, const OnnxNodes::Array& array) {
    protozero::pbf_writer message{graph, 5};
    for (const std::int64_t extent : array.extents) message.add_int64(1, extent);
    const bool integers = array.numbers.empty();
    message.add_int32(2, integers ? int64s : floats);
    message.add_string(8, array.name);
    const auto bytes = integers ? std::as_bytes(std::span{array.integers}) : std::as_bytes(std::span{array.numbers});
    message.add_bytes(9, reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
  /// Batch x shape.
  static void write_value(protozero::pbf_writer& graph, protozero::pbf_tag_type tag, const std::string& name,
                          Shape shape, ElementType type) {
    protozero::pbf_writer value{graph, tag};
    value.add_string(1, name);
    protozero::pbf_writer of_type{value, 2}, tensor{of_type, 1};
    tensor.add_int32(1, type);
    protozero::pbf_writer extents{tensor, 2};
    protozero::pbf_writer{extents, 1}.add_string(2, "batch");
    for (int i = 0; i < shape.rank; ++i) protozero::pbf_writer{extents, 1}.add_int64(1, shape.extent[i]);
  }

  const OnnxNodes& nodes_;
};

}  // namespace detail

/// Writes the net, in place of what was there: see replace_file. Operators of version 13, floats, any batch size.
///
/// The output is `logits`, batch x outputs. The input of a net of numbers is `features`, batch x Net::input: images are
/// batch x height x width x channels. A net of Fields has an input for each field, in their order: integers (int64) for
/// rows, batch x the most that it can hold, -1 for one that is missing; floats for Numbers; and behind a weighted bag
/// `NAME_weights`, floats, which must be finite where the row is missing, too. Constants are called
/// by the parameters that they are, or were made of; tables have one row of zeros more than in the net.
/// \throws ValueError  where two inputs become one, a number isn't finite, there are 2 GiB of them or more, or the net
///                     was moved from
/// \throws FileError   where the file can't be written
template <class Net>
void write_onnx(const Net& net, const std::string& path) {
  const Graph graph = graph_of(net);
  const detail::OnnxNodes nodes{graph};
  std::size_t numbers = 0;
  for (const auto& array : nodes.arrays) numbers += array.numbers.size();
  constexpr std::size_t for_names_and_operators = std::size_t{1} << 20;
  if (numbers > detail::most_numbers - for_names_and_operators)
    throw ValueError("net", "less than 2 GiB of numbers", std::to_string(numbers) + " numbers");
  replace_file(path, detail::OnnxMessages{nodes}.model());
}

}  // namespace rocket
