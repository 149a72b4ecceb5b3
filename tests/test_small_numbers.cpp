// Nets that hold their weights in fewer bits: rounding, products of integers against plain loops, what the logits lose,
// and what calibration refuses.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include <rocket/core/bfloat16.hpp>
#include <rocket/data/digits.hpp>
#include <rocket/data/split.hpp>
#include <rocket/deploy/predictor.hpp>
#include <rocket/kernels/gemm.hpp>
#include <rocket/kernels/small_weights.hpp>
#include <rocket/layers/layers.hpp>
#include <rocket/net/inference_workspace.hpp>
#include <rocket/net/launch.hpp>
#include <rocket/train/train.hpp>

#include "support/catch.hpp"
#include "support/guarded.hpp"
#include "support/random_numbers.hpp"

using namespace rocket;

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();

float rounded_to_bf16(float number) { return static_cast<float>(BFloat16{number}); }

// The root mean square of the differences, as a part of that of the numbers themselves.
template <class Got, class Expected>
double relative_rms(const Got& got, const Expected& expected) {
  double squares = 0, size = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const double gap = static_cast<double>(got[i]) - static_cast<double>(expected[i]);
    squares += gap * gap;
    size += static_cast<double>(expected[i]) * static_cast<double>(expected[i]);
  }
  return std::sqrt(squares / size);
}

}  // namespace

TEST_CASE("bfloat16 is the nearest one, of two the even one") {
  STATIC_REQUIRE(sizeof(BFloat16) == 2);
  const auto bits = [](float number) { return BFloat16{number}.bits(); };
  CHECK(bits(1.0f) == 0x3f80);
  CHECK(bits(-2.0f) == 0xc000);
  CHECK(bits(0.0f) == 0);
  CHECK(bits(-0.0f) == 0x8000);
  // Between 1 and the next one, 1 + 2^-7, half way is 1 + 2^-8: to the even one, 1; above the next one, up.
  CHECK(bits(1 + 0x1p-8f) == 0x3f80);
  CHECK(bits(1 + 0x1p-8f + 0x1p-20f) == 0x3f81);
  CHECK(bits(1 + 0x1p-8f - 0x1p-20f) == 0x3f80);
  CHECK(bits(1 + 3 * 0x1p-8f) == 0x3f82);
  CHECK(bits(-(1 + 3 * 0x1p-8f)) == 0xbf82);
  CHECK(bits(2 - 0x1p-9f) == 0x4000);  // into the next exponent
  CHECK(bits(infinity) == 0x7f80);
  CHECK(bits(-infinity) == 0xff80);
  CHECK(bits(std::numeric_limits<float>::max()) == 0x7f80);
  CHECK(bits(0x1.fep127f) == 0x7f7f);  // the largest
  CHECK(bits(std::numeric_limits<float>::denorm_min()) == 0);
  CHECK(bits(0x1p-133f) == 1);  // the smallest
  CHECK(std::isnan(rounded_to_bf16(std::numeric_limits<float>::quiet_NaN())));
  const auto barely_nan = std::bit_cast<float>(std::uint32_t{0x7f800001});
  CHECK(std::isnan(rounded_to_bf16(barely_nan)));
  for (std::uint32_t all = 0; all < 0x10000; ++all) {
    const auto number = std::bit_cast<float>(all << 16);
    if (!std::isnan(number) && bits(number) != all) FAIL("0x" << std::hex << all << " is not itself");
  }
}

TEST_CASE("sums of products of bytes are the same integers on any machine") {
  detail::for_each_index<3>([&](auto power) {
    constexpr int lanes = 4 << power;
    if constexpr (lanes <= native_lanes<float>) {
      CAPTURE(lanes);
      constexpr int bytes = 4 * lanes;
      for (int round = 0; round < 300; ++round) {
        std::uint8_t a[bytes];
        std::int8_t b[bytes];
        std::int32_t start[lanes], expected[lanes], got[lanes];
        for (int i = 0; i < bytes; ++i) {
          const auto draw = Random{Seed{1}, static_cast<std::uint64_t>(round)}.bits(static_cast<std::uint64_t>(i))[0];
          // The largest ones there are, of one sign and of both, then any.
          a[i] = round < 4 ? 127 : static_cast<std::uint8_t>(draw % 128);
          b[i] = static_cast<std::int8_t>(round == 0   ? 127
                                          : round == 1 ? -127
                                          : round == 2 ? (i % 2 ? 127 : -127)
                                                       : static_cast<int>(draw / 128 % 255) - 127);
        }
        for (int i = 0; i < lanes; ++i) {
          expected[i] = start[i] = 1000 * i - 70000;
          for (int j = 4 * i; j < 4 * i + 4; ++j) expected[i] += a[j] * b[j];
        }
        const auto words = [](const auto* from) {
          Simd<std::int32_t, lanes> read;
          std::memcpy(&read, from, sizeof(read));
          return read;
        };
        store_lanes(got, add_byte_products<lanes>(words(start), words(a), words(b)));
        REQUIRE(std::equal(got, got + lanes, expected));
        store_lanes(got, detail::add_byte_products_anywhere<lanes>(words(start), words(a), words(b)));
        REQUIRE(std::equal(got, got + lanes, expected));
      }
    }
  });
}

