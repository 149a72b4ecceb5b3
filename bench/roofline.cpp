/// \file
/// The roofline of this machine (Williams, Waterman, Patterson 2009) with the kernels of the wide residual pair on it:
/// how many operations a second they do, beside how many they could, given how many a byte they have to do. One thread.
///
///     roofline [FILE]        writes FILE, roofline.csv unless told otherwise; roofline.gp draws it
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <fstream>
#include <functional>
#include <rocket/models/wide_resnet.hpp>
#include <rocket/rocket.hpp>
#include <span>
#include <string>
#include <vector>

#include "one_layer.hpp"
#include "peak.hpp"
#include "peers/works.hpp"
#include "support.hpp"

namespace {
using namespace rocket;
using bench::OneBackward;
using bench::OneForward;

constexpr int batch = 128;

/// Seconds of processor time a call: median of seven turns of about 10 ms.
double typical_seconds(const std::function<void()>& work) {
  work();
  const long calls = 1 + std::lround(0.01 / std::max(1e-7, seconds(3, work)));
  std::vector<double> turns(7);
  for (double& turn : turns) turn = seconds(calls, work);
  return median(turns);
}

class Table {
 public:
  explicit Table(const std::string& path) : file_{path} {
    file_ << "kind,name,flops_a_byte,gflops,gbytes\n";
    std::printf("%-16s %-28s %12s %10s %9s\n", "kind", "name", "flops/byte", "GFLOP/s", "GB/s");
  }
  bool good() const { return file_.good(); }

  /// A ceiling: a bandwidth in GB/s or a peak in GFLOP/s, the other one 0.
  void ceiling(const std::string& name, double gflops, double gbytes) { row("ceiling", name, 0, gflops, gbytes); }
  /// \param kind  what is drawn alike; without a comma, as the name
  /// \param flops of a call   \param bytes that a call must touch: every array it reads or writes, once
  void kernel(const std::string& kind, const std::string& name, double flops, double bytes,
              const std::function<void()>& call) {
    const double took = typical_seconds(call);
    row(kind, name, flops / bytes, 1e-9 * flops / took, 1e-9 * bytes / took);
  }

