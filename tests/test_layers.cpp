// Every layer: its gradients against central differences, its values against numbers known otherwise.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <span>
#include <vector>

#include <rocket/layers/layers.hpp>
#include <rocket/net/launch.hpp>

#include "support/catch.hpp"
#include "support/finite_difference.hpp"
#include "support/probe.hpp"
#include "support/random_numbers.hpp"

using namespace rocket;

namespace {

constexpr double tolerance = 1e-6;

// How far backward is from the truth, for the inputs and all parameters of a list of layers in training mode. The loss is
// a random combination of the outputs.
template <class InputShape, class... Layers>
double gradient_error() {
  constexpr int batch = 9;
  using Net = Plain<InputShape, Sequential<Probe<batch>, Layers...>, double>;
  Net net{Seed{3}};
  fill_normal(net.parameter_vector(), 4);  // no bias at 0, no scale at 1
  TrainingWorkspace<Net, Edge{0}> workspace{batch + 1};
  const std::vector<double> zeros(batch * static_cast<std::size_t>(Net::input.size()));
  const std::vector<double> factors = normal_numbers<double>(batch * Net::outputs[0], 5);

  const auto loss = [&] {
    workspace.forward(net, zeros.data(), batch, Context{});
    return std::inner_product(factors.begin(), factors.end(), workspace.template logits<0>().data, 0.0);
  };
  loss();
  std::copy(factors.begin(), factors.end(), workspace.template logit_gradient<0>().data);
  std::vector<double> gradient(Net::parameters);
  workspace.backward(net, gradient);
  return relative_error(gradient, finite_differences(net.parameter_vector(), loss));
}

// The same for one layer where its output lies with the caller, in a buffer of its own, and inside another list.
template <class Layer, class InputShape = Input<5>>
void check_gradients() {
  CHECK(gradient_error<InputShape, Layer>() <= tolerance);
  CHECK(gradient_error<InputShape, Dense<4>, Layer, Dense<3>>() <= tolerance);
  CHECK(gradient_error<InputShape, Sequential<Layer>, Tanh>() <= tolerance);
}

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

TEST_CASE("gradients of Residual are those of central differences", "[layers]") {
  using Shape5 = Input<5>;
  SECTION("around the identity") {
    check_gradients<Residual<Tanh>>();
    CHECK(gradient_error<Shape5, Residual<Sequential<Dense<5>, BatchNorm<>>>>() <= tolerance);
  }
  SECTION("whose body ends in a layer that works in place") {
    CHECK(gradient_error<Shape5, Residual<Sequential<Dense<5>, Relu>>>() <= tolerance);
    CHECK(gradient_error<Shape5, Residual<Sequential<Dense<5>, Sigmoid, Dropout<0.3>>>, Relu>() <= tolerance);
    CHECK(gradient_error<Shape5, Dense<5>, Residual<Sequential<Dense<5>, Dropout<0.3>, Tanh>>, Tanh, Dense<2>>() <= tolerance);
  }
  SECTION("with a projection") {
    CHECK(gradient_error<Shape5, Residual<Dense<4>, Dense<4, Bias::no>>>() <= tolerance);
    CHECK(gradient_error<Shape5, Residual<Sequential<Dense<4>, Relu>, Sequential<Dense<4>, Sigmoid>>, Relu>() <= tolerance);
    CHECK(gradient_error<Shape5, Residual<Sequential<Dense<4>, Dropout<0.3>>, Sequential<Dense<4>, Dropout<0.3>>>>() <=
          tolerance);
  }
  SECTION("inside a Residual") {
    using Inner = Residual<Sequential<Dense<5>, Relu>, Sequential<Dense<5>, Tanh>>;
    CHECK(gradient_error<Shape5, Residual<Inner>, Relu>() <= tolerance);
    CHECK(gradient_error<Shape5, Residual<Sequential<Inner, Relu>>, Dense<2>>() <= tolerance);
  }
}

TEST_CASE("gradients of Repeat are those of central differences", "[layers]") {
  SECTION("once, twice, often") {
    check_gradients<Repeat<1, Dense<5>>>();
    check_gradients<Repeat<2, Dense<5>, Tanh>>();
    check_gradients<Repeat<5, Residual<Sequential<BatchNorm<>, Relu, Dense<4>>, Dense<4>>>>();
  }
  SECTION("of layers without parameters") { check_gradients<Repeat<3, Tanh>>(); }
  SECTION("whose first copy reads another shape") {
    CHECK(gradient_error<Input<5>, Repeat<4, Dense<6>, Gelu>, Dense<2>>() <= tolerance);
    CHECK(gradient_error<Input<2, 3>, Repeat<3, Dense<4>, Relu>>() <= tolerance);
  }
  SECTION("inside a Repeat") {
    CHECK(gradient_error<Input<5>, Repeat<3, Repeat<2, Dense<4>, Tanh>, Dense<5>>>() <= tolerance);
    CHECK(gradient_error<Input<4>, Repeat<2, Repeat<3, Residual<Dense<4>>>, Relu>, Dense<2>>() <= tolerance);
  }
}

TEST_CASE("gradients of Named are those of central differences", "[layers]") {
  check_gradients<Named<"name", Dense<4>, Relu>>();
  CHECK(gradient_error<Input<5>, Named<"outer", Dense<4>, Named<"inner", Repeat<2, Dense<4>>, Tanh>>, Relu>() <= tolerance);
}

TEST_CASE("gradients of a deep list are those of central differences, whoever works in place", "[layers]") {
  CHECK(gradient_error<Input<6>, Dense<5>, Dropout<0.2>, Relu, Dense<7>, Sigmoid, Dropout<0.2>, BatchNorm<>, LeakyRelu<>,
                       Tanh, Dense<4>, Relu, Relu, Gelu, Dropout<0.2>, Tanh, Sequential<Dense<6>, Relu>, Dropout<0.1>,
                       Dense<3>, Tanh>() <= tolerance);
}

TEST_CASE("elementwise layers have the values of their functions", "[layers]") {
  const std::vector<double> x{-1000, -2, -1, 0, 1, 2, 1000};
  const auto check = [&]<class Layer>(Layer, const std::vector<double>& y) { check_close(evaluated<Input<1>, Layer>(x), y); };
  check(Relu{}, {0, 0, 0, 0, 1, 2, 1000});
  check(LeakyRelu<0.1>{}, {-100, -0.2, -0.1, 0, 1, 2, 1000});
  check(Sigmoid{}, {0, 0.11920292202211755, 0.2689414213699951, 0.5, 0.7310585786300049, 0.8807970779778823, 1});
  check(Tanh{}, {-1, -0.9640275800758169, -0.7615941559557649, 0, 0.7615941559557649, 0.9640275800758169, 1});
  check(Gelu{}, {0, -0.045500263896358417, -0.15865525393145707, 0, 0.8413447460685429, 1.9544997361036416, 1000});
}

TEST_CASE("BatchNorm normalises each channel by the moments of the batch, and remembers them", "[layers]") {
  Plain<Input<2, 2>, BatchNorm<0.25, 3>, double> net{Seed{1}};  // two positions, two channels
  std::fill_n(net.parameter_vector().begin(), 2, 2.0);          // scale
  std::fill_n(net.parameter_vector().begin() + 2, 2, 5.0);      // shift
  // channel 0 has 0, 2, 2, 0: mean 1, variance 1; channel 1 has 1, 1, 1, 1
  check_close(trained_on(net, {0, 1, 2, 1, 2, 1, 0, 1}), {4, 5, 6, 5, 6, 5, 4, 5});

  const auto running = net.statistic_vector();
  check_close(running, {0.25, 0.25, 1 + 0.25 * (4.0 / 3 - 1), 0.75});  // from 0 and 1, the variance unbiased

  InferenceWorkspace<decltype(net)> workspace{1};
  const std::vector<double> x{1, 1, 0, 0};
  workspace.forward(net, x.data(), 1);
  const double root0 = std::sqrt(running[2] + 3), root1 = std::sqrt(running[3] + 3);
  check_close(workspace.logits()[0], {5 + 1.5 / root0, 5 + 1.5 / root1, 5 - 0.5 / root0, 5 - 0.5 / root1});
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

namespace {

// A matrix of doubles and the product of two, the slow way.
struct Matrix {
  int rows = 0, columns = 0;
  std::vector<double> numbers = std::vector<double>(static_cast<std::size_t>(rows * columns));

  double& operator()(int r, int c) { return numbers[static_cast<std::size_t>(r * columns + c)]; }
  double operator()(int r, int c) const { return numbers[static_cast<std::size_t>(r * columns + c)]; }
  Matrix transposed() const {
    Matrix t{columns, rows};
    for (int r = 0; r < rows; ++r)
      for (int c = 0; c < columns; ++c) t(c, r) = (*this)(r, c);
    return t;
  }
  friend Matrix operator*(const Matrix& a, const Matrix& b) {
    Matrix product{a.rows, b.columns};
    for (int r = 0; r < a.rows; ++r)
      for (int c = 0; c < b.columns; ++c)
        for (int k = 0; k < a.columns; ++k) product(r, c) += a(r, k) * b(k, c);
    return product;
  }
};

template <class Numbers>
Matrix matrix(int rows, int columns, const Numbers& numbers) {
  return {rows, columns, std::vector<double>(numbers.begin(), numbers.end())};
}

// Values and gradients of two layers in a row; the first one's gradients tell the second one's input gradient.
template <class T, int In, int Middle, int Out>
void check_dense() {
  using Net = Plain<Input<In>, Sequential<Dense<Middle, Bias::no>, Dense<Out>>, T>;
  constexpr double epsilon = sizeof(T) == 4 ? 2e-6 : 1e-14;
  const Net net{Seed{1}};
  const auto weight = [&](std::size_t i, int rows, int columns) {
    const Array& array = Net::parameter_table()[i];
    return matrix(rows, columns, net.parameter_vector().subspan(array.offset, array.size()));
  };
  const Matrix first = weight(0, In, Middle), second = weight(1, Middle, Out);

  for (const int batch : {1, 5, 31, 32, 33, 128}) {
    CAPTURE(In, Middle, Out, batch, sizeof(T));
    const std::vector<T> input = normal_numbers<T>(batch * In, 2), pull = normal_numbers<T>(batch * Out, 3);
    const Matrix x = matrix(batch, In, input), dy = matrix(batch, Out, pull);
    TrainingWorkspace<Net, Edge{0}> workspace{128};
    std::vector<T> gradient(Net::parameters);
    workspace.forward(net, input.data(), batch, Context{});
    const std::vector<T> y(workspace.template logits<0>().data, workspace.template logits<0>().data + batch * Out);
    std::copy(pull.begin(), pull.end(), workspace.template logit_gradient<0>().data);
    workspace.backward(net, gradient);

    const auto found = [&](std::size_t i) {
      const Array& array = Net::parameter_table()[i];
      return std::span<const T>{gradient}.subspan(array.offset, array.size());
    };
    const Matrix hidden = x * first;
    CHECK(relative_error(y, (hidden * second).numbers) <= epsilon);
    CHECK(relative_error(found(0), (x.transposed() * (dy * second.transposed())).numbers) <= epsilon);
    CHECK(relative_error(found(1), (hidden.transposed() * dy).numbers) <= epsilon);
    CHECK(relative_error(found(2), (Matrix{1, batch, std::vector(static_cast<std::size_t>(batch), 1.0)} * dy).numbers) <=
          epsilon);
  }
}

}  // namespace

TEMPLATE_TEST_CASE("Dense of any size is the matrix product", "[layers]", float, double) {
  check_dense<TestType, 1, 1, 1>();
  check_dense<TestType, 3, 2, 5>();
  check_dense<TestType, 17, 31, 7>();
  check_dense<TestType, 64, 16, 10>();
  check_dense<TestType, 33, 67, 100>();
}
