// BatchNorm's sums: precise where the mean is far larger than the deviation, whole for channels of any number, and the
// same on every thread.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

#include <rocket/layers/batch_norm.hpp>
#include <rocket/net/launch.hpp>

#include "support/catch.hpp"
#include "support/layer_gradients.hpp"

using namespace layer_gradients;

namespace {

// The moments of one channel in long double, from all numbers at once.
struct Moments {
  long double mean = 0, variance = 0;

  template <class T>
  Moments(const std::vector<T>& x, std::size_t channel, std::size_t channels) {
    const auto count = static_cast<long double>(x.size() / channels);
    for (std::size_t i = channel; i < x.size(); i += channels) mean += x[i] / count;
    for (std::size_t i = channel; i < x.size(); i += channels) variance += (x[i] - mean) * (x[i] - mean) / count;
  }
};

// Forward and backward of the layer alone, in training.
template <class InputShape, class T>
struct Passes {
  static constexpr Shape in = InputShape::shape;
  static constexpr std::size_t channels = in.channels();
  using Layer = BatchNorm<0.1, 0.0>;

  std::vector<T> y, dx, gradient, kept;
  std::span<const T> mean, variance;

  Passes(const std::vector<T>& x, const std::vector<T>& dy, const std::vector<T>& parameters, int threads = 1)
      : y(x.size()), dx(x.size()), gradient(2 * channels) {
    const int batch = static_cast<int>(x.size()) / in.size();
    kept.resize(Layer::kept(in).count(batch));
    std::vector<T> scratch(Layer::scratch(in).count(batch));
    const Context context{.threads = threads};
    const auto place = [&](auto& pass) {
      pass.batch = batch;
      pass.context = &context;
      pass.parameters = {parameters.data(), parameters.data() + channels};
      pass.input.data = x.data();
      pass.kept = kept.data();
      pass.scratch = scratch.data();
    };
    ForwardPass<Layer, T, in, true> forward{};
    place(forward);
    forward.output.data = y.data();
    Layer::forward(forward);
    BackwardPass<Layer, T, in, true, true> backward{};
    place(backward);
    backward.output_gradient.data = dy.data();
    backward.input_gradient.data = dx.data();
    backward.gradients = {gradient.data(), gradient.data() + channels};
    Layer::backward(backward);
    mean = std::span{kept}.first(channels);
    variance = std::span{kept}.subspan(Elements::once(in.channels()).count(batch), channels);
  }
};

template <class T>
std::vector<T> numbers(std::size_t count, std::uint64_t seed, T mean, T deviation) {
  std::vector<T> made = normal_numbers<T>(static_cast<int>(count), seed);
  for (T& number : made) number = mean + deviation * number;
  return made;
}

}  // namespace

// 127 channels fill registers of all widths, one after the other.
TEMPLATE_TEST_CASE("moments and outputs keep their digits where the mean is far larger than the deviation",
                   "[batch_norm]", (Input<1>), (Input<127>), (Input<5, 9, 127>), (Input<32, 32, 16>)) {
  constexpr std::size_t channels = TestType::shape.channels();
  const int batch = GENERATE(2, 33, 70);
  const auto size = static_cast<std::size_t>(batch * TestType::shape.size());
  const std::vector<float> x = numbers<float>(size, 1, 1e4, 1), dy = numbers<float>(size, 2, 0, 1);
  std::vector<float> parameters(2 * channels, 1.0f);
  std::fill_n(parameters.begin() + channels, channels, 0.0f);
  const Passes<TestType, float> found{x, dy, parameters};
  double mean_error = 0, variance_error = 0, y_error = 0;
  for (std::size_t c = 0; c < channels; ++c) {
    const Moments truth{x, c, channels};
    mean_error = std::max(mean_error, static_cast<double>(std::abs(found.mean[c] - truth.mean)));
    variance_error =
        std::max(variance_error, static_cast<double>(std::abs(found.variance[c] - truth.variance) / truth.variance));
    // A float near 1e4 may be off by 0.0005: that is what the mean, and so u, may be off in the end.
    const long double deviation = std::sqrt(truth.variance);
    for (std::size_t i = c; i < size; i += channels)
      y_error = std::max(y_error, static_cast<double>(std::abs(found.y[i] * deviation - (x[i] - truth.mean)) /
                                                      (1 + std::abs(x[i] - truth.mean))));
  }
  CHECK(mean_error <= 0.0006);
  CHECK(variance_error <= 1e-5);
  CHECK(y_error <= 0.0007);
}

