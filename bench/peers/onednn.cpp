/// \file
/// The same work in oneDNN (https://oneapi-src.github.io/oneDNN): single layers, and the dense light net as three of
/// them. Every array has the format that oneDNN asks for; turning ours into it is not timed.
#include <algorithm>
#include <cstddef>
#include <memory>
#include <oneapi/dnnl/dnnl.hpp>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "peer.hpp"

namespace peers {
namespace {
using dnnl::memory;
using Tag = memory::format_tag;
using Dims = memory::dims;

memory::desc any(const Dims& dims) { return {dims, memory::data_type::f32, Tag::any}; }
memory::desc as(const Dims& dims, Tag tag) { return {dims, memory::data_type::f32, tag}; }

std::size_t count(const Dims& dims) {
  std::size_t product = 1;
  for (const auto extent : dims) product *= static_cast<std::size_t>(extent);
  return product;
}

/// Where it computes, and how numbers get there and back.
struct Machine {
  dnnl::engine engine{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream{engine};

  /// Our numbers, laid out as the primitive wants them.
  memory given(std::vector<float> numbers, const Dims& dims, Tag tag, const memory::desc& wanted) {
    memory ours{as(dims, tag), engine, numbers.data()};
    memory theirs{wanted, engine};
    dnnl::reorder{ours, theirs}.execute(stream, ours, theirs);
    stream.wait();
    return theirs;
  }
  /// The first `wanted` numbers in our layout.
  std::vector<float> taken(memory theirs, const Dims& dims, Tag tag, std::size_t wanted) {
    std::vector<float> numbers(count(dims));
    memory ours{as(dims, tag), engine, numbers.data()};
    dnnl::reorder{theirs, ours}.execute(stream, theirs, ours);
    stream.wait();
    numbers.resize(wanted);
    return numbers;
  }
};

/// Primitives with their arguments, one after the other.
struct Program {
  Machine machine;
  std::vector<std::pair<dnnl::primitive, std::unordered_map<int, memory>>> steps;

  void run() {
    for (const auto& [primitive, arguments] : steps) primitive.execute(machine.stream, arguments);
    machine.stream.wait();
  }
};

/// A layer's shapes and layouts.
struct Layer {
  Dims x, weight, y;
  Tag x_tag, weight_tag, y_tag;
  std::size_t x_sample;  ///< numbers of one sample of x
};
Layer layer_of(const Work& work) {
  if (work.images) {
    const Convolution& c = convolutions[work.layer];
    return {{work.batch, c.inputs, c.side, c.side},
            {c.outputs, c.inputs, c.window, c.window},
            {work.batch, c.outputs, c.out_side(), c.out_side()},
            Tag::nhwc,
            Tag::hwio,
            Tag::nhwc,
            static_cast<std::size_t>(c.side * c.side * c.inputs)};
  }
  const Product& p = products[work.layer];
  return {{work.batch, p.inputs},
          {p.outputs, p.inputs},
          {work.batch, p.outputs},
          Tag::nc,
          Tag::io,
          Tag::nc,
          static_cast<std::size_t>(p.inputs)};
}

/// How the passes of a layer are asked for in oneDNN: those of a convolution.
struct ConvolutionPasses {
  using Forward = dnnl::convolution_forward;
  using BackwardWeights = dnnl::convolution_backward_weights;
  using BackwardData = dnnl::convolution_backward_data;

  ConvolutionPasses(const Work& work, dnnl::algorithm by) : algorithm{by} {
    const Convolution& c = convolutions[work.layer];
    const int before = c.window / 2, after = (c.out_side() - 1) * c.stride + c.window - c.side - before;
    strides = {c.stride, c.stride};
    padding_before = {before, before};
    padding_after = {after, after};
  }
  Forward::desc forward(dnnl::prop_kind kind, const Layer& l) const {
    return {kind, algorithm, any(l.x), any(l.weight), any(l.y), strides, padding_before, padding_after};
  }
  BackwardWeights::desc backward_weights(const Layer& l) const {
    return {algorithm, any(l.x), any(l.weight), any(l.y), strides, padding_before, padding_after};
  }
  BackwardData::desc backward_data(const Layer& l) const {
    return {algorithm, any(l.x), any(l.weight), any(l.y), strides, padding_before, padding_after};
  }

