// Every layer that is no container: its gradients against central differences, its values against numbers known
// otherwise.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <span>
#include <vector>

#include <rocket/layers/layers.hpp>
#include <rocket/net/inference_workspace.hpp>
#include <rocket/net/launch.hpp>
#include <rocket/net/training_workspace.hpp>

#include "support/catch.hpp"
#include "support/layer_gradients.hpp"

using namespace layer_gradients;

namespace {

// What a layer makes of a batch outside of training.
template <class InputShape, class Layer, class T = double>
std::vector<T> evaluated(const std::vector<T>& x) {
  using Net = Plain<InputShape, Layer, T>;
  const int batch = static_cast<int>(x.size()) / Net::input.size();
  InferenceWorkspace<Net> workspace{batch};
  workspace.forward(Net{Seed{3}}, x.data(), batch);
  const T* y = workspace.logits().data;
  return {y, y + batch * Net::outputs[0]};
}

// ... and in training, by a net that may learn running statistics from it.
template <class Net>
std::vector<double> trained_on(Net& net, const std::vector<double>& x, const Context& context = {}) {
  const int batch = static_cast<int>(x.size()) / Net::input.size();
  TrainingWorkspace<Net, Edge{0}> workspace{batch};
  workspace.forward(net, x.data(), batch, context);
  workspace.absorb(net);
  const double* y = workspace.template logits<0>().data;
  return {y, y + batch * Net::outputs[0]};
}

void check_close(std::span<const double> found, const std::vector<double>& expected) {
  REQUIRE(found.size() == expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) CHECK(found[i] == Approx(expected[i]).margin(1e-12).epsilon(1e-9));
}

}  // namespace

TEST_CASE("gradients of elementwise layers are those of central differences", "[layers]") {
  check_gradients<Relu>();
  check_gradients<LeakyRelu<>>();
  check_gradients<LeakyRelu<0.3>>();
  check_gradients<Sigmoid>();
  check_gradients<Tanh>();
  check_gradients<Gelu>();
  check_gradients<Dropout<0.4>>();
}

TEST_CASE("gradients of Dense are those of central differences", "[layers]") {
  check_gradients<Dense<7>>();
  check_gradients<Dense<7, Bias::no>>();
  check_gradients<Dense<3>, Input<2, 3, 2>>();
}

TEST_CASE("gradients of BatchNorm are those of central differences", "[layers]") {
  check_gradients<BatchNorm<>>();
  CHECK(gradient_error<Input<2, 3, 2>, BatchNorm<>>() <= tolerance);
  CHECK(gradient_error<Input<2, 3, 2>, BatchNorm<>, Gelu, Dense<3>>() <= tolerance);
}

TEST_CASE("elementwise layers have the values of their functions", "[layers]") {
  const std::vector<double> x{-1000, -2, -1, 0, 1, 2, 1000};
  const auto check = [&]<class Layer>(Layer, const std::vector<double>& y) {
    check_close(evaluated<Input<1>, Layer>(x), y);
  };
  check(Relu{}, {0, 0, 0, 0, 1, 2, 1000});
  check(LeakyRelu<0.1>{}, {-100, -0.2, -0.1, 0, 1, 2, 1000});
  check(Sigmoid{}, {0, 0.11920292202211755, 0.2689414213699951, 0.5, 0.7310585786300049, 0.8807970779778823, 1});
  check(Tanh{}, {-1, -0.9640275800758169, -0.7615941559557649, 0, 0.7615941559557649, 0.9640275800758169, 1});
  check(Gelu{}, {0, -0.045500263896358417, -0.15865525393145707, 0, 0.8413447460685429, 1.9544997361036416, 1000});
}

TEST_CASE("BatchNorm normalises each channel by the moments of the batch, and remembers them", "[layers]") {
  Plain<Input<2, 2>, BatchNorm<0.25, 3.0>, double> net{Seed{1}};  // two positions, two channels
  std::fill_n(net.parameter_vector().begin(), 2, 2.0);            // scale
  std::fill_n(net.parameter_vector().begin() + 2, 2, 5.0);        // shift
  // channel 0 has 0, 2, 2, 0: mean 1, variance 1; channel 1 has 1, 1, 1, 1
  check_close(trained_on(net, {0, 1, 2, 1, 2, 1, 0, 1}), {4, 5, 6, 5, 6, 5, 4, 5});

  const auto running = net.statistic_vector();
  check_close(running, {0.25, 0.25, 1 + 0.25 * (4.0 / 3 - 1), 0.75});  // from 0 and 1, the variance unbiased

  InferenceWorkspace<decltype(net)> workspace{1};
  const std::vector<double> x{3, 3, -1, -1};
  workspace.forward(net, x.data(), 1);
  const double root0 = std::sqrt(running[2] + 3), root1 = std::sqrt(running[3] + 3);
  check_close(workspace.logits()[0], {5 + 5.5 / root0, 5 + 5.5 / root1, 5 - 2.5 / root0, 5 - 2.5 / root1});
}

TEST_CASE("BatchNorm of one sample is finite", "[layers]") {
  Plain<Input<2>, BatchNorm<>, double> net{Seed{1}};
  check_close(trained_on(net, {7, -7}), {0, 0});
  check_close(net.statistic_vector(), {0.7, -0.7, 0.9, 0.9});
}

TEST_CASE("Dropout keeps the mean in training and changes nothing outside of it", "[layers]") {
  Plain<Input<1000>, Dropout<0.2>, double> net{Seed{1}};
  const std::vector<double> ones(20'000, 1.0);
  const std::vector<double> y = trained_on(net, ones);
  CHECK(std::all_of(y.begin(), y.end(), [](double number) { return number == 0 || number == 1.25; }));
  CHECK(std::accumulate(y.begin(), y.end(), 0.0) / 20'000 == Approx(1).margin(0.02));  // six standard deviations
  CHECK(evaluated<Input<1000>, Dropout<0.2>>(ones) == ones);
}

TEST_CASE("Dropout draws by seed, epoch and sample, wherever in the batch the sample is", "[layers]") {
  using Net = Plain<Input<50>, Dropout<0.5>, double>;
  Net net{Seed{1}};
  const std::vector<double> ones(100, 1.0);
  const std::vector<int> order{7, 8}, swapped{8, 7};
  const auto masks = [&](std::uint64_t seed, std::uint32_t epoch, const std::vector<int>& samples) {
    return trained_on(net, ones, Context{.seed = Seed{seed}, .epoch = epoch, .samples = samples});
  };
  std::vector<double> rotated = masks(1, 0, swapped);
  std::rotate(rotated.begin(), rotated.begin() + 50, rotated.end());
  CHECK(masks(1, 0, order) == rotated);
  CHECK(masks(1, 0, order) == masks(1, 0, order));
  CHECK(masks(1, 0, order) != masks(1, 1, order));
  CHECK(masks(1, 0, order) != masks(2, 0, order));
}
