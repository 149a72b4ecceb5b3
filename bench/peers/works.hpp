/// \file
/// What is compared: every work with its nets, shapes and amounts, stated once for all sides of this comparison. (The
/// pair's convolutions stand in bench/convolution.cpp, too, among others: that bench compares with nobody.) C++17, as
/// one of the peers can't be read as anything later.
#pragma once
#include <array>
#include <cstddef>
#include <string>
#include <vector>

namespace peers {

// The wide residual pair (Zhou et al. 2018): WRN-16-1 and WRN-40-1 on images of 32 x 32 x 3, interval sharing.
inline constexpr int side = 32, channels = 3, image_classes = 10;
inline constexpr int first_channels = 16, groups = 3;  ///< a group has twice the channels of the one before
inline constexpr int light_depth = 16, booster_depth = 40;

/// Blocks in a group of a wide residual net of that depth.
constexpr int blocks(int depth) { return (depth - 4) / 6; }

// The dense pair: numbers of features, layer by layer, with ReLU between them. Nothing is shared but the input.
inline constexpr std::array light_widths{576, 200, 80, 2};
inline constexpr std::array booster_widths{576, 720, 360, 240, 180, 90, 2};
/// How many of what might be shown to a user are scored in one call.
inline constexpr std::array serving_candidates{1, 100, 500};

/// Stochastic gradient descent as a work wants it.
struct Descent {
  double momentum, weight_decay;
  bool nesterov;
};
inline constexpr Descent image_descent{0.9, 5e-4, true}, dense_descent{0.9, 0, false};
/// Of the logits' squared distance: a sum over classes, a mean over samples.
inline constexpr double hint_weight = 0.03;

/// A convolution of the pair on its square images: `window` x `window`, padded so that stride 1 keeps the size.
struct Convolution {
  int side, inputs, outputs, window, stride;
  constexpr int out_side() const { return side / stride; }
};
/// Every one of them, in the order of the nets.
inline constexpr std::array convolutions{Convolution{32, 3, 16, 3, 1},  Convolution{32, 16, 16, 3, 1},
                                         Convolution{32, 16, 32, 3, 2}, Convolution{32, 16, 32, 1, 2},
                                         Convolution{16, 32, 32, 3, 1}, Convolution{16, 32, 64, 3, 2},
                                         Convolution{16, 32, 64, 1, 2}, Convolution{8, 64, 64, 3, 1}};

/// A dense layer without bias.
struct Product {
  int inputs, outputs;
};
/// Two of the booster's.
inline constexpr std::array products{Product{576, 720}, Product{360, 240}};

/// What kind of work it is.
enum class Task {
  pair_step,             ///< forward, losses, backward and update of light and booster net together
  light_step,            ///< the same of the light net alone
  light_inference,       ///< logits of the light net
  booster_inference,     ///< logits of the booster alone
  convolution_forward,   ///< one layer on a batch
  convolution_backward,  ///< its two gradients: of the weight (summed over the batch), and of the input
  product_forward,
  product_backward
};

/// Logits alone.
constexpr bool is_inference(Task task) { return task == Task::light_inference || task == Task::booster_inference; }

/// The dense net that a task wants the logits of, for those who put it together layer by layer.
struct DenseChain {
  std::string role;         ///< what its arrays' names begin with
  std::vector<int> widths;  ///< numbers of features
  std::size_t layers() const { return widths.size() - 1; }
  /// Of a dense layer from 0 on, before ".weight" and ".bias". (ReLUs count, too.)
  std::string name(std::size_t layer) const { return role + '.' + std::to_string(2 * layer); }
};
inline DenseChain dense_chain(Task task) {
  if (task == Task::booster_inference) return {"booster", {booster_widths.begin(), booster_widths.end()}};
  return {"light", {light_widths.begin(), light_widths.end()}};
}

/// One row of the table, but for threads and peer.
struct Work {
  std::string name;
  std::string unit;  ///< images/s, samples/s, GFLOP/s: more is better; us: less is
  Task task;
  bool images;  ///< the wide residual nets, not the dense ones
  int batch;
  double amount;             ///< images, samples or GFLOP of a call; of "us" 1
  std::size_t layer = 0;     ///< which of `convolutions` or `products`
  bool all_threads = false;  ///< measured on all threads, too, not on one alone
  bool int8 = false;         ///< our weights are stored in 8 bits; theirs stay float

