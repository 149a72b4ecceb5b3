/// \file
/// The same work in libtorch (https://pytorch.org/cppdocs), eagerly and, for inference, as a graph of TorchScript.
#include <torch/csrc/jit/frontend/tracer.h>
#include <torch/csrc/jit/passes/frozen_graph_optimizations.h>
#include <torch/csrc/jit/passes/frozen_ops_to_mkldnn.h>
#include <torch/csrc/jit/runtime/graph_executor.h>
#include <torch/torch.h>
#include <torch/version.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "peer.hpp"

namespace peers {
namespace {
using torch::Tensor;

Tensor tensor_of(const std::vector<float>& numbers, const std::vector<std::int64_t>& shape) {
  const Tensor tensor = torch::empty(shape);
  if (tensor.numel() != static_cast<std::int64_t>(numbers.size()))
    throw std::runtime_error{"libtorch: an array has another size than Rocket's"};
  std::copy(numbers.begin(), numbers.end(), tensor.data_ptr<float>());
  return tensor;
}

/// How numbers lie in memory.
struct Layout {
  std::string name;
  torch::MemoryFormat images = torch::MemoryFormat::Contiguous;  ///< images and the weights of convolutions
  bool inputs_first = false;  ///< the weights of dense layers: inputs x outputs, not libtorch's outputs x inputs
};

/// Arrays by Rocket's names as tensors of libtorch's shapes; asked for twice, it's the same tensor.
class Tensors {
 public:
  Tensors(const Start& start, const Layout& layout) : start_{start}, layout_{layout} {}

  /// Window x window x inputs x outputs become outputs x inputs x window x window.
  Tensor convolution(const std::string& name, int in, int out, int window) {
    return made(name + ".weight", [&](const auto& numbers) {
      return tensor_of(numbers, {window, window, in, out}).permute({3, 2, 0, 1}).contiguous(layout_.images);
    });
  }
  /// Inputs x outputs become outputs x inputs.
  Tensor dense(const std::string& name, int in, int out) {
    return made(name + ".weight", [&](const auto& numbers) {
      const Tensor turned = tensor_of(numbers, {in, out}).t();
      return layout_.inputs_first ? turned : turned.contiguous();
    });
  }
  Tensor vector(const std::string& name, int size) {
    return made(name, [&](const auto& numbers) { return tensor_of(numbers, {size}); });
  }
  /// Those that are trained.
  std::vector<Tensor> parameters() const {
    std::vector<Tensor> found;
    for (const auto& [name, tensor] : tensors_)
      if (name.find(".running_") == std::string::npos) found.push_back(tensor);
    return found;
  }

 private:
  template <class Make>
  Tensor made(const std::string& name, const Make& make) {
    if (tensors_.count(name) == 0) tensors_[name] = make(start_.arrays.at(name));
    return tensors_[name];
  }

  const Start& start_;
  Layout layout_;
  std::map<std::string, Tensor> tensors_;
};

struct Norm {
  Norm(Tensors& from, const std::string& name, int size)
      : scale{from.vector(name + ".scale", size)},
        shift{from.vector(name + ".shift", size)},
        mean{from.vector(name + ".running_mean", size)},
        variance{from.vector(name + ".running_variance", size)} {}

  /// With the ReLU behind it.
  Tensor operator()(const Tensor& x, bool training) const {
    return torch::batch_norm(x, scale, shift, mean, variance, training, 0.1, 1e-5, false).relu_();
  }

  Tensor scale, shift, mean, variance;
};

struct Linear {
  Linear(Tensors& from, const std::string& name, int in, int out)
      : weight{from.dense(name, in, out)}, bias{from.vector(name + ".bias", out)} {}
  Tensor operator()(const Tensor& x) const { return torch::linear(x, weight, bias); }

  Tensor weight, bias;
};

Tensor convolve(const Tensor& x, const Tensor& weight, int stride = 1) {
  return torch::conv2d(x, weight, {}, stride, weight.size(2) / 2);
}

struct Block {
  /// \param name what both nets call its convolutions   \param role whose normalisation it has
  Block(Tensors& from, const std::string& role, const std::string& name, int in, int out)
      : norm0{from, role + '.' + name + ".bn0", in},
        norm1{from, role + '.' + name + ".bn1", out},
        weight0{from.convolution(name + ".conv0", in, out, 3)},
        weight1{from.convolution(name + ".conv1", out, out, 3)},
        stride{in == out ? 1 : 2} {
    if (in != out) shortcut = from.convolution(name + ".shortcut", in, out, 1);
  }
  Tensor operator()(const Tensor& x, bool training) const {
    const Tensor activated = norm0(x, training);
    const Tensor y = convolve(norm1(convolve(activated, weight0, stride), training), weight1);
    return y.add_(shortcut.defined() ? convolve(activated, shortcut, stride) : x);
  }