TEST_CASE("BatchNorm of a constant has variance 0, to the bit", "[batch_norm]") {
  const std::vector<float> x(70 * 45 * 23, 0.1f);
  const Passes<Input<5, 9, 23>, float> found{x, x, std::vector<float>(46, 1.0f)};
  CHECK(std::ranges::all_of(found.mean, [](float mean) { return mean == 0.1f; }));
  CHECK(std::ranges::all_of(found.variance, [](float variance) { return variance == 0; }));
}

TEST_CASE("BatchNorm in float is BatchNorm in double, for channels of any number", "[batch_norm]") {
  constexpr int batch = 70;
  const auto check = [&]<class InputShape>(InputShape) {
    const auto size = static_cast<std::size_t>(batch * InputShape::shape.size());
    const auto channels = static_cast<std::size_t>(InputShape::shape.channels());
    const std::vector<float> x = numbers<float>(size, 1, 3, 2), dy = numbers<float>(size, 2, 0.5, 1),
                             parameters = numbers<float>(2 * channels, 3, 1, 1);
    const auto twice = [](const std::vector<float>& from) { return std::vector<double>(from.begin(), from.end()); };
    const Passes<InputShape, float> found{x, dy, parameters};
    const Passes<InputShape, double> truth{twice(x), twice(dy), twice(parameters)};
    CHECK(relative_error(found.y, truth.y) <= 1e-6);
    CHECK(relative_error(found.dx, truth.dx) <= 1e-6);
    CHECK(relative_error(found.gradient, truth.gradient) <= 1e-5);
  };
  check(Input<127>{});
  check(Input<3, 5, 127>{});
  check(Input<3, 5, 1>{});
  check(Input<24, 24, 16>{});
  check(Input<24, 24, 32>{});
  check(Input<3, 5, 320>{});
}

TEST_CASE("gradients of BatchNorm are those of central differences, for channels of any number", "[batch_norm]") {
  CHECK(gradient_error<Input<1>, BatchNorm<>>() <= tolerance);
  CHECK(gradient_error<Input<3, 2, 31>, BatchNorm<>>() <= tolerance);
  CHECK(gradient_error<Input<31>, BatchNorm<>, Gelu, Dense<3>>() <= tolerance);
}

TEST_CASE("BatchNorm is the same on every thread, to the bit", "[batch_norm]") {
  constexpr int batch = 200;
  using Images = Input<16, 16, 23>;
  STATIC_REQUIRE(0.25 * batch * Images::shape.size() >= nanoseconds_worth_a_team);
  const auto size = static_cast<std::size_t>(batch * Images::shape.size());
  const std::vector<float> x = numbers<float>(size, 1, 3, 2), dy = numbers<float>(size, 2, 0.5, 1),
                           parameters = numbers<float>(46, 3, 1, 1);
  const Passes<Images, float> one{x, dy, parameters};
  for (const int threads : {8, 3, 2}) {
    const Passes<Images, float> several{x, dy, parameters, threads};
    CHECK(several.y == one.y);
    CHECK(several.dx == one.dx);
    CHECK(several.gradient == one.gradient);
    CHECK(several.kept == one.kept);
  }
}

TEST_CASE("the scale of BatchNorm starts at 1, or uniform in [0, 1)", "[batch_norm]") {
  const auto scale = [](const auto& net) {
    return std::vector<double>(net.parameter_vector().begin(), net.parameter_vector().begin() + 1000);
  };
  const auto ones = scale(Plain<Input<1000>, BatchNorm<>, double>{Seed{1}});
  CHECK(std::ranges::all_of(ones, [](double number) { return number == 1; }));
  const auto drawn = scale(Plain<Input<1000>, BatchNorm<0.1, 1e-5, ScaleInit::uniform>, double>{Seed{1}});
  CHECK(std::ranges::all_of(drawn, [](double number) { return number >= 0 && number < 1; }));
  CHECK(std::accumulate(drawn.begin(), drawn.end(), 0.0) / 1000 == Approx(0.5).margin(0.06));  // six deviations
}
