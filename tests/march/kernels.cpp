// Every kernel in float against its definition in double, and a checksum of what it computed: for every instruction set
// the same file, and for one instruction set the same bits with and without xsimd and OpenMP.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <span>
#include <vector>

#include <rocket/kernels/small_weights.hpp>
#include <rocket/layers/layers.hpp>
#include <rocket/net/launch.hpp>
#include <rocket/net/training_workspace.hpp>
#include <rocket/objective/objectives.hpp>

#include "../support/checksum.hpp"
#include "../support/finite_difference.hpp"
#include "../support/probe.hpp"
#include "../support/random_numbers.hpp"
#include "../support/reference_losses.hpp"

using namespace rocket;

namespace {

using Doubles = std::vector<double>;

// Prints a line a kernel, and remembers whether all were right.
class Report {
 public:
  void line(const char* kernel, std::span<const float> got, const Doubles& exact, double tolerance = 1e-5) {
    const double error = relative_error(got, exact);
    const bool right = got.size() == exact.size() && error <= tolerance;
    wrong_ += !right;
    std::printf("%-28s %016llx%s\n", kernel, static_cast<unsigned long long>(checksum(got)), right ? "" : "  WRONG");
    if (!right) std::fprintf(stderr, "%s: relative error %g, expected at most %g\n", kernel, error, tolerance);
  }
  int wrong() const { return wrong_; }

 private:
  int wrong_ = 0;
};

// One layer, forward and backward, on more samples than a chunk has.
template <class InputShape, class Layer>
struct Ran {
  static constexpr int batch = 33;
  static constexpr Shape in = InputShape::shape, out = Layer::output(in);
  using Net = Plain<InputShape, Sequential<Probe<batch>, Layer>>;
  std::vector<float> y, gradient;  // of the inputs, then of the parameters
  Doubles x, parameters, dy;       // what went in
  std::size_t inputs = static_cast<std::size_t>(batch * in.size());

