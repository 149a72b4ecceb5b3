/// \file
/// How fast every kernel but the convolutions of convolution.cpp is, beside what bounds it: the arithmetic of the
/// processor, or the bandwidth of the cache or the memory that its arrays lie in. One thread.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <rocket/core/buffer.hpp>
#include <rocket/core/type_list.hpp>
#include <rocket/kernels/add.hpp>
#include <rocket/kernels/gemm.hpp>
#include <rocket/kernels/softmax.hpp>
#include <rocket/rocket.hpp>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "one_layer.hpp"
#include "peak.hpp"
#include "support.hpp"

namespace {
using namespace rocket;
using bench::OneBackward;
using bench::OneForward;

/// What a call must do at least, and where its arrays lie.
struct Cost {
  double flops;     ///< additions and multiplications; 0: so few beside the bytes that nobody counted them
  double bytes;     ///< every array read or written, once for each pass that can't begin before another one has ended
  double resident;  ///< bytes of all arrays together
};
/// The cost of one pass over that many numbers, each of them in an array of its own place.
Cost moves(double numbers) { return {0, sizeof(float) * numbers, sizeof(float) * numbers}; }

/// Adds a line. `make` makes what it calls, and so its arrays, when the line is run.
template <class Make>
void add(const std::string& name, const Cost& cost, const Make& make) {
  const auto line = [=](benchmark::State& state) {
    auto work = make();
    const auto call = [&] {
      work();
      benchmark::ClobberMemory();
    };
    for (auto _ : state) call();

    // They take turns of about a millisecond, so a machine that speeds up or slows down does so for all of them.
    Triad triad{static_cast<std::size_t>(std::max(12288.0, cost.resident))};
    const auto move = [&] { triad(); };
    const auto compute = [] { benchmark::DoNotOptimize(registers_only()); };
    const double most_flops = registers_only();
    const long calls = calls_a_millisecond(call), triads = calls_a_millisecond(move),
               computations = calls_a_millisecond(compute);
    const auto turn = [](long times, const auto& of) {
      of();  // brings back what the others have pushed out of the caches
      return seconds(times, of);
    };
    std::vector<double> peak_shares, triad_shares;
    for (int round = 0; round < 7; ++round) {
      const double took = turn(calls, call);
      peak_shares.push_back(cost.flops / most_flops * turn(computations, compute) / took);
      triad_shares.push_back(cost.bytes / triad.bytes() * turn(triads, move) / took);
    }
    using benchmark::Counter;
    if (cost.flops > 0) {
      state.counters["flops"] = {cost.flops, Counter::kIsIterationInvariantRate};
      state.counters["peak_share"] = median(peak_shares);
    }
    state.counters["bytes"] = {cost.bytes, Counter::kIsIterationInvariantRate};
    state.counters["triad_share"] = median(triad_shares);
  };
  benchmark::RegisterBenchmark(name.c_str(), line)->Unit(benchmark::kMicrosecond);
}

Buffer<float> numbers(int count) {
  const std::vector<float> features = some_features(count);
  Buffer<float> buffer(features.size());
  std::copy(features.begin(), features.end(), buffer.data());
  return buffer;
}
Buffer<float> room(int count) { return Buffer<float>(static_cast<std::size_t>(count)); }

/// The three products of a dense layer: y = x W, dW += x^T dy, dx = dy W^T.
template <int Inputs, int Outputs>
void add_products(int batch) {
  constexpr int weights = Inputs * Outputs;
  const int x_size = batch * Inputs, y_size = batch * Outputs;
  Cost cost = moves(1.0 * x_size + weights + y_size);
  cost.flops = 2.0 * batch * weights;
  Cost adding = cost;
  adding.bytes += sizeof(float) * 1.0 * weights;

  const std::string shape =
      '/' + std::to_string(Inputs) + 'x' + std::to_string(Outputs) + "/batch:" + std::to_string(batch);
  using kernels::plain;
  using kernels::transposed;
  add("product/forward" + shape, cost, [=] {
    return [=, x = numbers(x_size), w = numbers(weights), y = room(y_size)]() mutable {
      kernels::multiply<Outputs>(batch, Inputs, plain<float>(x.data(), Inputs), plain<float>(w.data(), Outputs),
                                 kernels::product_in(y.data(), Outputs), 1);
    };
  });
  add("product/weight_gradient" + shape, adding, [=] {
    return [=, x = numbers(x_size), dy = numbers(y_size), dw = room(weights)]() mutable {
      kernels::multiply<Outputs>(Inputs, batch, transposed<float>(x.data(), Inputs), plain<float>(dy.data(), Outputs),
                                 kernels::product_added_to(dw.data(), Outputs), 1);
    };
  });
  add("product/input_gradient" + shape, cost, [=] {
    return [=, dy = numbers(y_size), w = numbers(weights), dx = room(x_size)]() mutable {
      kernels::multiply<Inputs>(batch, Outputs, plain<float>(dy.data(), Outputs), transposed<float>(w.data(), Outputs),
                                kernels::product_in(dx.data(), Inputs), 1);
    };
  });
}

/// Every product of the dense pair 576-200-80-2, 576-720-360-240-180-90-2.
void products() {
  for (const int batch : {1, 128, 1024}) {
    add_products<576, 200>(batch);
    add_products<200, 80>(batch);
    add_products<80, 2>(batch);
    add_products<576, 720>(batch);
    add_products<720, 360>(batch);
    add_products<360, 240>(batch);
    add_products<240, 180>(batch);
    add_products<180, 90>(batch);
    add_products<90, 2>(batch);
  }
}

/// What follows works on as many images as a step does: the arrays are megabytes.
constexpr int batch = 128;

/// A layer as it stands in a net, on images Side x Side x Channels.
template <int Side, int Channels, class Layer>
struct OnImages {
  using Image = Input<Side, Side, Channels>;
  static constexpr int in = batch * Image::shape.size(), out = batch * Layer::output(Image::shape).size();

