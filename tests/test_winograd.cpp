// Winograd's convolution computes what direct sums compute, with the rounding error its header states.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <vector>

#include <rocket/kernels/convolution.hpp>
#include <rocket/layers/conv2d.hpp>
#include <rocket/net/inference_workspace.hpp>
#include <rocket/net/launch.hpp>

#include "support/catch.hpp"
#include "support/random_numbers.hpp"

using namespace rocket;
using kernels::Addends;
using kernels::AsIs;
using kernels::ConvolutionSizes;

namespace {

template <class T>
std::vector<T> normal(int count, std::uint64_t seed, double deviation = 1) {
  std::vector<T> numbers(static_cast<std::size_t>(count));
  fill_normal(std::span{numbers}, seed, deviation);
  return numbers;
}

/// Everything a convolution computes of some images, by one of the kernels.
template <class T>
struct Results {
  std::vector<T> y, dx, dweight;
};

template <class Kernel, ConvolutionSizes S, class T>
Results<T> run(int images, const std::vector<T>& x, const std::vector<T>& weight, const std::vector<T>& dy,
               const Addends<T>& addends = {}) {
  const auto room = [](int count) { return std::vector<T>(static_cast<std::size_t>(count)); };
  Results<T> r{room(images * S.out_height() * S.out_width() * S.outputs), room(images * S.height * S.width * S.inputs),
               room(S.weights())};
  std::vector<T> prepared = room(std::max(Kernel::prepared_weights, Kernel::prepared_gradient_weights));
  std::vector<T> sums = room(Kernel::weight_sums),
                 scratch = room(std::max(
                     {Kernel::forward_scratch, Kernel::input_gradient_scratch, Kernel::weight_gradient_scratch}));
  const T* for_forward = Kernel::prepare(weight.data(), prepared.data());
  Kernel::forward(images, x.data(), for_forward, r.y.data(), scratch.data(), AsIs{}, addends);
  const T* for_gradient = Kernel::prepare_gradient(weight.data(), prepared.data());
  Kernel::input_gradient(images, dy.data(), for_gradient, r.dx.data(), scratch.data(), Addends<T>{});
  Kernel::weight_gradient(images, x.data(), dy.data(), sums.data(), scratch.data(), AsIs{});
  Kernel::finish_weight_gradient(sums.data(), r.dweight.data());
  return r;
}

/// The largest difference, as a part of the expected numbers' root mean square.
template <class T, class U>
double error(const std::vector<T>& got, const std::vector<U>& expected) {
  double largest = 0, squares = 0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    largest = std::max(largest, std::abs(static_cast<double>(got[i]) - static_cast<double>(expected[i])));
    squares += static_cast<double>(expected[i]) * static_cast<double>(expected[i]);
  }
  return largest / std::sqrt(squares / static_cast<double>(got.size()));
}

template <ConvolutionSizes S>
struct Problem {
  static constexpr int in = S.height * S.width * S.inputs, out = S.out_height() * S.out_width() * S.outputs;
  int images;
  std::vector<float> x = normal<float>(images * in, 1), dy = normal<float>(images * out, 2);
  std::vector<float> weight = normal<float>(S.weights(), 3, std::sqrt(2.0 / (9 * S.inputs)));

  static std::vector<double> doubled(const std::vector<float>& numbers) { return {numbers.begin(), numbers.end()}; }
  template <class Kernel>
  Results<double> in_double() const {
    return run<Kernel, S, double>(images, doubled(x), doubled(weight), doubled(dy));
  }
};

template <ConvolutionSizes S>
void check_against_direct_sums(int images) {
  const Problem<S> problem{images};
  const auto expected = problem.template in_double<kernels::DirectConvolution<S>>();
  const auto in_double = problem.template in_double<kernels::Winograd<S>>();
  CHECK(error(in_double.y, expected.y) < 1e-13);
  CHECK(error(in_double.dx, expected.dx) < 1e-13);
  CHECK(error(in_double.dweight, expected.dweight) < 1e-13);
  const auto in_float = run<kernels::Winograd<S>, S, float>(images, problem.x, problem.weight, problem.dy);
  INFO("float: y " << error(in_float.y, expected.y) << ", dx " << error(in_float.dx, expected.dx) << ", dweight "
                   << error(in_float.dweight, expected.dweight));
  CHECK(error(in_float.y, expected.y) < 3e-5);
  CHECK(error(in_float.dx, expected.dx) < 3e-5);
  CHECK(error(in_float.dweight, expected.dweight) < 1e-4);
}

}  // namespace

TEST_CASE("pieces of a product cover it, in as few as can be of almost one size", "[winograd]") {
  const auto pieces_of = []<int Whole, int Most>() {
    std::vector<int> sizes;
    int covered = 0;
    kernels::detail::each_even_piece<Whole, Most>([&](auto size, int begin) {
      CHECK(begin == covered);
      covered += size;
      sizes.push_back(size);
    });
    CHECK(covered == Whole);
    return sizes;
  };
  CHECK(pieces_of.operator()<16, 6>() == std::vector{6, 5, 5});
  CHECK(pieces_of.operator()<16, 14>() == std::vector{8, 8});
  CHECK(pieces_of.operator()<32, 6>() == std::vector{6, 6, 5, 5, 5, 5});
  CHECK(pieces_of.operator()<5, 6>() == std::vector{5});
  CHECK(pieces_of.operator()<1, 1>() == std::vector{1});
}