  Ran() {
    Net net{Seed{1}};
    fill_normal(net.parameter_vector(), 2);
    const auto all = net.parameter_vector();
    x.assign(all.begin(), all.begin() + static_cast<long>(inputs));
    parameters.assign(all.begin() + static_cast<long>(inputs), all.end());
    const std::vector<float> zeros(inputs), pull = normal_numbers<float>(batch * out.size(), 3);
    dy.assign(pull.begin(), pull.end());

    TrainingWorkspace<Net, Edge{0}> workspace{batch};
    workspace.forward(net, zeros.data(), batch, Context{.threads = 2});
    y.assign(workspace.template logits<0>().data, workspace.template logits<0>().data + dy.size());
    std::copy(pull.begin(), pull.end(), workspace.template logit_gradient<0>().data);
    gradient.resize(Net::parameters);
    workspace.backward(net, gradient);
  }
};

// Calls term(input, weight, output), indices all three, for every multiplication of a convolution; a matrix product is
// one of an image of one pixel.
template <Shape In, Shape Out, class Term>
void each_product(int batch, Window w, int groups, const Term& term) {
  const auto place = [](const Shape& s, int n, int i, int j, int c) {
    return static_cast<std::size_t>(((n * s.extent[0] + i) * s.extent[1] + j) * s.channels() + c);
  };
  const int inputs = In.channels() / groups, outputs = Out.channels() / groups;
  for (int n = 0; n < batch; ++n)
    for (int i = 0; i < Out.extent[0]; ++i)
      for (int j = 0; j < Out.extent[1]; ++j)
        for (int u = 0; u < w.size; ++u)
          for (int v = 0; v < w.size; ++v) {
            const int p = w.stride * i + u - w.padding, q = w.stride * j + v - w.padding;
            if (p < 0 || q < 0 || p >= In.extent[0] || q >= In.extent[1]) continue;
            for (int o = 0; o < Out.channels(); ++o)
              for (int c = 0; c < inputs; ++c)
                term(place(In, n, p, q, o / outputs * inputs + c),
                     static_cast<std::size_t>(((u * w.size + v) * inputs + c) * Out.channels() + o),
                     place(Out, n, i, j, o));
          }
}

// A layer whose output is linear in its input. Without parameters its weights are all `weight`.
template <class InputShape, class Layer>
void check_linear(Report& report, const char* name, Window window, int groups = 1, double weight = 1) {
  const Ran<InputShape, Layer> ran;
  constexpr auto image = [](const Shape& s) { return s.rank == 3 ? s : Shape{1, 1, s.size()}; };
  constexpr Shape in = image(ran.in), out = image(ran.out);
  const bool learns = !ran.parameters.empty();
  Doubles y(ran.y.size()), gradient(ran.gradient.size());
  const std::size_t bias = ran.parameters.size() - static_cast<std::size_t>(learns ? out.channels() : 0);
  if (learns)
    for (std::size_t k = 0; k < y.size(); ++k) {
      const std::size_t channel = bias + k % static_cast<std::size_t>(out.channels());
      y[k] = ran.parameters[channel];
      gradient[ran.inputs + channel] += ran.dy[k];
    }
  each_product<in, out>(ran.batch, window, groups, [&](std::size_t from, std::size_t w, std::size_t to) {
    const double factor = learns ? ran.parameters[w] : weight;
    y[to] += ran.x[from] * factor;
    gradient[from] += ran.dy[to] * factor;
    if (learns) gradient[ran.inputs + w] += ran.dy[to] * ran.x[from];
  });
  report.line(name, ran.y, y);
  report.line("  gradient", ran.gradient, gradient);
}

template <class InputShape, Window W>
void check_max_pool(Report& report) {
  const Ran<InputShape, MaxPool<W>> ran;
  Doubles y(ran.y.size(), -1e300), gradient(ran.gradient.size());
  std::vector<std::size_t> largest(y.size());
  each_product<ran.in, ran.out>(ran.batch, W, ran.in.channels(), [&](std::size_t from, std::size_t, std::size_t to) {
    if (ran.x[from] > y[to]) y[to] = ran.x[largest[to] = from];
  });
  for (std::size_t k = 0; k < y.size(); ++k) gradient[largest[k]] += ran.dy[k];
  report.line("max pool", ran.y, y);
  report.line("  gradient", ran.gradient, gradient);
}

template <class InputShape>
void check_batch_norm(Report& report) {
  const Ran<InputShape, BatchNorm<>> ran;
  const auto channels = static_cast<std::size_t>(ran.in.channels());
  const double count = static_cast<double>(ran.inputs / channels);
  Doubles y(ran.y.size()), gradient(ran.gradient.size());
  for (std::size_t c = 0; c < channels; ++c) {
    double mean = 0, variance = 0, sum = 0, along = 0;  // of dy; of dy times the normalised x
    for (std::size_t k = c; k < ran.inputs; k += channels) mean += ran.x[k] / count;
    for (std::size_t k = c; k < ran.inputs; k += channels) variance += (ran.x[k] - mean) * (ran.x[k] - mean) / count;
    const double scale = ran.parameters[c], deviation = std::sqrt(variance + 1e-5);
    const auto normalised = [&](std::size_t k) { return (ran.x[k] - mean) / deviation; };
    for (std::size_t k = c; k < ran.inputs; k += channels) {
      y[k] = scale * normalised(k) + ran.parameters[channels + c];
      sum += ran.dy[k];
      along += ran.dy[k] * normalised(k);
    }
    for (std::size_t k = c; k < ran.inputs; k += channels)
      gradient[k] = scale / deviation * (ran.dy[k] - sum / count - normalised(k) * along / count);
    gradient[ran.inputs + c] = along;
    gradient[ran.inputs + channels + c] = sum;
  }
  report.line("batch normalisation", ran.y, y);
  report.line("  gradient", ran.gradient, gradient);
}

void check_exp(Report& report) {
  std::vector<float> got(1000);
  Doubles exact(got.size());
  constexpr int lanes = native_lanes<float>;
  std::vector<float> x(got.size());
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = -100 + 0.1f * static_cast<float>(i);
  for (std::size_t i = 0; i < x.size(); i += lanes) {
    const int count = static_cast<int>(std::min<std::size_t>(lanes, x.size() - i));
    store_some(got.data() + i, kernels::exp(load_some<lanes>(x.data() + i, count)), count);
  }
  for (std::size_t i = 0; i < x.size(); ++i) exact[i] = std::exp(static_cast<double>(x[i]));
  report.line("exp", got, exact, 2e-7);
}

// Value and gradients of a hint, or of the cross-entropy, with respect to both rows.
template <std::size_t C, class Values, class Defined>
void check_loss(Report& report, const char* name, const Values& values, const Defined& defined) {
  const std::vector<float> l = normal_numbers<float>(C, 4), z = normal_numbers<float>(C, 5);
  std::vector<float> got(2 * C + 1);
  const std::span<float> all{got};
  got[0] = values(std::span<const float, C>{l}, std::span<const float, C>{z}, all.template subspan<1, C>(),
                  all.template subspan<1 + C, C>());

  Doubles rows(l.begin(), l.end());
  rows.insert(rows.end(), z.begin(), z.end());
  const auto value = [&] { return defined(reference::Logits{rows}.first(C), reference::Logits{rows}.last(C)); };
  Doubles exact{value()};
  for (const double slope : finite_differences(rows, value)) exact.push_back(slope);
  report.line(name, got, exact);
}

template <std::size_t C, class Hint>
void check_hint(Report& report, const char* name, const Hint& hint) {
  check_loss<C>(report, name, hint, [&](auto l, auto z) { return reference::hint(hint, l, z); });
}

template <std::size_t C>
void check_losses(Report& report) {
  std::printf("%zu classes\n", C);
  check_loss<C>(
      report, "  cross-entropy",
      [](auto l, auto z, auto light_gradient, auto booster_gradient) {
        return cross_entropy(l, 0, light_gradient) + cross_entropy(z, static_cast<int>(C) - 1, booster_gradient);
      },
      [](auto l, auto z) {
        return reference::cross_entropy(l, 0) + reference::cross_entropy(z, static_cast<int>(C) - 1);
      });
  check_hint<C>(report, "  logit MSE", LogitMse{});
  check_hint<C>(report, "  softmax MSE", SoftmaxMse{});
  check_hint<C>(report, "  KL", Kl{});
  check_hint<C>(report, "  hard label", HardLabel{});
}

// Weights in fewer bits: against rounded weights, and against the integers they are defined to be. The inputs are whole
// steps of 1/32 from -1 on, so that nothing hangs on how they are rounded.
template <int Inner, int Columns>
void check_small_weights(Report& report) {
  constexpr int rows = 9;
  const std::vector<float> weight = normal_numbers<float>(Inner * Columns, 6);
  std::vector<float> x = normal_numbers<float>(rows * Inner, 7), got(rows * Columns);
  for (float& number : x) number = std::round(32 * std::clamp(number, -1.0f, 2.5f)) / 32;
  Doubles halves(got.size()), bytes(got.size());
  for (std::size_t column = 0; column < Columns; ++column) {
    double largest = 0;
    for (std::size_t k = 0; k < Inner; ++k)
      largest = std::max(largest, std::abs(static_cast<double>(weight[k * Columns + column])));
    for (std::size_t row = 0; row < rows; ++row)
      for (std::size_t k = 0; k < Inner; ++k) {
        const float w = weight[k * Columns + column];
        const double from = x[row * Inner + k];
        halves[row * Columns + column] += from * static_cast<double>(static_cast<float>(BFloat16{w}));
        bytes[row * Columns + column] += from * largest / 127 * std::round(127 * static_cast<double>(w) / largest);
      }
  }
  using Halves = kernels::BFloat16Weights<Inner, Columns>;
  Buffer<float> stored(Halves::numbers);
  Halves::store(weight.data(), nullptr, stored.data());
  Halves::multiply(rows, x.data(), stored.data(), got.data(), 2);
  report.line("product, bfloat16", got, halves);
  using Bytes = kernels::Int8Weights<Inner, Columns>;
  stored = Buffer<float>(Bytes::numbers);
  Bytes::store(weight.data(), nullptr, -1, 95.0f / 32, stored.data());
  Bytes::multiply(rows, x.data(), stored.data(), got.data(), 2);
  report.line("product, int8", got, bytes);
}

}  // namespace

