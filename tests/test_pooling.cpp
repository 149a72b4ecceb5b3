// Pooling layers: values counted by hand, gradients against central differences, other images against plain loops.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include <rocket/layers/average_pool.hpp>
#include <rocket/layers/global_average_pool.hpp>
#include <rocket/layers/max_pool.hpp>
#include <rocket/net/launch.hpp>

#include "support/catch.hpp"
#include "support/layer_gradients.hpp"

using namespace layer_gradients;

namespace {

constexpr Window halves{.size = 2, .stride = 2};
constexpr Window overlapping{.size = 3, .stride = 1, .padding = 1};
constexpr Window leaves_rows_unused{.size = 2, .stride = 3};  // of 4 x 5: rows 2 and 3, column 2
constexpr Window padded{.size = 3, .stride = 2, .padding = 1};

template <class Layer, class InputShape>
constexpr Shape output = Layer::output(InputShape::shape);

static_assert(output<MaxPool<halves>, Input<32, 32, 16>> == Shape{16, 16, 16});
static_assert(output<MaxPool<halves>, Input<5, 4, 3>> == Shape{2, 2, 3});
static_assert(output<MaxPool<overlapping>, Input<5, 4, 3>> == Shape{5, 4, 3});
static_assert(output<AveragePool<padded>, Input<5, 4, 3>> == Shape{3, 2, 3});
static_assert(output<AveragePool<leaves_rows_unused>, Input<4, 5, 2>> == Shape{1, 2, 2});
static_assert(output<GlobalAveragePool, Input<8, 4, 64>> == Shape{64});

// What a net of one layer makes of a batch, and the gradient of the inputs for this gradient of the outputs.
template <class InputShape, class Layer, class T>
struct Passes {
  std::vector<T> y, dx;

  Passes(const std::vector<T>& x, const std::vector<T>& dy, int threads = 1) {
    constexpr Shape in = InputShape::shape;
    const int batch = static_cast<int>(x.size()) / in.size();
    y.resize(static_cast<std::size_t>(batch * Layer::output(in).size()), T{77});
    dx.resize(x.size(), T{77});
    const Context context{.threads = threads};
    ForwardPass<Layer, T, in, true> forward{};
    forward.batch = batch;
    forward.context = &context;
    forward.input.data = x.data();
    forward.output.data = y.data();
    Layer::forward(forward);
    if (dy.empty()) return;
    REQUIRE(dy.size() == y.size());
    BackwardPass<Layer, T, in, true, false> backward{};
    backward.batch = batch;
    backward.context = &context;
    backward.input.data = x.data();
    backward.output_gradient.data = dy.data();
    backward.input_gradient.data = dx.data();
    Layer::backward(backward);
  }
};

using Values = std::vector<double>;

// Pooling by loops that know nothing of registers.
template <Window W, class T, class Reduce>
std::vector<T> slid(Shape in, int batch, const std::vector<T>& x, const Reduce& reduce) {
  std::vector<T> y;
  const int height = in.extent[0], width = in.extent[1], channels = in.extent[2];
  for (int n = 0; n < batch; ++n)
    for (int i = 0; i < W.places(height); ++i)
      for (int j = 0; j < W.places(width); ++j)
        for (int c = 0; c < channels; ++c) {
          std::vector<T> seen;
          for (int p = i * W.stride - W.padding; p < i * W.stride - W.padding + W.size; ++p)
            for (int q = j * W.stride - W.padding; q < j * W.stride - W.padding + W.size; ++q)
              if (p >= 0 && p < height && q >= 0 && q < width)
                seen.push_back(x[static_cast<std::size_t>(((n * height + p) * width + q) * channels + c)]);
          y.push_back(reduce(seen));
        }
  return y;
}

template <class T>
T largest(const std::vector<T>& numbers) {
  return *std::max_element(numbers.begin(), numbers.end());
}
template <class T>
T mean(const std::vector<T>& numbers) {
  T sum = 0;
  for (const T number : numbers) sum += number;
  return sum / static_cast<T>(numbers.size());
}

}  // namespace

TEST_CASE("MaxPool takes the largest under the window and returns its gradient there", "[pooling]") {
  // two channels; the second one is the first one's negative
  const Values x{1, -1, 2,  -2,  3,  -3,  //
                  4, -4, 9,  -9,  6,  -6,  //
                  7, -7, -8, 8,   -5, 5,   //
                  0, 0,  10, -10, 11, -11};
  SECTION("windows side by side, the last column unused") {
    const Passes<Input<4, 3, 2>, MaxPool<halves>, double> found{x, {1, 2, 3, 4}};
    CHECK(found.y == Values{9, -1, 10, 8});
    CHECK(found.dx == Values{0, 2, 0, 0, 0, 0,  //
                              0, 0, 1, 0, 0, 0,  //
                              0, 0, 0, 4, 0, 0,  //
                              0, 0, 3, 0, 0, 0});
  }
  SECTION("windows that overlap add their gradients") {
    const Passes<Input<4, 3, 2>, MaxPool<Window{.size = 3}>, double> found{x, {1, 2, 3, 4}};
    CHECK(found.y == Values{9, 8, 11, 8});
    CHECK(found.dx == Values{0, 0, 0, 0, 0, 0,  //
                              0, 0, 1, 0, 0, 0,  //
                              0, 0, 0, 6, 0, 0,  //
                              0, 0, 0, 0, 3, 0});
  }
  SECTION("the padding is never the largest") {
    const Passes<Input<1, 2, 1>, MaxPool<overlapping>, double> found{{-3, -2}, {1, 2}};
    CHECK(found.y == Values{-2, -2});
    CHECK(found.dx == Values{0, 3});
  }
}