 private:
  void row(const std::string& kind, const std::string& name, double intensity, double gflops, double gbytes) {
    file_ << kind << ',' << name << ',' << intensity << ',' << gflops << ',' << gbytes << '\n';
    std::printf("%-16s %-28s %12.3g %10.1f %9.1f\n", kind.c_str(), name.c_str(), intensity, gflops, gbytes);
    std::fflush(stdout);
  }
  std::ofstream file_;
};

void ceilings(Table& table) {
  const double flops = registers_only();
  table.ceiling("peak", 1e-9 * flops / typical_seconds([] { benchmark::DoNotOptimize(registers_only()); }), 0);
  struct Level {
    const char* name;
    std::size_t bytes;  ///< fits well into this level, and not into the one above
  };
  for (const Level& level :
       {Level{"L1", 24 << 10}, Level{"L2", 512 << 10}, Level{"L3", 8 << 20}, Level{"memory", 512 << 20}}) {
    Triad triad{level.bytes};
    table.ceiling(level.name, 0, 1e-9 * triad.bytes() / typical_seconds([&] { triad(); }));
  }
}

/// The three passes of a layer that does multiply-adds, on a batch.
template <class InputShape, class Layer>
void products(Table& table, const std::string& kind, const std::string& name, bool wants_input_gradient) {
  using Forward = OneForward<InputShape, Layer>;
  constexpr int x_size = batch * static_cast<int>(Forward::inputs), y_size = batch * static_cast<int>(Forward::outputs);
  const std::vector<float> x = some_features(x_size), dy = some_features(y_size);
  const double flops = 2 * batch * Forward::multiply_adds;
  const double bytes = sizeof(float) * (1.0 * x_size + y_size + static_cast<double>(Forward::parameters));
  {
    Forward forward{batch, 1, x};
    table.kernel(kind + " forward", name, flops, bytes, [&] { forward(); });
  }
  if (wants_input_gradient) {
    OneBackward<InputShape, Layer, Trains::nothing, true> backward{batch, 1, x, dy};
    table.kernel(kind + " input", name, flops, bytes, [&] { backward(); });
  }
  OneBackward<InputShape, Layer, Trains::everything, false> backward{batch, 1, x, dy};
  table.kernel(kind + " weight", name, flops, bytes, [&] { backward(); });
}

void convolutions(Table& table) {
  rocket::detail::for_each_index<peers::convolutions.size()>([&](auto i) {
    constexpr peers::Convolution c = peers::convolutions[i];
    using Layer = Conv2d<c.outputs, Window{.size = c.window, .stride = c.stride, .padding = c.window / 2}, Bias::no>;
    const std::string name = std::to_string(c.side) + "x" + std::to_string(c.side) + "x" + std::to_string(c.inputs) +
                             " to " + std::to_string(c.outputs) + (c.window == 1 ? " 1x1" : " 3x3") +
                             (c.stride == 2 ? " /2" : "");
    products<Input<c.side, c.side, c.inputs>, Layer>(table, "conv", name, i > 0);
  });
}

void dense(Table& table) {
  rocket::detail::for_each_index<peers::products.size()>([&](auto i) {
    constexpr peers::Product p = peers::products[i];
    products<Input<p.inputs>, Dense<p.outputs>>(table, "dense",
                                                std::to_string(p.inputs) + " to " + std::to_string(p.outputs), true);
  });
  products<Input<64>, Dense<10>>(table, "dense", "64 to 10", true);
}

/// What isn't a product: operations are those of the formula, an exponential or a root counting one.
void elementwise(Table& table) {
  using Image = Input<32, 32, 16>;
  constexpr int numbers = batch * Image::shape.size();
  const std::vector<float> x = some_features(numbers), dy = some_features(numbers);
  const std::string name = "32x32x16";
  {
    OneForward<Image, BatchNorm<>, true> forward{batch, 1, x};
    // A sum, a sum of squares, one subtraction, one multiply-add.
    table.kernel("other forward", "batch norm " + name, 6.0 * numbers, 2.0 * sizeof(float) * numbers,
                 [&] { forward(); });
  }
  {
    OneBackward<Image, BatchNorm<>> backward{batch, 1, x, dy};
    // The normalised input, two sums of products, three multiply-adds less one.
    table.kernel("other backward", "batch norm back " + name, 9.0 * numbers, 3.0 * sizeof(float) * numbers,
                 [&] { backward(); });
  }
  {
    OneForward<Image, Relu, true> forward{batch, 1, x};
    table.kernel("other forward", "relu " + name, 1.0 * numbers, 2.0 * sizeof(float) * numbers, [&] { forward(); });
  }
}

void pooling(Table& table) {
  constexpr int numbers = batch * 8 * 8 * 64;
  OneForward<Input<8, 8, 64>, GlobalAveragePool> forward{batch, 1, some_features(numbers)};
  table.kernel("other forward", "average pool 8x8x64", numbers, sizeof(float) * (numbers + batch * 64.0),
               [&] { forward(); });
}

/// Both cross-entropies, the hint, all gradients.
void objective(Table& table) {
  constexpr int classes = peers::image_classes;
  using Net = Launch<Input<64>, Sequential<>, Dense<classes>, Dense<classes>>;
  using Loss = Objective<Net, LogitMse, GradientBlock::Logits, NoHint>;
  const std::vector<float> features = some_features(batch * 64);
  const std::vector<int> labels = some_labels(batch, classes);
  const Loss loss{LogitMse{}, NoHint{}};
  const LossWeights weights;
  std::vector<double> partial(static_cast<std::size_t>(chunk_count(batch) * Loss::sums));
  typename Loss::Workspace workspace{batch};
  workspace.forward(Net{Seed{1}}, features.data(), batch, Context{});
  // A logit of a cross-entropy: maximum, difference, exponential, sum, quotient, difference, scale; of the hint five.
  table.kernel("other backward", "objective of 10 classes", 19.0 * classes * batch,
               4.0 * sizeof(float) * classes * batch, [&] {
                 benchmark::DoNotOptimize(
                     loss(workspace, nullptr, labels.data(), batch, weights, weights.hint, 1, partial.data()));
                 benchmark::ClobberMemory();
               });
}

void optimizer(Table& table) {
  using Net = Interval<Input<32, 32, 3>, peers::image_classes, WideResNet<peers::light_depth>,
                       WideResNet<peers::booster_depth>>;
  constexpr std::size_t count = Net::parameters;
  std::vector<float> parameters = some_features(count), gradients = some_features(count), velocity(count);
  const Sgd sgd{.rate = 0, .momentum = 0.9, .weight_decay = 5e-4, .nesterov = true};
  // Reads parameter, gradient, velocity; writes parameter, velocity.
  table.kernel("other backward", "Sgd with nesterov", 8.0 * count, 5.0 * sizeof(float) * count, [&] {
    sgd(Piece{count, 0, sgd.weight_decay, 1}, parameters.data(), gradients.data(), std::array{velocity.data()});
    benchmark::ClobberMemory();
  });
}

}  // namespace

int main(int argc, char** argv) {
  const std::string path = argc > 1 ? argv[1] : "roofline.csv";
  Table table{path};
  ceilings(table);
  convolutions(table);
  dense(table);
  elementwise(table);
  pooling(table);
  objective(table);
  optimizer(table);
  if (!table.good()) {
    std::fprintf(stderr, "roofline: can't write %s\n", path.c_str());
    return 1;
  }
}
