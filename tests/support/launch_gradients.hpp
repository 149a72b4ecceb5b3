// The gradient a Trainer computes for a pair, held against the paper's table of which loss term updates what.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <string>
#include <vector>

#include <rocket/train/trainer.hpp>

#include "support/catch.hpp"
#include "support/finite_difference.hpp"
#include "support/random_numbers.hpp"
#include "support/reference_losses.hpp"

namespace launch_gradients {

using namespace rocket;

// The loss terms that update a group of parameters; the hint by way of the light net's logits, of the booster's, or
// both.
struct Terms {
  bool light, booster, hint_via_light, hint_via_booster;
};
// W_S, W_L and W_B, in this order: the paper's table. What a group cannot influence is left out.
using Table = std::array<Terms, 3>;
constexpr bool y = true, n = false;
constexpr Table updates(GradientBlock::None) { return {{{y, y, y, y}, {y, n, y, n}, {n, y, n, y}}}; }
constexpr Table updates(GradientBlock::BoosterParameters) { return {{{y, y, y, y}, {y, n, y, n}, {n, y, n, n}}}; }
constexpr Table updates(GradientBlock::Logits) { return {{{y, y, y, n}, {y, n, y, n}, {n, y, n, n}}}; }
constexpr Table updates(GradientBlock::LightInput) { return {{{n, y, n, n}, {y, n, y, n}, {n, y, n, n}}}; }

template <class Net>
bool has_parameter(const std::string& name) {
  for (const Array& array : Net::parameter_table())
    for (int copy = 0; copy < array.copies; ++copy)
      if (array.name_of(copy) == name) return true;
  return false;
}

// The place of every number of W_S, W_L and W_B in the parameter vector: W_S is what both nets alone have by one name.
template <class Net>
std::array<std::vector<std::size_t>, 3> groups() {
  std::array<std::vector<std::size_t>, 3> found;
  for (const Array& array : Net::parameter_table())
    for (std::size_t i = 0; i < array.size(); ++i) {
      const std::string name = array.name_of(static_cast<int>(i / array.copy_size()));
      const bool in_light = has_parameter<typename Net::light>(name) || name.starts_with("light.");
      const bool in_booster = has_parameter<typename Net::booster>(name) || name.starts_with("booster.");
      REQUIRE((in_light || in_booster));
      found[in_light && in_booster ? 0 : in_light ? 1 : 2].push_back(array.offset + i);
    }
  return found;
}

// What both nets say of a batch: the logits of all samples.
struct PairLogits {
  std::vector<double> light, booster;
};

// A pair at a point where no parameter is 0 or 1, with a batch and the logits of it in training.
template <class Net>
class Point {
 public:
  static constexpr int batch = 9;

  Point() : samples{batch}, net{Seed{3}}, workspace_{batch} {
    std::vector<double> shift(Net::parameters);
    fill_normal(std::span{shift}, 4, 0.3);
    for (std::size_t i = 0; i < Net::parameters; ++i) net.parameter_vector()[i] += shift[i];
  }

  PairLogits logits() {
    const Context context{.seed = net.seed()};
    workspace_.forward(net, samples.features.data(), batch, context);
    const double *l = workspace_.template logits<0>().data, *z = workspace_.template logits<1>().data;
    constexpr std::size_t numbers = batch * static_cast<std::size_t>(Net::outputs[0]);
    return {std::vector(l, l + numbers), std::vector(z, z + numbers)};
  }
  reference::Logits row(const std::vector<double>& all, int i) const {
    constexpr auto classes = static_cast<std::size_t>(Net::outputs[0]);
    return reference::Logits{all}.subspan(static_cast<std::size_t>(i) * classes, classes);
  }

  const RandomSamples<Net> samples;
  Net net;