  Norm norm0, norm1;
  Tensor weight0, weight1, shortcut;
  int stride;
};

/// What stands behind the trunk: dense layers with ReLU between them; a wide residual net has blocks before.
struct Head {
  /// A wide residual net without its first convolution.
  Head(Tensors& from, const std::string& role, int depth) {
    int in = first_channels;
    for (int group = 0; group < groups; ++group)
      for (int block = 0; block < peers::blocks(depth); ++block) {
        const int out = first_channels << group;
        blocks.emplace_back(from, role, "group" + std::to_string(group) + '.' + std::to_string(block), in, out);
        in = out;
      }
    norm.emplace_back(from, role + ".bn", in);
    dense.emplace_back(from, role + ".classifier", in, image_classes);
  }
  template <std::size_t Count>
  Head(Tensors& from, const std::string& role, const std::array<int, Count>& widths) {
    for (std::size_t i = 0; i + 1 < Count; ++i)
      dense.emplace_back(from, role + '.' + std::to_string(2 * i), widths[i], widths[i + 1]);
  }
  Tensor operator()(Tensor x, bool training) const {
    for (const Block& block : blocks) x = block(x, training);
    for (const Norm& last : norm) x = last(x, training).mean({2, 3});
    for (std::size_t i = 0; i < dense.size(); ++i) x = i == 0 ? dense[i](x) : dense[i](x.relu_());
    return x;
  }

  std::vector<Block> blocks;
  std::vector<Norm> norm;  ///< one or none
  std::vector<Linear> dense;
};

/// Both nets of a pair, or one of them alone, and the batch.
struct Nets {
  Nets(const Work& work, const Start& start, const Layout& layout) : tensors{start, layout} {
    if (work.images) {
      first = tensors.convolution("trunk.conv0", channels, first_channels, 3);
      x = tensor_of(start.features, {work.batch, side, side, channels}).permute({0, 3, 1, 2}).contiguous(layout.images);
      heads.emplace_back(tensors, "light", light_depth);
      if (work.task == Task::pair_step) heads.emplace_back(tensors, "booster", booster_depth);
    } else {
      x = tensor_of(start.features, {work.batch, light_widths[0]});
      if (work.task != Task::booster_inference) heads.emplace_back(tensors, "light", light_widths);
      if (work.task == Task::pair_step || work.task == Task::booster_inference)
        heads.emplace_back(tensors, "booster", booster_widths);
    }
    labels = torch::tensor(start.labels, torch::kInt).to(torch::kLong);
  }
  std::vector<Tensor> trained() const {
    std::vector<Tensor> parameters = tensors.parameters();
    for (const Tensor& parameter : parameters) parameter.requires_grad_();
    return parameters;
  }
  std::size_t parameters() const {
    std::int64_t count = 0;
    for (const Tensor& parameter : tensors.parameters()) count += parameter.numel();
    return static_cast<std::size_t>(count);
  }
  /// What all heads read.
  Tensor trunk(const Tensor& from) const { return first.defined() ? convolve(from, first) : from; }
  /// The first net's logits for inference.
  Tensor logits(const Tensor& from) const { return heads[0](trunk(from), false); }

  Tensors tensors;
  Tensor first, x, labels;
  std::vector<Head> heads;
};

/// What becomes of a step's gradients: zeros, to which the next ones are added, or nothing, and those are made anew.
enum class Gradients { cleared, released };

/// Nets with their optimizer.
struct Training {
  Training(const Work& work, const Start& start, const Layout& layout, Gradients old_ones, double rate)
      : nets{work, start, layout}, old{old_ones}, optimizer{nets.trained(), options(work, rate)} {}

  static torch::optim::SGDOptions options(const Work& work, double rate) {
    const Descent& descent = work.images ? image_descent : dense_descent;
    return torch::optim::SGDOptions(rate)
        .momentum(descent.momentum)
        .weight_decay(descent.weight_decay)
        .nesterov(descent.nesterov);
  }