  static std::string named(const std::string& name) {
    return name + '/' + std::to_string(Side) + 'x' + std::to_string(Side) + 'x' + std::to_string(Channels);
  }
  static void forward(const std::string& name, const Cost& cost) {
    add(named(name), cost, [] {
      return [layer = OneForward<Image, Layer>{batch, 1, some_features(in)}]() mutable { layer(); };
    });
  }
  /// With what backward wants to know later.
  static void training_forward(const std::string& name, const Cost& cost) {
    add(named(name), cost, [] {
      return [layer = OneForward<Image, Layer, true>{batch, 1, some_features(in)}]() mutable { layer(); };
    });
  }
  template <Trains Parameters = Trains::everything, bool OfInput = true>
  static void backward(const std::string& name, const Cost& cost) {
    add(named(name), cost, [] {
      return [layer = OneBackward<Image, Layer, Parameters, OfInput>{batch, 1, some_features(in),
                                                                     some_features(out)}]() mutable { layer(); };
    });
  }
};

/// Forward reads x for the moments, then x again to write y; backward reads x and dy for two sums, then both again to
/// write dx.
template <int Side, int Channels>
void add_batch_norm() {
  using Plain = OnImages<Side, Channels, BatchNorm<>>;
  using Rectified = OnImages<Side, Channels, BatchNorm<0.1, 1e-5, ScaleInit::one, Activation::relu>>;
  constexpr double array = sizeof(float) * 1.0 * Plain::in;
  constexpr Cost forward{0, 3 * array, 2 * array}, backward{0, 5 * array, 3 * array};
  Plain::training_forward("batch_norm/forward", forward);
  Plain::backward("batch_norm/backward", backward);
  Rectified::training_forward("batch_norm_relu/forward", forward);
  Rectified::backward("batch_norm_relu/backward", backward);
}

void poolings() {
  constexpr Window two{.size = 2, .stride = 2, .padding = 0}, three{.size = 3, .stride = 2, .padding = 1};
  const auto max = [](auto window) {
    using Max = OnImages<32, 16, MaxPool<decltype(window)::value>>;
    const std::string size = "/window:" + std::to_string(window().size);
    Max::forward("max_pool/forward" + size, moves(Max::in + Max::out));
    // The input again, to find the largest numbers.
    Max::backward("max_pool/backward" + size, moves(2.0 * Max::in + Max::out));
  };
  max(std::integral_constant<Window, two>{});
  max(std::integral_constant<Window, three>{});
  const auto average = [](auto window) {
    using Average = OnImages<32, 16, AveragePool<decltype(window)::value>>;
    const std::string size = "/window:" + std::to_string(window().size);
    Average::forward("average_pool/forward" + size, moves(Average::in + Average::out));
    Average::backward("average_pool/backward" + size, moves(Average::in + Average::out));
  };
  average(std::integral_constant<Window, two>{});
  average(std::integral_constant<Window, three>{});
  using Global = OnImages<8, 64, GlobalAveragePool>;
  Global::forward("global_average_pool/forward", moves(Global::in + Global::out));
  Global::backward("global_average_pool/backward", moves(Global::in + Global::out));
}

template <int Side, int Channels, class Layer>
void add_convolution(const std::string& name) {
  using Convolution = OnImages<Side, Channels, Layer>;
  Cost cost = moves(Convolution::in + Convolution::out);  // the weight is small beside them
  cost.flops = 2.0 * batch * static_cast<double>(Layer::multiply_adds(Convolution::Image::shape));
  Convolution::forward(name + "/forward", cost);
  Convolution::template backward<Trains::nothing>(name + "/input_gradient", cost);
  Convolution::template backward<Trains::everything, false>(name + "/weight_gradient", cost);
}
template <int Outputs, int Size, int Stride, int Groups = 1>
using Conv = Conv2d<Outputs, Window{.size = Size, .stride = Stride, .padding = Size / 2}, Bias::no, Groups>;

/// Those that are no sums over 3x3 windows and all channels.
void convolutions() {
  add_convolution<32, 16, Conv<16, 3, 1, depthwise>>("depthwise/stride:1");
  add_convolution<16, 64, Conv<64, 3, 1, depthwise>>("depthwise/stride:1");
  add_convolution<16, 64, Conv<64, 3, 2, depthwise>>("depthwise/stride:2");
  add_convolution<32, 16, Conv<32, 1, 2>>("pointwise/to:32/stride:2");
  add_convolution<16, 32, Conv<64, 1, 2>>("pointwise/to:64/stride:2");
  add_convolution<16, 64, Conv<64, 1, 1>>("pointwise/to:64/stride:1");
  add_convolution<8, 128, Conv<128, 1, 1>>("pointwise/to:128/stride:1");
}

/// Functions of logits, row by row. The arithmetic is mostly that of the exponential.
template <int Classes>
void add_logits() {
  constexpr int rows = 1024, count = rows * Classes;
  constexpr int exponential = 27;              // additions and multiplications of kernels::exp
  constexpr int softmax = exponential + 5;     // maximum, difference, temperature, sum, quotient
  constexpr int kl = 2 * softmax + 7 + 2 + 2;  // two of them, the ratio's logarithm, its mean, the gradient
  const std::string name = "/classes:" + std::to_string(Classes) + "/batch:" + std::to_string(rows);
  const auto cost = [](int flops, int arrays) {
    Cost all = moves(1.0 * arrays * count);
    all.flops = 1.0 * flops * count;
    return all;
  };
  using Row = std::span<float, Classes>;
  using ConstRow = std::span<const float, Classes>;
  const auto row = [](Buffer<float>& of, int i) { return Row{of.data() + i * Classes, Classes}; };

  add("softmax" + name, cost(softmax, 2), [=] {
    return [=, x = numbers(count), p = room(count)]() mutable {
      for (int i = 0; i < rows; ++i) benchmark::DoNotOptimize(kernels::softmax(ConstRow{row(x, i)}, row(p, i)));
    };
  });
  add("cross_entropy" + name, cost(softmax + 2, 2), [=] {
    return [=, x = numbers(count), dx = room(count)]() mutable {
      for (int i = 0; i < rows; ++i)
        benchmark::DoNotOptimize(cross_entropy(ConstRow{row(x, i)}, i % Classes, row(dx, i)));
    };
  });
  add("kl" + name, cost(kl, 3), [=] {
    return [=, light = numbers(count), booster = numbers(count), gradient = room(count)]() mutable {
      for (int i = 0; i < rows; ++i)
        benchmark::DoNotOptimize(
            Kl{}(ConstRow{row(light, i)}, ConstRow{row(booster, i)}, row(gradient, i), NoGradient{}));
    };
  });
}

/// The updates of 950,000 parameters, those of the dense pair with its biases, about.
void optimizers() {
  constexpr int count = 950'000;
  constexpr double array = sizeof(float) * 1.0 * count;
  // Parameter and state are read and written, the gradient is read. At a rate of 0 the numbers stay as they are.
  const auto update = [=](const std::string& name, auto optimizer) {
    constexpr int states = decltype(optimizer)::states;
    add("optimizer/" + name, Cost{0, (3 + 2 * states) * array, (2 + states) * array}, [=] {
      std::array<Buffer<float>, states> state;
      state.fill(room(count));
      return [=, parameters = numbers(count), gradients = numbers(count), state = std::move(state)]() mutable {
        std::array<float*, states> vectors;
        for (std::size_t i = 0; i < states; ++i) vectors[i] = state[i].data();
        optimizer(Piece{count, 0, optimizer.weight_decay, 1}, parameters.data(), gradients.data(), vectors);
      };
    });
  };
  update("sgd", Sgd{.momentum = 0.9, .weight_decay = 5e-4});
  update("sgd_nesterov", Sgd{.momentum = 0.9, .weight_decay = 5e-4, .nesterov = true});
  update("adam", Adam{});
  update("adamw", AdamW{});
}

void additions() {
  const auto sum = [](int side, int channels) {
    const int size = side * side * channels, count = batch * size;
    const std::string shape = std::to_string(side) + 'x' + std::to_string(side) + 'x' + std::to_string(channels);
    add("residual_add/" + shape, moves(3.0 * count), [=] {
      return [=, a = numbers(count), b = numbers(count), c = room(count)]() mutable {
        kernels::add<float>(batch, size, 1, a.data(), b.data(), c.data());
      };
    });
  };
  sum(32, 16);
  sum(8, 64);
}

}  // namespace

int main(int argc, char** argv) {
  products();
  convolutions();
  add_batch_norm<32, 16>();
  add_batch_norm<16, 32>();
  add_batch_norm<8, 64>();
  poolings();
  additions();
  add_logits<2>();
  add_logits<10>();
  add_logits<100>();
  add_logits<1000>();
  optimizers();
  return run_benchmarks(argc, argv, "0.05");
}
