/// \file
/// How far each fast path in float is from the same formula in double: a table on the standard output. Both get the
/// same numbers, which floats hold exactly.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <rocket/kernels/batch_norm.hpp>
#include <rocket/kernels/convolution.hpp>
#include <rocket/kernels/gemm.hpp>
#include <rocket/kernels/softmax.hpp>
#include <rocket/rocket.hpp>
#include <span>
#include <string>
#include <vector>

#include "support.hpp"

namespace {
using namespace rocket;
using kernels::ConvolutionSizes;

/// Standard normal numbers, always the same of one stream.
std::vector<float> normal(int count, std::uint64_t stream, double deviation = 1, double mean = 0) {
  std::vector<float> made(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < made.size(); ++i)
    made[i] = static_cast<float>(mean + deviation * Random{Seed{1}, stream}.normal(i));
  return made;
}
template <class T>
std::vector<T> as(const std::vector<float>& numbers) {
  return {numbers.begin(), numbers.end()};
}
template <class T>
std::vector<T> room(int count) {
  return std::vector<T>(static_cast<std::size_t>(count));
}

void heading(const char* unit) { std::printf("\n%-44s %-10s %10s %10s\n", unit, "by", "largest", "rms"); }
void row(const std::string& what, const char* by, double largest, double rms) {
  std::printf("%-44s %-10s %10.2g %10.2g\n", what.c_str(), by, largest, rms);
}
/// The errors as parts of the expected numbers' root mean square.
void relative(const std::string& what, const char* by, const std::vector<float>& got,
              const std::vector<double>& expected) {
  double largest = 0, squares = 0, size = 0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    const double error = std::abs(static_cast<double>(got[i]) - expected[i]);
    largest = std::max(largest, error);
    squares += error * error;
    size += expected[i] * expected[i];
  }
  row(what, by, largest / std::sqrt(size / static_cast<double>(got.size())), std::sqrt(squares / size));
}
/// The errors in units in the last place: distances from the float next to the expected number to its neighbour above.
void in_last_places(const std::string& what, const std::vector<float>& got, const std::vector<double>& expected) {
  double largest = 0, squares = 0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    const float size = std::abs(static_cast<float>(expected[i]));
    const float unit = std::nextafter(size, std::numeric_limits<float>::infinity()) - size;
    const double error = std::abs(static_cast<double>(got[i]) - expected[i]) / static_cast<double>(unit);
    largest = std::max(largest, error);
    squares += error * error;
  }
  row(what, "", largest, std::sqrt(squares / static_cast<double>(got.size())));
}

/// What a convolution computes of some images.
template <class T>
struct Passes {
  std::vector<T> forward, input_gradient, weight_gradient;
};
template <class T, ConvolutionSizes S, template <ConvolutionSizes> class KernelOf>
Passes<T> convolve() {
  using Kernel = KernelOf<S>;
  constexpr int images = 4, in = S.height * S.width * S.inputs, out = S.out_height() * S.out_width() * S.outputs;
  const std::vector<T> x = as<T>(normal(images * in, 1)), dy = as<T>(normal(images * out, 2));
  const std::vector<T> weight = as<T>(normal(S.weights(), 3, std::sqrt(2.0 / (S.window * S.window * S.inputs))));
  Passes<T> passes{room<T>(images * out), room<T>(images * in), room<T>(S.weights())};
  std::vector<T> prepared = room<T>(std::max(Kernel::prepared_weights, Kernel::prepared_gradient_weights));
  std::vector<T> sums = room<T>(Kernel::weight_sums);
  std::vector<T> scratch =
      room<T>(std::max({Kernel::forward_scratch, Kernel::input_gradient_scratch, Kernel::weight_gradient_scratch}));

  const T* for_forward = Kernel::prepare(weight.data(), prepared.data());
  Kernel::forward(images, x.data(), for_forward, passes.forward.data(), scratch.data(), kernels::AsIs{},
                  kernels::Addends<T>{});
  const T* for_gradient = Kernel::prepare_gradient(weight.data(), prepared.data());
  Kernel::input_gradient(images, dy.data(), for_gradient, passes.input_gradient.data(), scratch.data(),
                         kernels::Addends<T>{});
  Kernel::weight_gradient(images, x.data(), dy.data(), sums.data(), scratch.data(), kernels::AsIs{});
  Kernel::finish_weight_gradient(sums.data(), passes.weight_gradient.data());
  return passes;
}
template <ConvolutionSizes S>
void convolution() {
  const auto expected = convolve<double, S, kernels::DirectConvolution>();
  const std::string name = "convolution " + std::to_string(S.height) + 'x' + std::to_string(S.width) + 'x' +
                           std::to_string(S.inputs) + " to " + std::to_string(S.outputs);
  const auto compare = [&](const char* by, const Passes<float>& got) {
    relative(name + ", forward", by, got.forward, expected.forward);
    relative(name + ", input gradient", by, got.input_gradient, expected.input_gradient);
    relative(name + ", weight gradient", by, got.weight_gradient, expected.weight_gradient);
  };
  compare("winograd", convolve<float, S, kernels::Winograd>());
  compare("direct", convolve<float, S, kernels::DirectConvolution>());
}

