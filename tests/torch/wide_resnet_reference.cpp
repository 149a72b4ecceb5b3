// The paper's pair of wide residual nets, written from the paper with libtorch and nothing of Rocket: what Rocket's
// nets are held against. Interval sharing: WRN-16-1 is the light net, WRN-40-1 the booster; conv0 is shared with its
// activation, the convolutions of the first two blocks of each group by their weights, every BatchNorm is private.
//
// Zhou, Fan, Cui, Bian, Zhu, Gai. Rocket Launching: A Universal and Efficient Framework for Training Well-performing
// Light Net. AAAI 2018, arXiv 1708.04106. Blocks: Zagoruyko, Komodakis. Wide Residual Networks. BMVC 2016.
//
//     wide_resnet_reference [--write FILE] [--compare FILE] [--dump FILE] [--check] [--float]

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <fstream>
#include <iostream>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <torch/autograd.h>
#include <torch/types.h>

#include "support/golden_file.hpp"
#include "support/golden_numbers.hpp"

namespace {

using torch::Tensor;

constexpr int width = 16, light_blocks = 2, booster_blocks = 6;  // (depth - 4) / 6 blocks in each of three groups
constexpr int side = 32, channels = 3;
constexpr double momentum = 0.1, epsilon = 1e-5;

struct Array {
  std::string name;
  std::vector<std::int64_t> shape;
  std::int64_t size() const {
    std::int64_t product = 1;
    for (const std::int64_t extent : shape) product *= extent;
    return product;
  }
  // Numbers that one output sums: the last axis is that of the outputs.
  int fan_in() const { return static_cast<int>(size() / shape.back()); }
};

std::string block_name(int group, int block) { return "group" + std::to_string(group) + '.' + std::to_string(block); }

// What the pair is made of, in the order of its layers. Arrays have Rocket's layout: convolutions (height, width,
// inputs, outputs), dense weights (inputs, outputs).
struct Structure {
  std::vector<Array> parameters, statistics;

  Structure() {
    convolution("trunk.conv0", 3, channels, width);
    for (int group = 0; group < 3; ++group) {
      const int out = width << group;
      for (int block = 0; block < booster_blocks; ++block) {  // the light net's are among them
        const std::string name = block_name(group, block);
        const int in = block == 0 && group > 0 ? out / 2 : out;
        convolution(name + ".conv0", 3, in, out);
        convolution(name + ".conv1", 3, out, out);
        if (in != out) convolution(name + ".shortcut", 1, in, out);
      }
    }
    head("light", light_blocks);
    head("booster", booster_blocks);
  }

 private:
  void convolution(const std::string& name, int window, int in, int out) {
    parameters.push_back({name + ".weight", {window, window, in, out}});
  }
  void batch_norm(const std::string& name, int size) {
    parameters.push_back({name + ".scale", {size}});
    parameters.push_back({name + ".shift", {size}});
    statistics.push_back({name + ".running_mean", {size}});
    statistics.push_back({name + ".running_variance", {size}});
  }
  // What is private to a net.
  void head(const std::string& role, int blocks) {
    for (int group = 0; group < 3; ++group)
      for (int block = 0; block < blocks; ++block) {
        const std::string name = role + '.' + block_name(group, block);
        const int out = width << group;
        batch_norm(name + ".bn0", block == 0 && group > 0 ? out / 2 : out);
        batch_norm(name + ".bn1", out);
      }
    batch_norm(role + ".bn", 4 * width);
    parameters.push_back({role + ".classifier.weight", {4 * width, golden::classes}});
    parameters.push_back({role + ".classifier.bias", {golden::classes}});
  }
};

struct PairLogits {
  Tensor light, booster;  // batch x classes
};

class Pair {
 public:
  explicit Pair(torch::Dtype type) {
    for (const Array& array : structure.parameters) tensors_[array.name] = filled(array, type).requires_grad_();
    for (const Array& array : structure.statistics) tensors_[array.name] = filled(array, type);
  }

  const Structure structure;

  Tensor& operator[](const std::string& name) { return tensors_.at(name); }

  // Both nets on NHWC images. In training BatchNorm normalises by the batch and moves the running statistics.
  PairLogits forward(const Tensor& images, bool training) {
    const Tensor trunk = convolve(images.permute({0, 3, 1, 2}), "trunk.conv0.weight", 1);
    return {net("light", light_blocks, trunk, training), net("booster", booster_blocks, trunk, training)};
  }