namespace {

// The product of int8 as its definition says, in int64 and double.
template <int Inner, int Columns>
void check_int8(int rows, float low, float high, double deviation) {
  CAPTURE(Inner, Columns, rows, low, high);
  using Weights = kernels::Int8Weights<Inner, Columns>;
  const std::vector<float> weight = normal_numbers<float>(Inner * Columns, 1), bias = normal_numbers<float>(Columns, 2);
  Guarded<float> x(static_cast<std::size_t>(rows * Inner)), y(static_cast<std::size_t>(rows * Columns));
  fill_normal(x.span(), 3, deviation);
  Buffer<float> stored(Weights::numbers);
  Weights::store(weight.data(), bias.data(), low, high, stored.data());
  Weights::multiply(rows, x.data(), stored.data(), y.data(), 1);

  const double step = (static_cast<double>(high) - static_cast<double>(low)) / 127;
  const auto zero = std::lround(-static_cast<double>(low) / step);
  double worst = 0, may_differ = 0;
  for (int column = 0; column < Columns; ++column) {
    double largest = 0;
    const auto w = [&](int k) { return static_cast<double>(weight[static_cast<std::size_t>(k * Columns + column)]); };
    for (int k = 0; k < Inner; ++k) largest = std::max(largest, std::abs(w(k)));
    for (int row = 0; row < rows; ++row) {
      std::int64_t sum = 0;
      for (int k = 0; k < Inner; ++k) {
        const double number = static_cast<double>(x[static_cast<std::size_t>(row * Inner + k)]);
        const double place = std::clamp(number / step + static_cast<double>(zero), 0.0, 127.0);
        // Half way between two steps floats decide as they like.
        if (std::abs(place - std::floor(place) - 0.5) < 1e-4) may_differ = 1;
        sum += (std::lround(place) - zero) * std::lround(127 * w(k) / largest);
      }
      const double expected =
          step * largest / 127 * static_cast<double>(sum) + static_cast<double>(bias[static_cast<std::size_t>(column)]);
      const double got = static_cast<double>(y[static_cast<std::size_t>(row * Columns + column)]);
      const double slack = 1e-5 * (1 + std::abs(expected)) + may_differ * step * largest;
      worst = std::max(worst, std::abs(got - expected) / slack);
    }
  }
  CHECK(worst <= 1);
}

// As of floats whose weights were rounded.
template <int Inner, int Columns>
void check_bf16(int rows) {
  CAPTURE(Inner, Columns, rows);
  using Weights = kernels::BFloat16Weights<Inner, Columns>;
  std::vector<float> weight = normal_numbers<float>(Inner * Columns, 1);
  const std::vector<float> bias = normal_numbers<float>(Columns, 2);
  Guarded<float> x(static_cast<std::size_t>(rows * Inner)), y(static_cast<std::size_t>(rows * Columns));
  fill_normal(x.span(), 3);
  Buffer<float> stored(Weights::numbers);
  Weights::store(weight.data(), bias.data(), stored.data());
  Weights::multiply(rows, x.data(), stored.data(), y.data(), 1);

  for (float& number : weight) number = rounded_to_bf16(number);
  std::vector<float> expected(y.span().size());
  kernels::multiply<Columns>(rows, Inner, kernels::plain<float>(x.data(), Inner),
                             kernels::plain<float>(weight.data(), Columns),
                             kernels::product_and_bias_in<float>(expected.data(), Columns, bias.data()), 1);
  CHECK(std::equal(expected.begin(), expected.end(), y.span().begin()));
}

template <int Inner, int Columns>
void check_products() {
  for (const int rows : {1, 3, 4, 9, 37}) {
    check_bf16<Inner, Columns>(rows);
    check_int8<Inner, Columns>(rows, -3, 4, 1.5);
  }
}

}  // namespace

TEST_CASE("products of small weights are what they are defined to be, and nothing beside is touched") {
  check_products<1, 1>();
  check_products<5, 2>();
  check_products<31, 9>();
  check_products<64, 33>();
  check_products<101, 130>();
  check_int8<90, 10>(5, 0, 2, 1);       // as behind a ReLU
  check_int8<90, 10>(5, -2, 0, 1);      // all cut that is above 0
  check_int8<90, 10>(5, -1e-6f, 9, 1);  // 0 is a step
}