int main() {
  constexpr Window same{.size = 3, .stride = 1, .padding = 1}, halved{.size = 3, .stride = 2, .padding = 1};
  constexpr Window point{.size = 1}, pairs{.size = 2, .stride = 2};
  Report report;
  check_exp(report);
  check_losses<2>(report);
  check_losses<10>(report);
  check_losses<150>(report);
  check_linear<Input<40>, Dense<67>>(report, "dense", point);
  check_small_weights<75, 67>(report);
  check_linear<Input<8, 8, 32>, Conv2d<32, same>>(report, "convolution", same);
  check_linear<Input<7, 9, 5>, Conv2d<19, same>>(report, "convolution, odd sizes", same);
  check_linear<Input<7, 9, 16>, Conv2d<24, halved>>(report, "convolution, stride 2", halved);
  check_linear<Input<5, 5, 19>, Conv2d<7, point>>(report, "convolution, 1 x 1", point);
  check_linear<Input<7, 9, 19>, Conv2d<19, same, Bias::yes, depthwise>>(report, "convolution, depthwise", same, 19);
  check_max_pool<Input<7, 9, 19>, pairs>(report);
  check_linear<Input<8, 6, 19>, AveragePool<pairs>>(report, "average pool", pairs, 19, 0.25);
  constexpr Window whole{.size = 5};
  check_linear<Input<5, 5, 19>, GlobalAveragePool>(report, "global average pool", whole, 19, 0.04);
  check_batch_norm<Input<5, 3, 19>>(report);
  return report.wrong() == 0 ? 0 : 1;
}