 private:
  static Tensor filled(const Array& array, torch::Dtype type) {
    const Tensor made = torch::empty(array.shape, torch::kFloat);
    for (std::int64_t i = 0; i < array.size(); ++i)
      made.data_ptr<float>()[i] = golden::number(array.name, array.fan_in(), static_cast<std::size_t>(i));
    return made.to(type);
  }

  // Padded so that stride 1 keeps the size.
  Tensor convolve(const Tensor& x, const std::string& name, int stride) {
    const Tensor weight = tensors_.at(name).permute({3, 2, 0, 1});
    return torch::conv2d(x, weight, {}, stride, weight.size(2) / 2);
  }
  Tensor norm_relu(const Tensor& x, const std::string& name, bool training) {
    return torch::relu(torch::batch_norm(x, tensors_.at(name + ".scale"), tensors_.at(name + ".shift"),
                                         tensors_.at(name + ".running_mean"), tensors_.at(name + ".running_variance"),
                                         training, momentum, epsilon, false));
  }
  // BN, ReLU, convolution, BN, ReLU, convolution, plus the input: itself, or where the channel count changes a 1x1
  // convolution of the pre-activated input.
  Tensor block(const std::string& role, int group, int index, const Tensor& x, bool training) {
    const std::string name = block_name(group, index), own = role + '.' + name;
    const bool grows = index == 0 && group > 0;
    const int stride = grows ? 2 : 1;
    const Tensor active = norm_relu(x, own + ".bn0", training);
    const Tensor inner = norm_relu(convolve(active, name + ".conv0.weight", stride), own + ".bn1", training);
    return convolve(inner, name + ".conv1.weight", 1) +
           (grows ? convolve(active, name + ".shortcut.weight", stride) : x);
  }
  Tensor net(const std::string& role, int blocks, Tensor x, bool training) {
    for (int group = 0; group < 3; ++group)
      for (int index = 0; index < blocks; ++index) x = block(role, group, index, x, training);
    const Tensor pooled = norm_relu(x, role + ".bn", training).mean({2, 3});
    return torch::matmul(pooled, tensors_.at(role + ".classifier.weight")) + tensors_.at(role + ".classifier.bias");
  }

  std::map<std::string, Tensor> tensors_;
};

struct Batch {
  Tensor images, labels;

  explicit Batch(torch::Dtype type)
      : images{torch::empty({golden::batch, side, side, channels}, torch::kFloat)},
        labels{torch::empty({golden::batch}, torch::kLong)} {
    for (std::int64_t i = 0; i < images.numel(); ++i)
      images.data_ptr<float>()[i] = golden::pixel(static_cast<std::size_t>(i));
    for (std::int64_t i = 0; i < golden::batch; ++i)
      labels.data_ptr<std::int64_t>()[i] = golden::label(static_cast<std::size_t>(i));
    images = images.to(type);
  }
};

// The terms of the loss, each a mean over the batch and before its weight.
struct Losses {
  Tensor light, booster, hint;
  Tensor sum() const { return light + booster + golden::hint_weight * hint; }
};
Tensor cross_entropy(const Tensor& logits, const Tensor& labels) {
  return -torch::log_softmax(logits, 1).gather(1, labels.unsqueeze(1)).mean();
}
// The hint pulls the light net to `target`.
Losses losses(const PairLogits& logits, const Tensor& target, const Tensor& labels) {
  return {cross_entropy(logits.light, labels), cross_entropy(logits.booster, labels),
          (logits.light - target).pow(2).sum(1).mean()};
}

std::vector<double> numbers(const Tensor& tensor) {
  const Tensor flat = tensor.detach().to(torch::kDouble).contiguous();
  return {flat.data_ptr<double>(), flat.data_ptr<double>() + flat.numel()};
}

// One thing that was computed. Arrays stand in the golden file by their pin.
struct Result {
  golden::Key key;
  std::vector<double> numbers;
  bool array = false;

