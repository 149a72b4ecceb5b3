// Conv2d against sums taken from its definition, and its gradients against central differences.
#include <algorithm>
#include <cstddef>
#include <tuple>
#include <vector>

#include <rocket/layers/conv2d.hpp>
#include <rocket/layers/tanh.hpp>
#include <rocket/net/launch.hpp>
#include <rocket/net/training_workspace.hpp>

#include "support/catch.hpp"
#include "support/finite_difference.hpp"
#include "support/layer_gradients.hpp"
#include "support/probe.hpp"
#include "support/random_numbers.hpp"

using namespace rocket;

namespace {

template <int Size, int Stride = 1, int Padding = 0>
inline constexpr Window window{.size = Size, .stride = Stride, .padding = Padding};

static_assert(Conv2d<16, window<3, 1, 1>>::output(Shape{32, 30, 3}) == Shape{32, 30, 16});
static_assert(Conv2d<16, window<3, 2, 1>>::output(Shape{32, 30, 3}) == Shape{16, 15, 16});
static_assert(Conv2d<16, window<1, 2>>::output(Shape{31, 30, 3}) == Shape{16, 15, 16});
static_assert(Conv2d<8, window<5, 3, 2>>::output(Shape{11, 13, 4}) == Shape{4, 5, 8});
static_assert(Conv2d<8, window<3>>::multiply_adds(Shape{10, 10, 4}) == 8 * 8 * 8 * 9 * 4);
static_assert(Conv2d<8, window<3>, Bias::no, 4>::multiply_adds(Shape{10, 10, 4}) == 8 * 8 * 8 * 9);
static_assert(Plain<Input<9, 9, 6>, Conv2d<6, window<3>, Bias::yes, depthwise>>::parameters == 9 * 6 + 6);

struct Sizes {
  int batch, height, width, inputs, outputs, window, stride, padding, groups;
  int out_height() const { return (height + 2 * padding - window) / stride + 1; }
  int out_width() const { return (width + 2 * padding - window) / stride + 1; }
};

// Calls term(input index, weight index, output index) for every multiplication of the definition.
template <class Term>
void each_product(const Sizes& s, const Term& term) {
  const int group_inputs = s.inputs / s.groups, group_outputs = s.outputs / s.groups;
  for (int n = 0; n < s.batch; ++n)
    for (int i = 0; i < s.out_height(); ++i)
      for (int j = 0; j < s.out_width(); ++j)
        for (int o = 0; o < s.outputs; ++o)
          for (int u = 0; u < s.window; ++u)
            for (int v = 0; v < s.window; ++v) {
              const int p = s.stride * i + u - s.padding, q = s.stride * j + v - s.padding;
              if (p < 0 || q < 0 || p >= s.height || q >= s.width) continue;
              for (int c = 0; c < group_inputs; ++c)
                term(static_cast<std::size_t>(((n * s.height + p) * s.width + q) * s.inputs +
                                              o / group_outputs * group_inputs + c),
                     static_cast<std::size_t>(((u * s.window + v) * group_inputs + c) * s.outputs + o),
                     static_cast<std::size_t>(((n * s.out_height() + i) * s.out_width() + j) * s.outputs + o));
            }
}

// Output and all gradients of a convolution behind a Probe, whose gradient is the one with respect to the input.
template <class T, int Height, int Width, int Inputs, int Outputs, Window W, int Groups>
void check_values() {
  constexpr int batch = 33;  // more than a chunk
  using Layer = Conv2d<Outputs, W, Bias::yes, Groups>;
  using Net = Plain<Input<Height, Width, Inputs>, Sequential<Probe<batch>, Layer>, T>;
  constexpr double epsilon = sizeof(T) == 4 ? 2e-6 : 1e-14;
  CAPTURE(Height, Width, Inputs, Outputs, W.size, W.stride, W.padding, Groups, sizeof(T));
  Net net{Seed{1}};
  fill_normal(net.parameter("net.0.offset"), 2);
  fill_normal(net.parameter("net.1.bias"), 7);
  const auto x = net.parameter("net.0.offset"), weight = net.parameter("net.1.weight"),
             bias = net.parameter("net.1.bias");
  const std::vector<T> zeros(x.size()), dy = normal_numbers<T>(batch * Net::outputs[0], 3);

  const Sizes s{batch, Height, Width, Inputs, Outputs, W.size, W.stride, W.padding, Groups ? Groups : Inputs};
  std::vector<double> y(dy.size()), gradient(Net::parameters);  // of x, weight and bias, in this order
  double* const weight_gradient = gradient.data() + x.size();
  for (std::size_t k = 0; k < y.size(); ++k) {
    y[k] = static_cast<double>(bias[k % Outputs]);
    weight_gradient[weight.size() + k % Outputs] += static_cast<double>(dy[k]);
  }
  each_product(s, [&](std::size_t in, std::size_t w, std::size_t out) {
    y[out] += static_cast<double>(x[in]) * static_cast<double>(weight[w]);
    gradient[in] += static_cast<double>(weight[w]) * static_cast<double>(dy[out]);
    weight_gradient[w] += static_cast<double>(x[in]) * static_cast<double>(dy[out]);
  });

  TrainingWorkspace<Net, Edge{0}> workspace{batch};
  const auto gradient_on = [&](int threads) {
    workspace.forward(net, zeros.data(), batch, Context{.threads = threads});
    const T* got = workspace.template logits<0>().data;
    CHECK(relative_error(std::vector<double>(got, got + y.size()), y) <= epsilon);
    std::copy(dy.begin(), dy.end(), workspace.template logit_gradient<0>().data);
    std::vector<T> found(Net::parameters);
    workspace.backward(net, found);
    return found;
  };
  const std::vector<T> found = gradient_on(1);
  for (const auto& [name, begin, size] : {std::tuple{"input", 0UL, x.size()},
                                          {"weight", x.size(), weight.size()},
                                          {"bias", x.size() + weight.size(), bias.size()}}) {
    CAPTURE(name);
    const auto from = static_cast<long>(begin), to = from + static_cast<long>(size);
    CHECK(relative_error(std::vector<double>(found.begin() + from, found.begin() + to),
                         std::vector<double>(gradient.begin() + from, gradient.begin() + to)) <= epsilon);
  }
  for (const int threads : {8, 3, 2}) CHECK(gradient_on(threads) == found);  // libomp leaks where a team grows
}

// The same, and against central differences where it stands alone and between others.
template <int Height, int Width, int Inputs, int Outputs, Window W, int Groups = 1>
void check() {
  check_values<double, Height, Width, Inputs, Outputs, W, Groups>();
  using Layer = Conv2d<Outputs, W, Bias::yes, Groups>;
  using Shape = Input<Height, Width, Inputs>;
  using namespace layer_gradients;
  CHECK(gradient_error<Shape, Layer>() <= tolerance);
  CHECK(gradient_error<Shape, Conv2d<Inputs, window<1>, Bias::no>, Layer, Tanh>() <= tolerance);
}

}  // namespace