  /// One step; the losses: light, booster, hint.
  std::vector<Tensor> step() {
    forget_gradients();
    const Tensor trunk = nets.trunk(nets.x), light = nets.heads[0](trunk, true);
    std::vector<Tensor> losses{torch::cross_entropy_loss(light, nets.labels)};
    Tensor sum = losses[0];
    if (nets.heads.size() == 2) {
      const Tensor booster = nets.heads[1](trunk, true);
      losses.push_back(torch::cross_entropy_loss(booster, nets.labels));
      losses.push_back((light - booster.detach()).pow(2).sum(1).mean());  // the hint moves the light net alone
      sum = losses[0] + losses[1] + hint_weight * losses[2];
    }
    sum.backward();
    optimizer.step();
    return losses;
  }

  /// Those of the step before.
  void forget_gradients() {
    if (old == Gradients::cleared) return optimizer.zero_grad();
    for (const torch::optim::OptimizerParamGroup& group : optimizer.param_groups())
      for (const Tensor& parameter : group.params()) parameter.mutable_grad() = Tensor{};
  }

  Nets nets;
  Gradients old;
  torch::optim::SGD optimizer;
};

std::vector<float> numbers_of(const Tensor& tensor) {
  const Tensor flat = tensor.to(torch::kFloat).contiguous();
  return {flat.data_ptr<float>(), flat.data_ptr<float>() + flat.numel()};
}

Candidate step(const Work& work, const Start& start, const Layout& layout, Gradients old) {
  const auto training = std::make_shared<Training>(work, start, layout, old, timed_rate);
  return {layout.name + (old == Gradients::cleared ? ", gradients cleared" : ", gradients released"),
          training->nets.parameters(), [=] { training->step(); },
          [=, &start] {
            Training checked{work, start, layout, old, checked_rate};
            std::vector<float> values;
            for (int s = 0; s < checked_steps; ++s)
              for (const Tensor& loss : checked.step()) values.push_back(loss.item<float>());
            return values;
          }};
}

Candidate eager(const Work& work, const Start& start, const Layout& layout) {
  const auto nets = std::make_shared<Nets>(work, start, layout);
  const auto logits = [=] {
    const torch::InferenceMode without_gradients;
    return nets->logits(nets->x);
  };
  return {layout.name, nets->parameters(), [=] { logits(); }, [=] { return numbers_of(logits()); }};
}

/// The net traced once, its weights constants of the graph, batch normalisation folded into convolutions where
/// possible.
Candidate frozen(const Work& work, const Start& start, const Layout& layout, bool to_mkldnn) {
  const auto nets = std::make_shared<Nets>(work, start, layout);
  const torch::NoGradGuard without_gradients;
  const auto traced = torch::jit::tracer::trace(
      {nets->x}, [&](torch::jit::Stack inputs) -> torch::jit::Stack { return {nets->logits(inputs[0].toTensor())}; },
      [](const torch::autograd::Variable&) { return std::string{}; });
  std::shared_ptr<torch::jit::Graph> graph = traced.first->graph;
  torch::jit::OptimizeFrozenGraph(graph, true);
  if (to_mkldnn) torch::jit::ConvertFrozenOpsToMKLDNN(graph);
  const auto executor = std::make_shared<torch::jit::GraphExecutor>(graph, "logits");
  const auto logits = [=] {
    const torch::InferenceMode inference;
    torch::jit::Stack stack{nets->x};
    executor->run(stack);
    return stack[0].toTensor();
  };
  return {layout.name + (to_mkldnn ? ", frozen graph for oneDNN" : ", frozen graph"), nets->parameters(),
          [=] { logits(); }, [=] { return numbers_of(logits()); }};
}

const std::vector<Layout> image_layouts{{"contiguous"}, {"channels-last", torch::MemoryFormat::ChannelsLast}};
const std::vector<Layout> dense_layouts{{"outputs x inputs"},
                                        {"inputs x outputs", torch::MemoryFormat::Contiguous, true}};

class Libtorch : public Peer {
 public:
  std::string name() const override { return "libtorch"; }
  std::string version() const override { return TORCH_VERSION; }

  std::vector<Candidate> candidates(const Work& work, int threads, const Start& start) override {
    at::set_num_threads(threads);
    std::vector<Candidate> made;
    for (const Layout& layout : work.images ? image_layouts : dense_layouts) {
      if (work.task == Task::pair_step || work.task == Task::light_step)
        for (const Gradients old : {Gradients::cleared, Gradients::released})
          made.push_back(step(work, start, layout, old));
      if (!is_inference(work.task)) continue;
      made.push_back(eager(work, start, layout));
      made.push_back(frozen(work, start, layout, false));
      made.push_back(frozen(work, start, layout, true));
    }
    return made;
  }
};

}  // namespace

std::unique_ptr<Peer> libtorch() { return std::make_unique<Libtorch>(); }

}  // namespace peers
