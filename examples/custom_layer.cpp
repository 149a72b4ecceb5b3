// A layer of one's own, between those of the library: states its shape, its parameters, forward and backward. What else
// a layer may say stands in rocket/layers/layer.hpp; one that maps every number by itself, without parameters, is
// shorter still (rocket/layers/elementwise.hpp).
//
// This one goes through the batch on one thread. To use all: `pass.each_sample(nanoseconds_a_sample, body)` in place of
// the loop, with no sum over samples in the body: those of chunks go to scratch, and from there by `pass.add_sums`.
#include <rocket/deploy/header.hpp>
#include <rocket/rocket.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <vector>
using namespace rocket;

/// y = x for x > 0, slope x otherwise; the slope of each feature is learned (He et al. 2015).
///
///     dx = dy for x > 0, slope dy otherwise        dslope = sum of dy x over the samples with x <= 0
struct PRelu {
  static constexpr std::string_view name = "PRelu";
  static constexpr Shape output(Shape in) { return in; }
  static constexpr auto parameters(Shape in) {
    return std::array{Parameter{"slope", in, Init::constant(0.25), Decay::no}};
  }
  static constexpr Reads reads = Reads::input;  // in backward; saying so lets the output's memory be used again

  template <class Pass>
  static void forward(const Pass& pass) {
    for (int i = 0; i < pass.batch; ++i)
      for (std::size_t f = 0; f < pass.input[i].size(); ++f) {
        const auto x = pass.input[i][f];
        pass.output[i][f] = x > 0 ? x : pass.parameter(0)[f] * x;
      }
  }
  template <class Pass>
  static void backward(const Pass& pass) {
    for (int i = 0; i < pass.batch; ++i)
      for (std::size_t f = 0; f < pass.input[i].size(); ++f) {
        const auto x = pass.input[i][f], dy = pass.output_gradient[i][f];
        if constexpr (Pass::wants_parameter_gradients) pass.gradient(0)[f] += x > 0 ? 0 : dy * x;
        if constexpr (Pass::wants_input_gradient) pass.input_gradient[i][f] = x > 0 ? dy : pass.parameter(0)[f] * dy;
      }
  }
  /// Only to be written for others: relu(x) + slope (x - relu(x)), in operators that every format has.
  template <class Place, class Graph, class Value>
  static Value describe(const Place& place, Graph& graph, Value x) {
    const Value positive = graph.relu(x), slope = graph.constant(place.parameter(0));
    return graph.add(positive, graph.multiply(graph.subtract(x, positive), slope));
  }
};

using Trunk = Sequential<Dense<16>, BatchNorm<>, PRelu>;
using Booster = Sequential<Dense<128>, BatchNorm<>, PRelu, Dense<64>, PRelu, Dense<10>>;
using Net = Launch<Input<64>, Trunk, Dense<10>, Booster>;

/// The largest difference between backward and a central difference, over all parameters of a small net in double. The
/// Dense in front tests the layer's input gradient.
double gradient_error() {
  using Small = Plain<Input<4>, Sequential<Dense<5>, PRelu, Dense<3>, PRelu>, double>;
  constexpr std::array features{0.3, -1.2, 0.8, 0.1, -0.7, 0.5, 1.1, -0.4};
  constexpr std::array labels{0, 2};
  Trainer trainer{Small{Seed{1}}, Sgd{.rate = 0}};  // steps that only compute
  trainer.step(features, labels);
  const std::vector<double> gradient(trainer.gradients().begin(), trainer.gradients().end());

  double largest = 0;
  for (std::size_t i = 0; i < gradient.size(); ++i) {
    double& parameter = trainer.net().parameter_vector()[i];
    const double middle = parameter, step = 1e-5;
    parameter = middle + step;
    const double above = trainer.step(features, labels).light;
    parameter = middle - step;
    const double below = trainer.step(features, labels).light;
    parameter = middle;
    largest = std::max(largest, std::abs(gradient[i] - (above - below) / (2 * step)));
  }
  return largest;
}

int main() {
  const double error = gradient_error();
  std::printf("largest error of a gradient: %.1e\n", error);

  const auto [train, test] = split(digits(), 0.7, Seed{1});
  Trainer trainer{Net{Seed{7}}, Sgd{.rate = 0.1, .momentum = 0.9}, Threads{1}};
  trainer.fit(train, {.epochs = 20});
  const auto report = trainer.evaluate(test);
  std::printf("test error: light %.1f %%, booster %.1f %%\n", 100 * report.light().error, 100 * report.booster().error);

  std::printf("slopes in the trunk, from 0.25:");
  for (const float slope : trainer.net().parameter("trunk.2.slope")) std::printf(" %.2f", static_cast<double>(slope));
  std::printf("\n");
  write_header(trainer.light(), "custom_layer_net.hpp");  // for programs without Rocket
  return error < 1e-8 ? 0 : 1;
}
