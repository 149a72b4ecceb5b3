/// \file
/// How fast the three passes of a convolution are, by Winograd and by direct sums, beside what the processor could do:
/// every distinct convolution of WRN-16-1, WRN-40-1, WRN-16-2 and WRN-40-2 on 32x32 pixels.
#include <benchmark/benchmark.h>

#if __has_include(<Eigen/Core>)
#define BENCH_HAS_EIGEN 1
#include <Eigen/Core>
#endif

#include <algorithm>
#include <array>
#include <cstddef>
#include <rocket/core/buffer.hpp>
#include <rocket/core/type_list.hpp>
#include <rocket/kernels/convolution.hpp>
#include <string>
#include <vector>

#include "peak.hpp"
#include "support.hpp"

namespace {
using namespace rocket;
using kernels::ConvolutionSizes;

enum class Pass { forward, input_gradient, weight_gradient };

constexpr std::array passes{Pass::forward, Pass::input_gradient, Pass::weight_gradient};
constexpr std::array pass_names{"forward", "input_gradient", "weight_gradient"};

constexpr ConvolutionSizes convolution(int side, int inputs, int outputs, int window, int stride) {
  return {side, side, inputs, outputs, window, stride, window / 2};
}
constexpr std::array convolutions{
    // the first one
    convolution(32, 3, 16, 3, 1),
    // width 1
    convolution(32, 16, 16, 3, 1), convolution(32, 16, 32, 3, 2), convolution(32, 16, 32, 1, 2),
    convolution(16, 32, 32, 3, 1), convolution(16, 32, 64, 3, 2), convolution(16, 32, 64, 1, 2),
    convolution(8, 64, 64, 3, 1),
    // width 2
    convolution(32, 16, 32, 3, 1), convolution(32, 16, 32, 1, 1), convolution(32, 32, 32, 3, 1),
    convolution(32, 32, 64, 3, 2), convolution(32, 32, 64, 1, 2), convolution(16, 64, 64, 3, 1),
    convolution(16, 64, 128, 3, 2), convolution(16, 64, 128, 1, 2), convolution(8, 128, 128, 3, 1)};

/// Floating-point operations of any of the passes on one image by direct sums, multiplications by the zeros of the
/// border included.
constexpr double flops(const ConvolutionSizes& s) { return 2.0 * s.out_height() * s.out_width() * s.weights(); }

/// Some images and everything a pass reads or writes; as many as a step works on at once.
template <ConvolutionSizes S, ConvolveBy A>
class Problem {
  using Kernel = kernels::Convolution<S, A>;
  static constexpr int in = S.height * S.width * S.inputs, out = S.out_height() * S.out_width() * S.outputs;

 public:
  static constexpr int images = std::min(8, Kernel::images_at_once);

  /// What depends on the weight alone is done once a batch in a step, so it isn't counted.
  Problem()
      : prepared_{Kernel::prepare(weight_.data(), for_forward_.data())},
        prepared_gradient_{Kernel::prepare_gradient(weight_.data(), for_gradient_.data())} {}
  Problem(const Problem&) = delete;
  Problem& operator=(const Problem&) = delete;

  template <Pass P>
  void run() {
    if constexpr (P == Pass::forward)
      Kernel::forward(images, x_.data(), prepared_, y_.data(), scratch_.data(), kernels::AsIs{},
                      kernels::Addends<float>{});
    else if constexpr (P == Pass::input_gradient)
      Kernel::input_gradient(images, dy_.data(), prepared_gradient_, dx_.data(), scratch_.data(),
                             kernels::Addends<float>{});
    else
      Kernel::weight_gradient(images, x_.data(), dy_.data(), sums_.data(), scratch_.data(), kernels::AsIs{});
    benchmark::ClobberMemory();
  }

 private:
  static Buffer<float> numbers(int count) {
    const std::vector<float> features = some_features(count);
    Buffer<float> buffer(features.size());
    std::copy(features.begin(), features.end(), buffer.data());
    return buffer;
  }
  static Buffer<float> room(int count) { return Buffer<float>(static_cast<std::size_t>(count)); }