TEST_CASE("Winograd's passes agree with direct sums on the shapes of the paper's nets", "[winograd]") {
  check_against_direct_sums<ConvolutionSizes{32, 32, 16, 16, 3, 1, 1}>(2);
  check_against_direct_sums<ConvolutionSizes{16, 16, 32, 32, 3, 1, 1}>(3);
  check_against_direct_sums<ConvolutionSizes{8, 8, 64, 64, 3, 1, 1}>(9);
}

TEST_CASE("Winograd's passes agree with direct sums on odd sizes, channels and paddings", "[winograd]") {
  check_against_direct_sums<ConvolutionSizes{9, 11, 24, 20, 3, 1, 1}>(3);
  check_against_direct_sums<ConvolutionSizes{5, 4, 8, 33, 3, 1, 0}>(7);
  check_against_direct_sums<ConvolutionSizes{3, 3, 9, 8, 3, 1, 0}>(1);
  check_against_direct_sums<ConvolutionSizes{6, 13, 10, 8, 3, 1, 2}>(4);
  check_against_direct_sums<ConvolutionSizes{1, 1, 8, 8, 3, 1, 1}>(5);
  // No zeros at all around the input, or around the output.
  check_against_direct_sums<ConvolutionSizes{6, 6, 8, 8, 3, 1, 0}>(3);
  check_against_direct_sums<ConvolutionSizes{10, 14, 8, 12, 3, 1, 0}>(2);
  check_against_direct_sums<ConvolutionSizes{8, 8, 8, 8, 3, 1, 2}>(3);
}

// But for the last bits: a compiler may fuse multiplication and addition for some numbers of tiles, and not for others.
TEST_CASE("an image's output doesn't depend on its neighbours in the batch", "[winograd]") {
  constexpr ConvolutionSizes s{8, 8, 16, 24, 3, 1, 1};
  using Kernel = kernels::Winograd<s>;
  const Problem<s> problem{11};
  const auto together = run<Kernel, s, float>(11, problem.x, problem.weight, problem.dy);
  for (int i = 0; i < 11; ++i) {
    const auto piece = [i](const std::vector<float>& all, int size) {
      return std::vector<float>(all.begin() + long{i} * size, all.begin() + (long{i} + 1) * size);
    };
    const auto alone =
        run<Kernel, s, float>(1, piece(problem.x, problem.in), problem.weight, piece(problem.dy, problem.out));
    CHECK(error(alone.y, piece(together.y, problem.out)) < 5e-6);
    CHECK(error(alone.dx, piece(together.dx, problem.in)) < 5e-6);
  }
}

TEST_CASE("a bias and an array are added to the sums", "[winograd]") {
  constexpr ConvolutionSizes s{7, 6, 12, 20, 3, 1, 1};
  const Problem<s> problem{3};
  const std::vector<float> bias = normal<float>(s.outputs, 7), array = normal<float>(3 * problem.out, 8);
  const auto check = [&]<class Kernel>(std::type_identity<Kernel>) {
    const auto plain = run<Kernel, s, float>(3, problem.x, problem.weight, problem.dy);
    const auto with = run<Kernel, s, float>(3, problem.x, problem.weight, problem.dy, {bias.data(), array.data()});
    std::vector<float> expected = plain.y;
    for (std::size_t i = 0; i < expected.size(); ++i) expected[i] += array[i] + bias[i % bias.size()];
    CHECK(error(with.y, expected) < 5e-6);
  };
  check(std::type_identity<kernels::Winograd<s>>{});
  check(std::type_identity<kernels::DirectConvolution<s>>{});
}

TEST_CASE("ConvolveBy::direct_sums switches Winograd off", "[winograd]") {
  constexpr ConvolutionSizes s{8, 8, 16, 16, 3, 1, 1};
  STATIC_REQUIRE(std::is_base_of_v<kernels::Winograd<s>, kernels::Convolution<s>>);
  STATIC_REQUIRE(std::is_base_of_v<kernels::DirectConvolution<s>, kernels::Convolution<s, ConvolveBy::direct_sums>>);
  // Nor is it on where it can't be, or wouldn't be faster.
  STATIC_REQUIRE_FALSE(kernels::winograd_wins({8, 8, 16, 16, 3, 2, 1}));
  STATIC_REQUIRE_FALSE(kernels::winograd_wins({8, 8, 16, 16, 5, 1, 2}));
  STATIC_REQUIRE_FALSE(kernels::winograd_wins({8, 8, 16, 16, 3, 1, 1, 2}));
  STATIC_REQUIRE_FALSE(kernels::winograd_wins({8, 8, 3, 16, 3, 1, 1}));
  STATIC_REQUIRE_FALSE(kernels::winograd_wins({2, 2, 16, 16, 3, 1, 1}));

  using Layer = Conv2d<16, Window{.size = 3, .stride = 1, .padding = 1}>;
  using Direct = Conv2d<16, Window{.size = 3, .stride = 1, .padding = 1}, Bias::yes, 1, ConvolveBy::direct_sums>;
  const auto logits = []<class L>(std::type_identity<L>) {
    using Net = Plain<Input<8, 8, 16>, L>;
    const Net net{Seed{1}};
    InferenceWorkspace<Net> workspace{2};
    const std::vector<float> x = normal<float>(2 * Net::input.size(), 9);
    workspace.forward(net, x.data(), 2);
    const auto rows = workspace.logits();
    return std::vector<float>(rows.data, rows.data + 2 * Net::outputs[0]);
  };
  const auto fastest = logits(std::type_identity<Layer>{}), direct = logits(std::type_identity<Direct>{});
  CHECK(fastest != direct);
  CHECK(error(fastest, direct) < 3e-5);
}