template <class T>
std::vector<T> product() {
  constexpr int rows = 128, inner = 720, columns = 360;
  const std::vector<T> a = as<T>(normal(rows * inner, 1)), b = as<T>(normal(inner * columns, 2));
  std::vector<T> c = room<T>(rows * columns);
  kernels::multiply<columns>(rows, inner, kernels::plain(a.data(), inner), kernels::plain(b.data(), columns),
                             kernels::product_in(c.data(), columns), 1);
  return c;
}

/// Where ten steps lead, from 0.
template <class T>
std::vector<T> adam_steps() {
  constexpr int count = 100'000;
  std::vector<T> parameters = room<T>(count), means = room<T>(count), squares = room<T>(count);
  const Adam adam;
  for (long step = 1; step <= 10; ++step) {
    const std::vector<T> gradients = as<T>(normal(count, static_cast<std::uint64_t>(step)));
    adam(Piece{count, adam.rate, 0, step}, parameters.data(), gradients.data(),
         std::array{means.data(), squares.data()});
  }
  return parameters;
}

template <class T>
struct Moments {
  std::vector<T> mean, variance;
};
/// Of numbers whose mean is a thousand times their deviation.
template <class T>
Moments<T> moments() {
  constexpr int batch = 128, positions = 64, channels = 64;
  const std::vector<T> x = as<T>(normal(batch * positions * channels, 1, 1, 1000));
  std::vector<T> partial = room<T>(chunk_count(batch) * 2 * channels);
  Moments<T> result{room<T>(channels), room<T>(channels)};
  kernels::moments<channels>(batch, positions, 1, x.data(), partial.data(), result.mean.data(), result.variance.data());
  return result;
}

/// All the way from where e^x is the smallest normal number to where it is the largest.
void exponential() {
  constexpr int count = 1 << 20;
  constexpr int lanes = native_lanes<float>;
  std::vector<float> x = room<float>(count), y = room<float>(count);
  for (std::size_t i = 0; i < count; ++i) x[i] = -87.3f + 176.0f * static_cast<float>(i) / count;
  for (std::size_t i = 0; i < count; i += lanes)
    store_lanes(y.data() + i, kernels::exp(load_lanes<lanes>(x.data() + i)));
  std::vector<double> expected;
  for (const float number : x) expected.push_back(std::exp(static_cast<double>(number)));
  in_last_places("exp", y, expected);
}

/// The logarithms of the probabilities of some rows of logits, in float and in double.
struct LogProbabilities {
  std::vector<float> got;
  std::vector<double> expected;
};
template <int Classes>
LogProbabilities log_softmax() {
  constexpr int rows = 1000;
  constexpr double deviation = 2;
  const std::vector<float> logits = normal(rows * Classes, 1, deviation);
  LogProbabilities result;
  for (std::size_t row = 0; row < rows; ++row) {
    const std::span<const float, Classes> of{logits.data() + row * Classes, Classes};
    const kernels::Softmax<float, Classes> softmax{of.data()};
    const double largest = static_cast<double>(*std::max_element(of.begin(), of.end()));
    double sum = 0;
    for (const float logit : of) sum += std::exp(static_cast<double>(logit) - largest);
    for (const float logit : of) {
      result.got.push_back(softmax.log(logit));
      result.expected.push_back(static_cast<double>(logit) - largest - std::log(sum));
    }
  }
  return result;
}