  Buffer<float> x_ = numbers(images * in), weight_ = numbers(S.weights()), dy_ = numbers(images * out);
  Buffer<float> y_ = room(images * out), dx_ = room(images * in), sums_ = room(Kernel::weight_sums);
  Buffer<float> for_forward_ = room(Kernel::prepared_weights), for_gradient_ = room(Kernel::prepared_gradient_weights);
  Buffer<float> scratch_ =
      room(std::max({Kernel::forward_scratch, Kernel::input_gradient_scratch, Kernel::weight_gradient_scratch}));
  const float *prepared_, *prepared_gradient_;
};

#ifdef BENCH_HAS_EIGEN
/// The matrix product of the same pass, if a matrix had been made of the image before: positions x (window x window x
/// inputs). Making it, or adding it up to an image again, is not counted.
template <ConvolutionSizes S>
class Product {
  using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  static constexpr int positions = S.out_height() * S.out_width(), rows = S.weights() / S.outputs;

 public:
  Product() { Eigen::setNbThreads(1); }

  template <Pass P>
  void run() {
    if constexpr (P == Pass::forward)
      y_.noalias() = columns_ * weight_;
    else if constexpr (P == Pass::input_gradient)
      columns_.noalias() = y_ * weight_.transpose();
    else
      weight_.noalias() = columns_.transpose() * y_;
    benchmark::ClobberMemory();
  }

 private:
  Matrix columns_ = Matrix::Random(positions, rows), weight_ = Matrix::Random(rows, S.outputs);
  Matrix y_ = Matrix::Random(positions, S.outputs);
};
#endif

template <ConvolutionSizes S, Pass P, ConvolveBy A>
void measure(benchmark::State& state) {
  Problem<S, A> problem;
  constexpr double flops_a_pass = Problem<S, A>::images * flops(S);
  const auto pass = [&] { problem.template run<P>(); };
  for (auto _ : state) pass();

  // They take turns of about a millisecond, so a machine that speeds up or slows down does so for all of them.
  const auto peak = [] { benchmark::DoNotOptimize(registers_only()); };
  const long passes_a_turn = calls_a_millisecond(pass), peaks_a_turn = calls_a_millisecond(peak);
  const double peak_flops = registers_only();
  std::vector<double> peaks, shares;
#ifdef BENCH_HAS_EIGEN
  Product<S> product;
  const auto eigen = [&] { product.template run<P>(); };
  const long products_a_turn = calls_a_millisecond(eigen);
  std::vector<double> products;
#endif
  for (int round = 0; round < 7; ++round) {
    const double best = peak_flops / seconds(peaks_a_turn, peak);
    peaks.push_back(best);
    shares.push_back(flops_a_pass / seconds(passes_a_turn, pass) / best);
#ifdef BENCH_HAS_EIGEN
    products.push_back(flops(S) / seconds(products_a_turn, eigen) / best);
#endif
  }
  state.counters["flops"] = {flops_a_pass, benchmark::Counter::kIsIterationInvariantRate};
  state.counters["peak"] = median(peaks);
  state.counters["peak_share"] = median(shares);
#ifdef BENCH_HAS_EIGEN
  state.counters["eigen_share"] = median(products);
#endif
}

}  // namespace

int main(int argc, char** argv) {
  detail::for_each_index<passes.size()>([](auto p) {
    detail::for_each_index<convolutions.size()>([=](auto i) {
      constexpr ConvolutionSizes s = convolutions[i];
      const std::string name = std::string{"convolution/"} + pass_names[p] + '/' + std::to_string(s.height) + 'x' +
                               std::to_string(s.width) + 'x' + std::to_string(s.inputs) +
                               "/to:" + std::to_string(s.outputs) + "/window:" + std::to_string(s.window) +
                               "/stride:" + std::to_string(s.stride);
      const auto add = [&](const char* by, auto* line) {
        benchmark::RegisterBenchmark((name + by).c_str(), line)->Unit(benchmark::kMicrosecond);
      };
      if constexpr (kernels::winograd_wins(s)) add("/winograd", measure<s, passes[p], ConvolveBy::fastest>);
      add("/direct", measure<s, passes[p], ConvolveBy::direct_sums>);
    });
  });
  return run_benchmarks(argc, argv, "0.05");
}