TEST_CASE("Conv2d with the windows of residual nets") {
  check<6, 5, 3, 4, window<3, 1, 1>>();
  check<6, 6, 4, 6, window<3, 2, 1>>();
  check<5, 7, 4, 6, window<3, 2, 1>>();
  check<6, 5, 3, 4, window<1>>();
  check<6, 6, 4, 6, window<1, 2>>();
  check<5, 7, 4, 6, window<1, 2>>();
  check<4, 1, 3, 4, window<1, 2>>();  // narrower than the stride
  check<1, 4, 3, 4, window<1, 3>>();
}

TEST_CASE("Conv2d with channels that fill registers, and that don't") {
  check_values<float, 8, 8, 16, 16, window<3, 1, 1>, 1>();
  check_values<float, 8, 8, 16, 32, window<3, 2, 1>, 1>();
  check_values<float, 7, 9, 32, 64, window<3, 1, 1>, 1>();
  check_values<float, 7, 40, 5, 67, window<3, 1, 1>, 1>();
  check_values<double, 7, 9, 24, 40, window<3, 2, 1>, 1>();
}

TEST_CASE("Conv2d with other windows, strides and paddings") {
  check<5, 4, 2, 3, window<3>>();
  check<5, 4, 2, 3, window<2, 1, 1>>();
  check<7, 6, 2, 3, window<2, 3>>();
  check<7, 8, 2, 3, window<5, 3, 2>>();
  check<4, 4, 2, 3, window<4, 2, 3>>();
  check<3, 3, 2, 5, window<3>>();
}

TEST_CASE("Conv2d in groups, up to one a channel") {
  check<5, 4, 4, 6, window<3, 1, 1>, 2>();
  check<5, 5, 6, 9, window<3, 2, 1>, 3>();
  check<5, 4, 6, 6, window<3, 1, 1>, depthwise>();
  check<6, 5, 6, 6, window<3, 2, 1>, depthwise>();
  check<4, 4, 3, 6, window<3, 1, 1>, depthwise>();
  check_values<float, 6, 6, 40, 40, window<3, 2, 1>, depthwise>();
}