/// What a net of initial values makes of some samples when its weights are in fewer bits, beside what it makes of them
/// in float. Calibrated on others.
template <class Net>
void fewer_bits(const std::string& name) {
  constexpr int samples = 1000, numbers = samples * Net::input.size();
  const Net net{Seed{1}};
  const std::vector<float> x = normal(numbers, 1), seen = normal(numbers, 2);
  InferenceWorkspace<Net> workspace{samples};
  const auto logits = [&](const auto&... prepared) {
    workspace.forward(net, prepared..., x.data(), samples);
    const float* first = workspace.logits().data;
    return std::vector<float>(first, first + samples * Net::outputs[0]);
  };
  const std::vector<double> expected = as<double>(logits());
  relative(name, "bf16", logits(Prepared<Net, Stored::bf16>{net}), expected);
  relative(name, "int8", logits(Prepared<Net, Stored::int8>{net, seen}), expected);
}

/// The same for what counts: the error on half of the digits, trained and calibrated on the others; five seeds.
void digits_in_fewer_bits() {
  using Net = Plain<Input<64>, Sequential<Dense<32>, BatchNorm<>, Relu, Dense<10>>>;
  constexpr std::uint64_t seeds = 5;
  std::array<double, 3> errors{};
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const auto [train, test] = split(digits(), 0.5, Seed{seed});
    Trainer trainer{Net{Seed{seed}}, Sgd{.rate = 0.1, .momentum = 0.9}};
    trainer.fit(train, {.epochs = 20, .batch_size = 64});
    const auto add_errors = [&set = test](auto predictor, double& errors_of) {
      for (std::size_t i = 0; i < set.labels.size(); ++i)
        if (predictor.classify(set.row(i)) != set.labels[i])
          errors_of += 100.0 / seeds / static_cast<double>(set.labels.size());
    };
    const Net& net = trainer.net();
    add_errors(Predictor<Net>{net}, errors[0]);
    add_errors(Predictor<Net, Stored::bf16>{net}, errors[1]);
    add_errors(Predictor<Net, Stored::int8>{net, train.features}, errors[2]);
  }
  std::printf("\n%-44s %10s %10s %10s\n", "error in %", "float", "bf16", "int8");
  std::printf("%-44s %10.2f %10.2f %10.2f\n", "64-32-10 on digits, mean of five seeds", errors[0], errors[1],
              errors[2]);
}

}  // namespace

int main() {
  heading("error / root mean square of the result");
  constexpr auto sizes = [](int side, int channels) {
    return ConvolutionSizes{side, side, channels, channels, 3, 1, 1};
  };
  convolution<sizes(32, 16)>();
  convolution<sizes(16, 32)>();
  convolution<sizes(8, 64)>();
  relative("product 128x720 by 720x360", "", product<float>(), product<double>());
  const auto of_floats = moments<float>();
  const auto of_doubles = moments<double>();
  relative("BatchNorm, mean 1000 of deviation 1", "", of_floats.mean, of_doubles.mean);
  relative("BatchNorm, variance 1 at mean 1000", "", of_floats.variance, of_doubles.variance);
  relative("Adam, ten steps", "", adam_steps<float>(), adam_steps<double>());
  const LogProbabilities ten = log_softmax<10>(), thousand = log_softmax<1000>();
  relative("log-softmax of 10 classes", "", ten.got, ten.expected);
  relative("log-softmax of 1000 classes", "", thousand.got, thousand.expected);
  fewer_bits<Plain<Input<576>, Sequential<Dense<200>, Relu, Dense<80>, Relu, Dense<2>>>>("logits of 576-200-80-2");
  fewer_bits<Plain<Input<576>, Sequential<Dense<720>, Relu, Dense<360>, Relu, Dense<240>, Relu, Dense<180>, Relu,
                                          Dense<90>, Relu, Dense<2>>>>("logits of 576-720-360-240-180-90-2");

  heading("error / unit in the last place");
  exponential();
  in_last_places("log-softmax of 10 classes", ten.got, ten.expected);
  in_last_places("log-softmax of 1000 classes", thousand.got, thousand.expected);

  digits_in_fewer_bits();
}