  /// How far numbers of the two sides may be apart: by what rounding does to them, or weights in 8 bits.
  double tolerance() const { return int8 ? 0.1 : 1e-3; }
  /// Somebody waits for each call.
  bool less_is_better() const { return unit == "us"; }
  /// A call's time in the unit of the work.
  double measure(double seconds) const { return less_is_better() ? 1e6 * seconds : amount / seconds; }
  /// How many times as fast ours is.
  double ratio(double ours, double theirs) const { return less_is_better() ? theirs / ours : ours / theirs; }
};

/// All works, in the order of the table.
inline std::vector<Work> all_works() {
  std::vector<Work> works;
  const auto step = [&](const std::string& net, Task task, bool images, int batch) {
    works.push_back({net + "-step-b" + std::to_string(batch), images ? "images/s" : "samples/s", task, images, batch,
                     static_cast<double>(batch), 0, true});
  };
  step("wrn-pair", Task::pair_step, true, 128);
  step("wrn-light", Task::light_step, true, 128);
  step("dense-pair", Task::pair_step, false, 128);
  step("dense-pair", Task::pair_step, false, 1024);
  step("dense-light", Task::light_step, false, 128);
  const auto inference = [&](const std::string& net, Task task, bool images, int batch, bool int8 = false) {
    works.push_back({net + "-infer-b" + std::to_string(batch), "us", task, images, batch, 1, 0, batch > 1, int8});
  };
  for (const bool int8 : {false, true}) {
    const std::string stored = int8 ? "-int8" : "";
    for (const int candidates : serving_candidates)
      inference("dense-light" + stored, Task::light_inference, false, candidates, int8);
    for (const int candidates : serving_candidates)
      inference("dense-booster" + stored, Task::booster_inference, false, candidates, int8);
  }
  inference("wrn-light", Task::light_inference, true, 1);

  // A multiply-add is two operations; multiplications by the zeros of the border count, as everywhere in the field.
  const auto layer = [&](const std::string& name, Task forward, Task backward, int batch, double multiply_adds,
                         std::size_t index) {
    const double gflop = 2e-9 * batch * multiply_adds;
    const std::string end = name + "-b" + std::to_string(batch);
    const bool images = forward == Task::convolution_forward;
    works.push_back(
        {(images ? "conv-forward-" : "dense-forward-") + end, "GFLOP/s", forward, images, batch, gflop, index});
    if (images && index == 0) return;  // nobody wants the gradient of the images
    works.push_back(
        {(images ? "conv-backward-" : "dense-backward-") + end, "GFLOP/s", backward, images, batch, 2 * gflop, index});
  };
  for (std::size_t i = 0; i < convolutions.size(); ++i) {
    const Convolution& c = convolutions[i];
    const std::string square = std::to_string(c.side), window = std::to_string(c.window);
    layer(square + 'x' + square + 'x' + std::to_string(c.inputs) + "-to-" + std::to_string(c.outputs) + '-' + window +
              'x' + window + "-s" + std::to_string(c.stride),
          Task::convolution_forward, Task::convolution_backward, 128,
          1.0 * c.out_side() * c.out_side() * c.outputs * c.window * c.window * c.inputs, i);
  }
  for (std::size_t i = 0; i < products.size(); ++i)
    for (const int batch : {128, 1024})
      layer(std::to_string(products[i].inputs) + "-to-" + std::to_string(products[i].outputs), Task::product_forward,
            Task::product_backward, batch, 1.0 * products[i].inputs * products[i].outputs, i);
  return works;
}

}  // namespace peers