 private:
  TrainingWorkspace<Net, Edge{0}, Edge{1}> workspace_;
};

// The gradient of one step, with the loss weights given.
template <class Trainer, class Samples>
std::span<const double> gradient(Trainer& trainer, const Samples& samples, const LossWeights& weights) {
  trainer.weights = weights;
  std::vector<int> rows(samples.labels.size());  // who is in the batch: the same ones every time, for Dropout
  std::iota(rows.begin(), rows.end(), 0);
  trainer.step(samples.features, samples.labels, rows);
  return trainer.gradients();
}

inline std::vector<double> pick(std::span<const double> numbers, const std::vector<std::size_t>& places) {
  std::vector<double> picked;
  for (const std::size_t place : places) picked.push_back(numbers[place]);
  return picked;
}
inline bool all_bits_are_zero(const std::vector<double>& numbers) {
  return std::all_of(numbers.begin(), numbers.end(), [](double x) { return std::bit_cast<std::uint64_t>(x) == 0; });
}

template <class Net, class Hint, class Block>
void check(const Hint& hint, const Block& block, const std::string& what) {
  INFO(what);
  Point<Net> point;
  Trainer trainer{point.net, hint, block, Sgd{.rate = 0}, Threads{1}};
  const PairLogits fixed = point.logits();
  const double scale = reference::batch_scale(hint, fixed.booster);  // a constant to the gradient

  // The mean over the batch of some terms; where its way is blocked the hint sees fixed logits.
  const auto loss = [&](const Terms& terms, const LossWeights& weights) {
    const PairLogits now = point.logits();
    double sum = 0;
    for (int i = 0; i < point.batch; ++i) {
      const int label = point.samples.labels[static_cast<std::size_t>(i)];
      if (terms.light) sum += weights.light * reference::cross_entropy(point.row(now.light, i), label);
      if (terms.booster) sum += weights.booster * reference::cross_entropy(point.row(now.booster, i), label);
      if (terms.hint_via_light || terms.hint_via_booster)
        sum += weights.hint * scale *
               reference::hint(hint, point.row(terms.hint_via_light ? now.light : fixed.light, i),
                               point.row(terms.hint_via_booster ? now.booster : fixed.booster, i));
    }
    return sum / point.batch;
  };

  const auto table = updates(block);
  const auto places = groups<Net>();
  const LossWeights hint_alone{.light = 0, .booster = 0, .hint = 1};
  for (const LossWeights& weights : {LossWeights{.light = 0.7, .booster = 1.3, .hint = 0.5}, hint_alone}) {
    const auto found = gradient(trainer, point.samples, weights);
    for (std::size_t g = 0; g < table.size(); ++g) {
      CAPTURE(weights.light, g);
      std::vector<double> expected;
      for (const std::size_t place : places[g])
        expected.push_back(derivative(point.net.parameter_vector()[place], [&] { return loss(table[g], weights); }));
      CHECK(relative_error(pick(found, places[g]), expected) <= 1e-6);
    }
  }
  const auto of_hint = gradient(trainer, point.samples, hint_alone);
  for (std::size_t g = 0; g < table.size(); ++g)
    if (!table[g].hint_via_light && !table[g].hint_via_booster) CHECK(all_bits_are_zero(pick(of_hint, places[g])));
  const auto of_nothing = gradient(trainer, point.samples, LossWeights{.light = 0, .booster = 0, .hint = 0});
  CHECK(all_bits_are_zero({of_nothing.begin(), of_nothing.end()}));
}

template <class Net, class Hint>
void check_every_block(const Hint& hint, const std::string& name) {
  check<Net>(hint, GradientBlock::none, name + ", block none");
  check<Net>(hint, GradientBlock::booster_parameters, name + ", block booster_parameters");
  check<Net>(hint, GradientBlock::logits, name + ", block logits");
  check<Net>(hint, GradientBlock::light_input, name + ", block light_input");
}

template <class Net>
void check_every_hint_and_block() {
  check_every_block<Net>(NoHint{}, "NoHint");
  check_every_block<Net>(LogitMse{}, "LogitMse");
  check_every_block<Net>(ScaleFreeLogitMse{}, "ScaleFreeLogitMse");
  check_every_block<Net>(SoftmaxMse{}, "SoftmaxMse");
  check_every_block<Net>(Kl{.temperature = 3}, "Kl");
  check_every_block<Net>(HardLabel{}, "HardLabel");
}

}  // namespace launch_gradients