TEST_CASE("threads share a product of small weights, by rows or by panels") {
  constexpr int inner = 301, columns = 2000;
  const std::vector<float> weight = normal_numbers<float>(inner * columns, 1);
  Buffer<float> halves(kernels::BFloat16Weights<inner, columns>::numbers);
  Buffer<float> bytes(kernels::Int8Weights<inner, columns>::numbers);
  kernels::BFloat16Weights<inner, columns>::store(weight.data(), nullptr, halves.data());
  kernels::Int8Weights<inner, columns>::store(weight.data(), nullptr, -3, 3, bytes.data());
  for (const int rows : {5, 37}) {
    const std::vector<float> x = normal_numbers<float>(rows * inner, 2);
    const auto products = [&](Workers workers) {
      std::vector<float> both(static_cast<std::size_t>(2 * rows * columns));
      kernels::BFloat16Weights<inner, columns>::multiply(rows, x.data(), halves.data(), both.data(), workers);
      kernels::Int8Weights<inner, columns>::multiply(rows, x.data(), bytes.data(), both.data() + rows * columns,
                                                     workers);
      return both;
    };
    const std::vector<float> alone = products(1);
    for (const int threads : {2, 3}) in_parallel(threads, [&](Workers workers) { CHECK(products(workers) == alone); });
  }
}

TEST_CASE("ranges of nothing, and of all there is") {
  constexpr int inner = 6, columns = 3;
  using Weights = kernels::Int8Weights<inner, columns>;
  const std::vector<float> weight = normal_numbers<float>(inner * columns, 1), bias{1, 2, 3};
  Buffer<float> stored(Weights::numbers);
  std::vector<float> x(inner), y(columns);
  Weights::store(weight.data(), bias.data(), 0, 0, stored.data());
  Weights::multiply(1, x.data(), stored.data(), y.data(), 1);
  CHECK(y == bias);
  const float most = std::numeric_limits<float>::max();
  Weights::store(weight.data(), bias.data(), -most, most, stored.data());
  Weights::multiply(1, x.data(), stored.data(), y.data(), 1);
  for (std::size_t i = 0; i < columns; ++i) CHECK(std::isfinite(y[i]));
  Weights::store(std::vector<float>(inner * columns).data(), bias.data(), 0, 1, stored.data());
  x.assign(inner, 0.5f);
  Weights::multiply(1, x.data(), stored.data(), y.data(), 1);
  CHECK(y == bias);
}

namespace {

// Every container there is around Dense, and what normalises.
using Many =
    Launch<Input<24>, Sequential<Dense<20>, BatchNormRelu<>>,
           Sequential<Named<"shared", Repeat<2, Residual<Sequential<Dense<20>, Relu>>>>,
                      Concat<Sequential<>, Sequential<Dense<7, Bias::no>, Tanh>>, Part<"last", Dense<3>>>,
           Sequential<Named<"shared", Repeat<3, Residual<Sequential<Dense<20>, Relu>>>>, Dense<40>, Relu, Dense<3>>>;

template <class Net, class... Prepared>
std::vector<float> all_logits(const Net& net, std::span<const float> x, int batch, Workers workers,
                              const Prepared&... prepared) {
  InferenceWorkspace<Net> workspace{batch};
  workspace.forward(net, prepared..., x.data(), batch, workers);
  std::vector<float> all;
  detail::for_each_index<Net::heads>([&](auto h) {
    const float* logits = workspace.template logits<h>().data;
    std::copy_n(logits, batch * Net::outputs[h], std::back_inserter(all));
  });
  return all;
}

}  // namespace

TEST_CASE("a net of all containers loses little, and the same on any number of threads and any batch") {
  const Many net{Seed{3}};
  constexpr int batch = 150;
  const std::vector<float> x = normal_numbers<float>(batch * 24, 8), seen = normal_numbers<float>(200 * 24, 9);
  const Prepared<Many, Stored::bf16> halves{net};
  const Prepared<Many, Stored::int8> bytes{net, seen};
  const std::vector<float> exact = all_logits(net, x, batch, 1);
  const auto check = [&](const auto& prepared, double bound) {
    const std::vector<float> all = all_logits(net, x, batch, 1, prepared);
    const double error = relative_rms(all, exact);
    CHECK(error > 0);
    CHECK(error < bound);
    for (const int threads : {2, 5}) CHECK(all_logits(net, x, batch, threads, prepared) == all);
    for (const int rows : {1, 7}) {
      const std::vector<float> first = all_logits(net, x, rows, 1, prepared);
      CHECK(std::equal(first.begin(), first.begin() + rows * 3, all.begin()));
    }
  };
  check(halves, 0.005);
  check(bytes, 0.05);

  // In bfloat16 it is the net in float whose weights were rounded.
  Many rounded = net;
  for (const Array& array : Many::parameter_table()) {
    if (array.key.view().ends_with("weight"))
      for (float& number : rounded.parameter_vector().subspan(array.offset, array.size()))
        number = rounded_to_bf16(number);
  }
  CHECK(all_logits(rounded, x, batch, 1, Prepared<Many>{rounded}) == all_logits(net, x, batch, 1, halves));
  STATIC_REQUIRE(Many::prepared_as<Stored::int8> < Many::prepared_as<Stored::bf16>);
}