  std::vector<double> written() const {
    if (!array) return numbers;
    const golden::Pin pin = golden::pin(key.name, numbers);
    return {pin.begin(), pin.end()};
  }
};

std::vector<Result> compute(torch::Dtype type) {
  std::vector<Result> results;
  const Structure structure;
  for (const auto& [quantity, arrays] :
       {std::pair{"parameter", structure.parameters}, {"statistic", structure.statistics}})
    for (const Array& array : arrays)
      results.push_back(
          {{"net", quantity, array.name}, {static_cast<double>(array.size()), static_cast<double>(array.fan_in())}});
  const Batch batch{type};
  for (const bool training : {true, false}) {
    const std::string mode = training ? "training" : "evaluation";
    for (const bool block : {true, false}) {
      Pair pair{type};
      const PairLogits logits = pair.forward(batch.images, training);
      const Losses loss = losses(logits, block ? logits.booster.detach() : logits.booster, batch.labels);
      if (block) {  // which forward doesn't know of
        results.push_back({{mode, "loss", "light"}, numbers(loss.light)});
        results.push_back({{mode, "loss", "booster"}, numbers(loss.booster)});
        results.push_back({{mode, "loss", "hint"}, numbers(loss.hint)});
        results.push_back({{mode, "logits", "light"}, numbers(logits.light)});
        results.push_back({{mode, "logits", "booster"}, numbers(logits.booster)});
        if (training)
          for (const Array& array : structure.statistics)
            results.push_back({{mode, "statistic", array.name}, numbers(pair[array.name]), true});
      }
      loss.sum().backward();
      for (const Array& array : structure.parameters)
        results.push_back({{mode + (block ? ".block" : ".no_block"), "gradient", array.name},
                           numbers(pair[array.name].grad()),
                           true});
    }
  }
  return results;
}

// Twelve digits: another compiler or BLAS changes the last four or so of double.
void write(const std::vector<Result>& results, std::ostream& to) {
  to << "# What tests/torch/wide_resnet_reference.cpp computes of WRN-16-1 and WRN-40-1 with interval sharing, in "
        "double;"
        " written by it.\n"
        "# net parameter|statistic ARRAY: numbers, fan-in. MODE loss ROLE: a mean over the batch, before its weight.\n"
        "# MODE logits ROLE: batch x classes. Else Euclidean norm and three projections "
        "(tests/support/golden_file.hpp)\n"
        "# of running statistics after one step, and of gradients with the hint's gradient block on the booster's "
        "logits"
        " or without.\n";
  for (const Result& result : results) {
    to << result.key.text();
    for (const double number : result.written()) {
      char text[32];
      std::snprintf(text, sizeof text, " %.12g", number);
      to << text;
    }
    to << '\n';
  }
}
void write(const std::vector<Result>& results, const std::string& path) {
  std::ofstream file{path};
  write(results, file);
  if (!file.flush()) throw std::runtime_error(path + ": cannot be written");
}

// Every array in full: for each a line "configuration quantity name count", then that many doubles as they lie in
// memory.
void dump(const std::vector<Result>& results, const std::string& path) {
  std::ofstream file{path, std::ios::binary};
  for (const Result& result : results) {
    file << result.key.text() << ' ' << result.numbers.size() << '\n';
    file.write(reinterpret_cast<const char*>(result.numbers.data()),
               static_cast<std::streamsize>(result.numbers.size() * sizeof(double)));
  }
  if (!file.flush()) throw std::runtime_error(path + ": cannot be written");
}

bool compare(const std::vector<Result>& results, const std::string& path) {
  const golden::File file{path};
  bool same = file.keys().size() == results.size();
  if (!same) std::cout << path << ": has " << file.keys().size() << " lines, not " << results.size() << '\n';
  for (const Result& result : results) {
    const std::string difference = result.array ? file.array_difference(result.key, result.numbers, 1e-9)
                                                : file.difference(result.key, result.numbers, 1e-9);
    if (difference.empty()) continue;
    std::cout << difference << '\n';
    same = false;
  }
  return same;
}

double relative_error(const std::vector<double>& a, const std::vector<double>& b) {
  double difference = 0, size = 0;
  for (std::size_t i = 0; i < b.size(); ++i) {
    difference += (a[i] - b[i]) * (a[i] - b[i]);
    size += b[i] * b[i];
  }
  return std::sqrt(difference / size);
}

// How far the same computation in float is from that in double: what a net in float can be asked for.
void compare_float(const std::vector<Result>& results) {
  const std::vector<Result> rounded = compute(torch::kFloat);
  std::map<std::string, std::pair<double, std::string>> worst;
  for (std::size_t i = 0; i < results.size(); ++i) {
    const double error = relative_error(rounded[i].numbers, results[i].numbers);
    auto& [most, name] = worst[results[i].key.configuration + ' ' + results[i].key.quantity];
    if (error >= most) most = error, name = results[i].key.name;
  }
  for (const auto& [what, entry] : worst)
    std::cout << what << ": float is off by " << entry.first << " of the norm at most, at " << entry.second << '\n';
}

bool expect(const std::string& what, double expected, double found, double tolerance = 0) {
  const bool right = std::abs(expected - found) <= tolerance * std::abs(expected);
  std::cout << (right ? "right: " : "WRONG: ") << what << ": expected " << expected << ", found " << found << '\n';
  return right;
}

// The paper's parameter counts, and gradients against central differences of the loss.
bool check() {
  bool right = true;
  const Structure structure;
  std::int64_t joint = 0, light = 0, booster = 0;
  for (const Array& array : structure.parameters) {
    const auto is = [&](const std::string& start) { return array.name.rfind(start, 0) == 0; };
    const bool of_light = is("light.");
    bool in_light = of_light || is("trunk.");
    for (int group = 0; group < 3; ++group)
      for (int block = 0; block < light_blocks; ++block) in_light |= is(block_name(group, block) + '.');
    joint += array.size();
    if (in_light) light += array.size();
    if (!of_light) booster += array.size();
  }
  std::cout.precision(9);
  right &= expect("parameters of the pair", 565508, static_cast<double>(joint));
  right &= expect("parameters of the light net", 175066, static_cast<double>(light));
  right &= expect("parameters of the booster", 563930, static_cast<double>(booster));

  const Batch batch{torch::kDouble};
  for (const bool training : {true, false})
    for (const bool block : {true, false}) {
      Pair pair{torch::kDouble};
      const PairLogits start = pair.forward(batch.images, training);
      const Tensor fixed = start.booster.detach();
      losses(start, block ? fixed : start.booster, batch.labels).sum().backward();
      for (const std::string name :
           {"trunk.conv0.weight", "group0.1.conv1.weight", "group1.0.shortcut.weight", "group2.0.conv0.weight",
            "group2.4.conv1.weight", "light.group1.0.bn0.scale", "light.bn.shift", "booster.group0.3.bn1.shift",
            "booster.group2.0.bn0.scale", "light.classifier.weight", "booster.classifier.bias"}) {
        // Along the gradient's own direction the difference is largest, and all numbers of the array take part. The
        // step is small because among millions of ReLUs some are near their kink.
        Tensor& parameter = pair[name];
        const Tensor gradient = parameter.grad(), middle = parameter.detach().clone();
        const double size = gradient.norm().item<double>(), step = 1e-8;
        const auto loss_at = [&](double distance) {
          const torch::NoGradGuard guard;
          parameter.copy_(middle + distance / size * gradient);
          const PairLogits logits = pair.forward(batch.images, training);
          parameter.copy_(middle);
          return losses(logits, block ? fixed : logits.booster, batch.labels).sum().item<double>();
        };
        const double difference = (loss_at(step) - loss_at(-step)) / (2 * step);
        right &= expect(std::string{training ? "training" : "evaluation"} + (block ? ".block " : ".no_block ") + name,
                        difference, size, 2e-5);
      }
    }
  return right;
}

}  // namespace