TEST_CASE("MaxPool sends the gradient to the first of equals", "[pooling]") {
  const Passes<Input<2, 2, 1>, MaxPool<halves>, double> found{{0, 5, 5, 5, 2, 2, 2, 2}, {3, 4}};
  CHECK(found.y == Values{5, 2});
  CHECK(found.dx == Values{0, 3, 0, 0, 4, 0, 0, 0});
}

TEST_CASE("MaxPool passes NaN on, and infinities", "[pooling]") {
  const double nan = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity();
  for (std::size_t at = 0; at < 4; ++at) {
    Values x{1, 2, 3, infinity};
    x[at] = nan;
    const Passes<Input<2, 2, 1>, MaxPool<halves>, double> found{x, {3}};
    CHECK(std::isnan(found.y[0]));
    Values expected(4);
    expected[at] = 3;
    CHECK(found.dx == expected);
  }
  const Values x(4, -infinity);
  const Passes<Input<2, 2, 1>, MaxPool<halves>, double> found{x, {3}};
  CHECK(found.y[0] == -infinity);
  CHECK(found.dx == Values{3, 0, 0, 0});
}

TEST_CASE("AveragePool is the mean of the positions inside the image", "[pooling]") {
  const Values x{1, 2, 3,  //
                  4, 5, 6};
  SECTION("without padding") {
    const Passes<Input<2, 3, 1>, AveragePool<Window{.size = 2}>, double> found{x, {4, 8}};
    CHECK(found.y == Values{3, 4});
    CHECK(found.dx == Values{1, 3, 2, 1, 3, 2});
  }
  SECTION("the padding doesn't count") {
    const Passes<Input<2, 3, 1>, AveragePool<Window{.size = 2, .stride = 2, .padding = 1}>, double> found{x,
                                                                                                          {1, 2, 3, 4}};
    CHECK(found.y == Values{1, 2.5, 4, 5.5});
    CHECK(found.dx == Values{1, 1, 1, 3, 2, 2});
  }
}

TEST_CASE("GlobalAveragePool is the mean of each channel", "[pooling]") {
  const Passes<Input<2, 2, 3>, GlobalAveragePool, double> found{{1, 10, 100, 2, 20, 200, 3, 30, 300, 6, 60, 600},
                                                                {4, 8, 12}};
  CHECK(found.y == Values{3, 30, 300});
  CHECK(found.dx == Values{1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3});
}

TEMPLATE_TEST_CASE("gradients of pooling layers are those of central differences", "[pooling]", MaxPool<halves>,
                   MaxPool<overlapping>, MaxPool<leaves_rows_unused>, MaxPool<padded>, AveragePool<halves>,
                   AveragePool<overlapping>, AveragePool<leaves_rows_unused>, AveragePool<padded>, GlobalAveragePool) {
  CHECK(gradient_error<Input<4, 5, 2>, TestType>() <= tolerance);
  CHECK(gradient_error<Input<4, 5, 2>, Tanh, TestType, Tanh, Dense<3>>() <= tolerance);
}

// Channels that fill registers of all widths, one after the other.
TEMPLATE_TEST_CASE("pooling of wide images is that of plain loops, and the same on every thread", "[pooling]", float,
                   double) {
  constexpr int batch = 450;  // so large that all are worth a team
  constexpr Shape in{6, 6, 127};
  STATIC_REQUIRE(0.1 * batch * in.size() >= nanoseconds_worth_a_team);
  const std::vector<TestType> x = normal_numbers<TestType>(batch * in.size(), 1);
  const auto check = [&]<class Layer>(Layer, const std::vector<TestType>& expected) {
    const std::vector<TestType> dy = normal_numbers<TestType>(batch * Layer::output(in).size(), 2);
    const Passes<Input<6, 6, 127>, Layer, TestType> found{x, dy}, threaded{x, dy, 3};
    REQUIRE(found.y.size() == expected.size());
    TestType error = 0;
    for (std::size_t i = 0; i < expected.size(); ++i) error = std::max(error, std::abs(found.y[i] - expected[i]));
    CHECK(error <= 8 * std::numeric_limits<TestType>::epsilon());
    CHECK(found.y == threaded.y);
    CHECK(found.dx == threaded.dx);
    // Pooling hands the gradient on: all of it, and each channel's to that channel.
    std::array<double, 127> missing{};
    for (std::size_t i = 0; i < dy.size(); ++i) missing[i % 127] += static_cast<double>(dy[i]);
    for (std::size_t i = 0; i < x.size(); ++i) missing[i % 127] -= static_cast<double>(found.dx[i]);
    for (const double number : missing) CHECK(std::abs(number) <= 1e-3);
  };
  check(MaxPool<padded>{}, slid<padded>(in, batch, x, largest<TestType>));
  check(MaxPool<overlapping>{}, slid<overlapping>(in, batch, x, largest<TestType>));
  check(AveragePool<padded>{}, slid<padded>(in, batch, x, mean<TestType>));
  check(GlobalAveragePool{}, slid<Window{.size = 6}>(in, batch, x, mean<TestType>));
}