TEST_CASE("predictors of all kinds tell digits apart alike") {
  using Digits = Plain<Input<64>, Sequential<Dense<32>, BatchNorm<>, Relu, Dense<10>>>;
  const auto halves = split(digits(), 0.5, Seed{1});
  const Dataset &train = halves.first, &test = halves.second;
  Trainer trainer{Digits{Seed{7}}, Sgd{.rate = 0.1, .momentum = 0.9}};
  trainer.fit(train, {.epochs = 10, .batch_size = 64});
  const auto error = [&test](auto&& predictor) {
    double wrong = 0;
    for (std::size_t i = 0; i < test.labels.size(); ++i) wrong += predictor.classify(test.row(i)) != test.labels[i];
    return wrong / static_cast<double>(test.labels.size());
  };
  const std::span<const float> seen = std::span{train.features}.first(200 * 64);
  const double exact = error(Predictor{trainer.net()});
  CHECK(exact < 0.06);
  CHECK(error(Predictor<Digits, Stored::bf16>{trainer.net()}) < exact + 0.005);
  CHECK(error(Predictor<Digits, Stored::int8>{trainer.net(), seen}) < exact + 0.005);

  // A batch, as one by one.
  Predictor<Digits, Stored::int8> one{trainer.net(), seen}, five{trainer.net(), seen, 5};
  const std::span<const float> rows = std::span{test.features}.first(5 * 64);
  const std::span<const float> logits = five(rows);
  for (std::size_t row = 0; row < 5; ++row) {
    const std::span<const float> alone = one(rows.subspan(row * 64, 64));
    CHECK(std::equal(alone.begin(), alone.end(), logits.begin() + static_cast<long>(10 * row)));
  }
  CHECK_THROWS_AS(one(rows), ValueError);
}

TEST_CASE("calibration refuses what tells it nothing") {
  using Net = Plain<Input<4>, Sequential<Dense<5>, Relu, Dense<2>>>;
  using Bytes = Prepared<Net, Stored::int8>;
  Net net{Seed{1}};
  std::vector<float> samples = normal_numbers<float>(12, 1);
  CHECK_NOTHROW(Bytes{net, samples});
  CHECK_THROWS_AS((Bytes{net, std::span<const float>{}}), ValueError);
  CHECK_THROWS_AS((Bytes{net, std::span{samples}.first(7)}), ValueError);
  for (const float odd : {infinity, -infinity, std::numeric_limits<float>::quiet_NaN()})
    for (const std::size_t place : {0u, 5u, 11u}) {
      const float was = std::exchange(samples[place], odd);
      CHECK_THROWS_AS((Bytes{net, samples}), ValueError);
      samples[place] = was;
    }
  const Net moved{std::move(net)};
  CHECK_THROWS_AS((Bytes{net, samples}), ValueError);
  CHECK_THROWS_AS((Prepared<Net, Stored::bf16>{net}), ValueError);
  Net broken = moved;
  broken.parameter("net.2.weight")[3] = infinity;
  CHECK_THROWS_AS((Bytes{broken, samples}), ValueError);
  Net huge = moved;  // finite, but not what it makes of samples
  std::ranges::fill(huge.parameter("net.0.weight"), 1e38f);
  samples.assign(12, 10);
  CHECK_THROWS_AS((Bytes{huge, samples}), ValueError);
}

TEST_CASE("in eight bits a sample that isn't finite has no logits, and doesn't disturb its neighbours") {
  using Net = Plain<Input<40>, Sequential<Dense<12>, Relu, Dense<2>>>;
  const Net net{Seed{1}};
  std::vector<float> x = normal_numbers<float>(5 * 40, 1);
  const Prepared<Net, Stored::int8> prepared{net, x};
  const std::vector<float> before = all_logits(net, x, 5, 1, prepared);
  x[2 * 40 + 39] = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> after = all_logits(net, x, 5, 1, prepared);
  for (std::size_t i = 0; i < 10; ++i) CHECK((i / 2 == 2 ? std::isnan(after[i]) : after[i] == before[i]));
}