int main(int count, char** arguments) try {
  const std::vector<std::string> options{arguments + 1, arguments + count};
  const auto usage = [] {
    std::cerr << "usage: wide_resnet_reference [--write FILE] [--compare FILE] [--dump FILE] [--check] [--float]\n"
                 "  --write    the golden file\n"
                 "  --compare  everything with that golden file, to 1e-9 of each array's norm\n"
                 "  --dump     every array in full\n"
                 "  --check    parameter counts, and gradients against differences\n"
                 "  --float    how far float is from double\n";
    return 2;
  };
  if (options.empty()) return usage();
  const std::vector<Result> results = compute(torch::kDouble);
  bool right = true;
  for (std::size_t i = 0; i < options.size(); ++i) {
    const std::string& option = options[i];
    if (option == "--check") {
      right &= check();
    } else if (option == "--float") {
      compare_float(results);
    } else if (i + 1 == options.size()) {
      return usage();
    } else if (option == "--write") {
      write(results, options[++i]);
    } else if (option == "--dump") {
      dump(results, options[++i]);
    } else if (option == "--compare") {
      right &= compare(results, options[++i]);
    } else {
      return usage();
    }
  }
  return right ? 0 : 1;
} catch (const std::exception& error) {
  std::cerr << "wide_resnet_reference: " << error.what() << '\n';
  return 2;
}