  dnnl::algorithm algorithm;
  Dims strides, padding_before, padding_after;
};

/// The same of a dense layer.
struct DensePasses {
  using Forward = dnnl::inner_product_forward;
  using BackwardWeights = dnnl::inner_product_backward_weights;
  using BackwardData = dnnl::inner_product_backward_data;

  Forward::desc forward(dnnl::prop_kind kind, const Layer& l) const {
    return {kind, any(l.x), any(l.weight), any(l.y)};
  }
  BackwardWeights::desc backward_weights(const Layer& l) const { return {any(l.x), any(l.weight), any(l.y)}; }
  BackwardData::desc backward_data(const Layer& l) const { return {any(l.x), any(l.weight), any(l.y)}; }
};

template <class Passes>
Candidate forward(const Work& work, const Start& start, const std::string& setting, const Passes& passes) {
  using Forward = typename Passes::Forward;
  const Layer layer = layer_of(work);
  const auto program = std::make_shared<Program>();
  Machine& machine = program->machine;
  const typename Forward::primitive_desc chosen{passes.forward(dnnl::prop_kind::forward_inference, layer),
                                                machine.engine};
  const memory y{chosen.dst_desc(), machine.engine};
  program->steps.push_back({Forward{chosen},
                            {{DNNL_ARG_SRC, machine.given(start.features, layer.x, layer.x_tag, chosen.src_desc())},
                             {DNNL_ARG_WEIGHTS, machine.given(start.arrays.at("weight"), layer.weight, layer.weight_tag,
                                                              chosen.weights_desc())},
                             {DNNL_ARG_DST, y}}});
  return {setting, count(layer.weight), [=] { program->run(); },
          [=] {
            program->run();
            return program->machine.taken(y, layer.y, layer.y_tag, count(layer.y));
          }};
}

template <class Passes>
Candidate backward(const Work& work, const Start& start, const std::string& setting, const Passes& passes) {
  const Layer layer = layer_of(work);
  const auto program = std::make_shared<Program>();
  Machine& machine = program->machine;
  const typename Passes::Forward::primitive_desc hint{passes.forward(dnnl::prop_kind::forward_training, layer),
                                                      machine.engine};
  const typename Passes::BackwardWeights::primitive_desc of_weights{passes.backward_weights(layer), machine.engine,
                                                                    hint};
  const typename Passes::BackwardData::primitive_desc of_data{passes.backward_data(layer), machine.engine, hint};
  const auto dy = [&](const memory::desc& wanted) {
    return machine.given(start.arrays.at("output_gradient"), layer.y, layer.y_tag, wanted);
  };
  const memory dweight{of_weights.diff_weights_desc(), machine.engine}, dx{of_data.diff_src_desc(), machine.engine};
  program->steps.push_back({typename Passes::BackwardWeights{of_weights},
                            {{DNNL_ARG_SRC, machine.given(start.features, layer.x, layer.x_tag, of_weights.src_desc())},
                             {DNNL_ARG_DIFF_DST, dy(of_weights.diff_dst_desc())},
                             {DNNL_ARG_DIFF_WEIGHTS, dweight}}});
  program->steps.push_back({typename Passes::BackwardData{of_data},
                            {{DNNL_ARG_WEIGHTS, machine.given(start.arrays.at("weight"), layer.weight, layer.weight_tag,
                                                              of_data.weights_desc())},
                             {DNNL_ARG_DIFF_DST, dy(of_data.diff_dst_desc())},
                             {DNNL_ARG_DIFF_SRC, dx}}});
  return {setting, count(layer.weight), [=] { program->run(); },
          [=] {
            program->run();
            Machine& m = program->machine;
            std::vector<float> values = m.taken(dweight, layer.weight, layer.weight_tag, count(layer.weight));
            const std::vector<float> first = m.taken(dx, layer.x, layer.x_tag, layer.x_sample);
            values.insert(values.end(), first.begin(), first.end());
            return values;
          }};
}

/// A dense net: bias and ReLU done with the product.
Candidate dense_net(const Work& work, const Start& start) {
  const auto program = std::make_shared<Program>();
  Machine& machine = program->machine;
  const DenseChain chain = dense_chain(work.task);
  std::size_t parameters = 0;
  memory at;
  for (std::size_t i = 0; i < chain.layers(); ++i) {
    const int in = chain.widths[i], out = chain.widths[i + 1];
    const Dims x{work.batch, in}, weight{out, in}, bias{out}, y{work.batch, out};
    const std::string name = chain.name(i);
    dnnl::primitive_attr relu_behind;
    if (i + 1 < chain.layers()) {
      dnnl::post_ops relu;
      relu.append_eltwise(1, dnnl::algorithm::eltwise_relu, 0, 0);
      relu_behind.set_post_ops(relu);
    }
    const dnnl::inner_product_forward::primitive_desc chosen{
        {dnnl::prop_kind::forward_inference, as(x, Tag::nc), any(weight), any(bias), as(y, Tag::nc)},
        relu_behind,
        machine.engine};
    if (i == 0) at = machine.given(start.features, x, Tag::nc, chosen.src_desc());
    const memory result{chosen.dst_desc(), machine.engine};
    program->steps.push_back(
        {dnnl::inner_product_forward{chosen},
         {{DNNL_ARG_SRC, at},
          {DNNL_ARG_WEIGHTS, machine.given(start.arrays.at(name + ".weight"), weight, Tag::io, chosen.weights_desc())},
          {DNNL_ARG_BIAS, machine.given(start.arrays.at(name + ".bias"), bias, Tag::x, chosen.bias_desc())},
          {DNNL_ARG_DST, result}}});
    parameters += count(weight) + count(bias);
    at = result;
  }
  const int outputs = chain.widths.back();
  return {"", parameters, [=] { program->run(); },
          [=] {
            program->run();
            const Dims y{work.batch, outputs};
            return program->machine.taken(at, y, Tag::nc, count(y));
          }};
}

class OneDnn : public Peer {
 public:
  std::string name() const override { return "oneDNN"; }
  std::string version() const override {
    const dnnl_version_t* version = dnnl::version();
    return std::to_string(version->major) + '.' + std::to_string(version->minor) + '.' + std::to_string(version->patch);
  }

  /// Its threads come from OpenMP.
  std::vector<Candidate> candidates(const Work& work, int, const Start& start) override {
    const std::pair<const char*, dnnl::algorithm> algorithms[] = {{"direct", dnnl::algorithm::convolution_direct},
                                                                  {"auto", dnnl::algorithm::convolution_auto}};
    std::vector<Candidate> made;
    switch (work.task) {
      case Task::convolution_forward:
        for (const auto& [name, by] : algorithms)
          made.push_back(forward(work, start, name, ConvolutionPasses{work, by}));
        break;
      case Task::convolution_backward:
        for (const auto& [name, by] : algorithms)
          made.push_back(backward(work, start, name, ConvolutionPasses{work, by}));
        break;
      case Task::product_forward:
        made.push_back(forward(work, start, "", DensePasses{}));
        break;
      case Task::product_backward:
        made.push_back(backward(work, start, "", DensePasses{}));
        break;
      case Task::light_inference:
      case Task::booster_inference:
        if (!work.images) made.push_back(dense_net(work, start));
        break;
      default:
        break;
    }
    return made;
  }
};

}  // namespace

std::unique_ptr<Peer> onednn() { return std::make_unique<OneDnn>(); }

}  // namespace peers
