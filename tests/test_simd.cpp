// The vector type, lane by lane; the ends of rows against pages that nobody may touch; the exponential function and
// softmax against long double.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <numeric>
#include <span>
#include <type_traits>
#include <vector>

#include <rocket/core/buffer.hpp>
#include <rocket/core/simd.hpp>
#include <rocket/kernels/softmax.hpp>
#include <rocket/objective/cross_entropy.hpp>

#include "support/catch.hpp"
#include "support/guarded.hpp"
#include "support/random_numbers.hpp"

using namespace rocket;

namespace {

// body(T, lanes) for both types and every number of lanes there is, more than a register has included.
template <class Body>
void for_each_vector(const Body& body) {
  detail::for_each_index<6>([&](auto power) {
    body(float{}, std::integral_constant<int, 1 << power>{});
    if constexpr (power < 5) body(double{}, std::integral_constant<int, 1 << power>{});
  });
}

template <class V>
auto lanes(V value) {
  std::vector<typename detail::LaneOf<V>::type> numbers(sizeof(V) / sizeof(typename detail::LaneOf<V>::type));
  store_lanes(numbers.data(), value);
  return numbers;
}

template <class T>
bool same_bits(T a, T b) {
  return std::memcmp(&a, &b, sizeof(T)) == 0;
}

// Within `tolerance` of what is exact, as a part of it where it is large.
template <class T>
bool close(T got, long double exact, double tolerance) {
  return std::abs(static_cast<long double>(got) - exact) <= tolerance * std::max(1.0L, std::abs(exact));
}

template <class T>
constexpr T infinity = std::numeric_limits<T>::infinity();
template <class T>
constexpr T not_a_number = std::numeric_limits<T>::quiet_NaN();

static_assert(std::is_same_v<Simd<float, 1>, float>);
static_assert(cache_line % (sizeof(float) * native_lanes<float>) == 0);
static_assert(native_lanes<float> == 2 * native_lanes<double>);

}  // namespace

TEST_CASE("load_some reads so many numbers and no more", "[simd]") {
  for_each_vector([](auto zero, auto width) {
    using T = decltype(zero);
    for (int count = 0; count <= width; ++count) {
      const auto size = static_cast<std::size_t>(count);
      const Guarded<T> numbers(size);
      fill_normal(numbers.span(), 1);
      const auto heap = std::make_unique<T[]>(size);
      std::copy_n(numbers.data(), size, heap.get());
      std::vector<T> expected(width, T{0});
      std::copy_n(numbers.data(), size, expected.data());
      CHECK(lanes(load_some<width>(numbers.data(), count)) == expected);
      CHECK(lanes(load_some<width>(static_cast<const T*>(heap.get()), count)) == expected);
    }
  });
}

TEST_CASE("store_some writes so many numbers and no more", "[simd]") {
  for_each_vector([](auto zero, auto width) {
    using T = decltype(zero);
    const std::vector<T> numbers = normal_numbers<T>(width, 2);
    const auto value = load_lanes<width>(numbers.data());
    for (int count = 0; count <= width; ++count) {
      const auto size = static_cast<std::size_t>(count);
      const Guarded<T> to(size);
      const auto heap = std::make_unique<T[]>(size);
      std::vector<T> among_others(width + 1, T{7}), expected = among_others;
      std::copy_n(numbers.data(), size, expected.data());
      store_some(to.data(), value, count);
      store_some(heap.get(), value, count);
      store_some(among_others.data(), value, count);
      CHECK(std::equal(to.data(), to.data() + size, numbers.data()));
      CHECK(std::equal(heap.get(), heap.get() + size, numbers.data()));
      CHECK(among_others == expected);
    }
  });
}

TEST_CASE("load_lanes and store_lanes need no alignment", "[simd]") {
  for_each_vector([](auto zero, auto width) {
    using T = decltype(zero);
    const std::vector<T> numbers = normal_numbers<T>(width + 1, 3);
    std::vector<T> to(width + 1);
    store_lanes(to.data() + 1, load_lanes<width>(numbers.data() + 1));
    CHECK(std::equal(to.begin() + 1, to.end(), numbers.begin() + 1));
  });
}

TEST_CASE("broadcast fills all lanes, with -0 and NaN, too", "[simd]") {
  for_each_vector([](auto zero, auto width) {
    using T = decltype(zero);
    for (const T number : {T{0}, -T{0}, T{-1.5}, infinity<T>, -infinity<T>})
      for (const T lane : lanes(broadcast<width>(number))) CHECK(same_bits(lane, number));
    for (const T lane : lanes(broadcast<width>(not_a_number<T>))) CHECK(std::isnan(lane));
  });
}

TEST_CASE("operations work lane by lane", "[simd]") {
  for_each_vector([](auto zero, auto width) {
    using T = decltype(zero);
    const std::vector<T> a = normal_numbers<T>(width, 4), b = normal_numbers<T>(width, 5),
                         c = normal_numbers<T>(width, 6);
    const auto va = load_lanes<width>(a.data()), vb = load_lanes<width>(b.data()), vc = load_lanes<width>(c.data());
    const auto larger = lanes(maximum(va, vb)), chosen = lanes(select(va > vb, vb, vc)), same = lanes(rounded(va));
    const auto fused = lanes(multiply_add(va, vb, vc));
    for (std::size_t i = 0; i < a.size(); ++i) {
      CHECK(larger[i] == std::max(a[i], b[i]));
      CHECK(chosen[i] == (a[i] > b[i] ? b[i] : c[i]));
      CHECK(same[i] == a[i]);
      const volatile T product = a[i] * b[i];  // rounded
      const bool one_of_both = fused[i] == std::fma(a[i], b[i], c[i]) || fused[i] == product + c[i];
      CHECK(one_of_both);
    }
  });
}

TEST_CASE("maximum passes on what its second operand is, where one of them is NaN", "[simd]") {
  for_each_vector([](auto zero, auto width) {
    using T = decltype(zero);
    const auto of = [&](T a, T b) { return lanes(maximum(broadcast<width>(a), broadcast<width>(b))); };
    for (const T lane : of(T{0}, not_a_number<T>)) CHECK(std::isnan(lane));
    for (const T lane : of(not_a_number<T>, T{3})) CHECK(lane == 3);
    for (const T lane : of(T{0}, -infinity<T>)) CHECK(lane == 0);
    for (const T lane : of(T{0}, infinity<T>)) CHECK(lane == infinity<T>);
    for (const T lane : of(T{0}, -T{0})) CHECK(same_bits(lane, -T{0}));
    for (const T lane : of(-T{0}, T{0})) CHECK(same_bits(lane, T{0}));
  });
}

TEST_CASE("square_root is std::sqrt of every lane", "[simd]") {
  for_each_vector([](auto zero, auto width) {
    using T = decltype(zero);
    std::vector<T> numbers = normal_numbers<T>(width, 7);
    for (T& number : numbers) number = std::abs(number);
    const auto roots = lanes(square_root(load_lanes<width>(numbers.data())));
    for (std::size_t i = 0; i < numbers.size(); ++i) CHECK(same_bits(roots[i], std::sqrt(numbers[i])));
    const auto of = [&](T number) { return lanes(square_root(broadcast<width>(number))); };
    for (const T number : {T{0}, -T{0}, infinity<T>, std::numeric_limits<T>::denorm_min()})
      for (const T lane : of(number)) CHECK(same_bits(lane, std::sqrt(number)));
    for (const T number : {T{-1}, -infinity<T>, not_a_number<T>})
      for (const T lane : of(number)) CHECK(std::isnan(lane));
  });
}

TEST_CASE("lanes are added and compared by halves", "[simd]") {
  for_each_vector([](auto zero, auto width) {
    using T = decltype(zero);
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      std::vector<T> tree = normal_numbers<T>(width, seed);
      const auto value = load_lanes<width>(tree.data());
      CHECK(largest_lane(value) == *std::max_element(tree.begin(), tree.end()));
      for (std::size_t half = tree.size() / 2; half > 0; half /= 2)
        for (std::size_t i = 0; i < half; ++i) tree[i] += tree[i + half];
      CHECK(sum_of_lanes(value) == tree[0]);
    }
  });
}

namespace {

// How far `got` is from `exact`, in units of the last place of T there.
template <class T>
double ulps(T got, long double exact) {
  const int exponent = std::max(std::ilogb(exact), std::numeric_limits<T>::min_exponent - 1);
  const long double off = std::abs(static_cast<long double>(got) - exact);
  return static_cast<double>(std::scalbn(off, std::numeric_limits<T>::digits - 1 - exponent));
}

// What exp promises, by whether multiply_add rounds once.
template <class T>
double exp_error() {
  constexpr int width = native_lanes<T>;
  const volatile T factor = 1 + std::numeric_limits<T>::epsilon();
  const volatile T square = factor * factor;  // rounded
  const auto x = broadcast<width>(static_cast<T>(factor)), y = broadcast<width>(static_cast<T>(-square));
  return lanes(multiply_add(x, x, y))[0] != 0 ? 1.1 : 1.5;
}

template <class T, class Next>
double worst_exp(T lowest, T highest, const Next& next) {
  constexpr int width = native_lanes<T>;
  double worst = 0;
  std::vector<T> x(width);
  for (bool more = true; more;) {
    for (T& number : x) more = (number = next()) <= highest && more;
    const auto y = lanes(kernels::exp(load_lanes<width>(x.data())));
    for (std::size_t i = 0; i < x.size(); ++i)
      if (x[i] >= lowest && x[i] <= highest) {
        worst = std::max(worst, ulps(y[i], std::exp(static_cast<long double>(x[i]))));
        CHECK(same_bits(kernels::exp(x[i]), y[i]));
      }
  }
  return worst;
}

}  // namespace

TEST_CASE("exp is within its error over the whole range", "[simd][exp]") {
  const auto check = [](auto lowest, auto highest) {
    using T = decltype(lowest);
    T x = lowest;
    const T step = (highest - lowest) / 100'000;
    CHECK(worst_exp(lowest, highest, [&] { return x += step; }) <= exp_error<T>());
    T tiny = T{1};  // towards 0, from both sides
    CHECK(worst_exp(T{-1}, T{1}, [&] {
            tiny *= static_cast<T>(-0.97);
            return std::abs(tiny) > std::numeric_limits<T>::min() ? tiny : T{2};
          }) <= exp_error<T>());
  };
  check(-103.97f, 88.7228f);
  check(-745.13, 709.7827);
}

TEST_CASE("exp at its ends", "[simd][exp]") {
  for_each_vector([](auto zero, auto width) {
    using T = decltype(zero);
    const auto is = [&](T x, T expected) {
      for (const T lane : lanes(kernels::exp(broadcast<width>(x)))) CHECK(same_bits(lane, expected));
    };
    const T over = std::is_same_v<T, float> ? T(88.7229f) : T(709.7828);
    const T under = std::is_same_v<T, float> ? T(-103.98f) : T(-745.14);
    for (const T x : {over, T{90}, T{710}, T{1e4}, std::numeric_limits<T>::max(), infinity<T>})
      if (x >= over) is(x, infinity<T>);
    for (const T x : {under, T{-746}, T{-1e4}, std::numeric_limits<T>::lowest(), -infinity<T>})
      if (x <= under) is(x, T{0});
    is(T{0}, T{1});
    is(-T{0}, T{1});
    for (const T lane : lanes(kernels::exp(broadcast<width>(not_a_number<T>)))) CHECK(std::isnan(lane));
    const T smallest = std::numeric_limits<T>::denorm_min();
    is(std::is_same_v<T, float> ? T(-103.5f) : T(-744.9), smallest);
  });
}

namespace {

// body(T, C) for rows of less than a register, of some, and of many, with ends and without.
template <class Body>
void for_each_row(const Body& body) {
  const auto both = [&](auto... classes) {
    (body(float{}, classes), ...);
    (body(double{}, classes), ...);
  };
  both(std::integral_constant<std::size_t, 1>{}, std::integral_constant<std::size_t, 2>{},
       std::integral_constant<std::size_t, 3>{}, std::integral_constant<std::size_t, 10>{},
       std::integral_constant<std::size_t, 16>{}, std::integral_constant<std::size_t, 17>{},
       std::integral_constant<std::size_t, 100>{}, std::integral_constant<std::size_t, 1000>{});
}

}  // namespace

TEST_CASE("a row in registers is the row", "[simd][row]") {
  for_each_row([](auto zero, auto width) {
    using T = decltype(zero);
    using Row = kernels::RegisterRow<T, width>;
    const Guarded<T> from(width), to(width);
    fill_normal(from.span(), 7);
    typename Row::Sum sum;
    int registers = 0;
    std::size_t place = 0;
    Row::each([&](auto r) {
      const auto numbers = Row::load(from.data(), r, T{5});
      Row::store(to.data(), r, numbers);
      sum.add(r, Row::load(from.data(), r));
      CHECK(r.at == registers++);
      for (const T position : lanes(Row::index(r))) CHECK(position == static_cast<T>(place++));
      const auto loaded = lanes(numbers);
      for (std::size_t i = 0; i < loaded.size(); ++i)
        if (place - loaded.size() + i >= width) CHECK(loaded[i] == 5);
    });
    CHECK(registers == Row::registers);
    CHECK(std::equal(from.span().begin(), from.span().end(), to.span().begin()));
    long double exact = 0;
    for (const T number : from.span()) exact += static_cast<long double>(number);
    CHECK(close(sum.total(), exact, 1e-4));
  });
}

TEST_CASE("argmax finds the first of the largest", "[simd][row]") {
  for_each_row([](auto zero, auto width) {
    using T = decltype(zero);
    const Guarded<T> numbers(width);
    const std::span<const T, width> row{numbers.data(), width};
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      fill_normal(numbers.span(), seed);
      for (T& number : numbers.span()) number = std::round(2 * number);  // many are equal
      const auto first = std::max_element(row.begin(), row.end()) - row.begin();
      CHECK(kernels::argmax(row) == first);
    }
    for (const T all : {T{0}, T{-1e4}, infinity<T>, -infinity<T>, not_a_number<T>}) {
      std::fill(numbers.span().begin(), numbers.span().end(), all);
      CHECK(kernels::argmax(row) == 0);
    }
    numbers[width - 1] = -3;  // the others are NaN
    CHECK(kernels::argmax(row) == static_cast<int>(width - 1));
  });
}

TEST_CASE("softmax, its logarithm and cross-entropy are what they are in long double", "[simd][row]") {
  for_each_row([](auto zero, auto width) {
    using T = decltype(zero);
    const Guarded<T> logits(width), result(width);
    const std::span<const T, width> row{logits.data(), width};
    const std::span<T, width> to{result.data(), width};
    const double tolerance = 50 * static_cast<double>(std::numeric_limits<T>::epsilon());
    for (const T temperature : {T{1}, T{4}}) {
      fill_normal(logits.span(), 8, 5);
      const auto log_softmax = kernels::softmax(row, to, temperature);
      const auto largest = static_cast<long double>(*std::max_element(row.begin(), row.end()));
      std::vector<long double> exact;
      for (const T logit : row)
        exact.push_back(std::exp((static_cast<long double>(logit) - largest) / static_cast<long double>(temperature)));
      const long double sum = std::accumulate(exact.begin(), exact.end(), 0.0L);
      for (std::size_t c = 0; c < width; ++c) {
        exact[c] /= sum;
        CHECK(close(result[c] / static_cast<T>(exact[c]), 1, tolerance));
        CHECK(close(log_softmax(row[c]), std::log(exact[c]), tolerance));
      }

      if (temperature != 1 || width == 1) continue;  // one logit stands for two classes
      for (const std::size_t label : {std::size_t{0}, width / 2, width - 1}) {
        const T loss = cross_entropy(row, static_cast<int>(label), to);
        CHECK(close(loss, -std::log(exact[label]), tolerance));
        for (std::size_t c = 0; c < width; ++c) CHECK(close(result[c], exact[c] - (c == label ? 1 : 0), tolerance));

        const auto judged = detail::judge(row, static_cast<int>(label), to, T{0.25});
        CHECK(judged.loss == loss);
        CHECK(judged.decision == kernels::argmax(row));
        CHECK(close(result[label], (exact[label] - 1) / 4, tolerance));
      }
    }
  });
}

TEST_CASE("softmax of NaN is NaN, and of logits of +-1e4 a decision", "[simd][row]") {
  for_each_row([](auto zero, auto width) {
    using T = decltype(zero);
    const Guarded<T> logits(width), result(width);
    const std::span<const T, width> row{logits.data(), width};
    const std::span<T, width> to{result.data(), width};
    for (const std::size_t special : {std::size_t{0}, width - 1}) {
      std::fill(logits.span().begin(), logits.span().end(), T{-1e4});
      logits[special] = T{1e4};
      CHECK(kernels::softmax(row, to).log_sum == 0);
      for (std::size_t c = 0; c < width; ++c) CHECK(result[c] == (c == special ? 1 : 0));

      logits[special] = not_a_number<T>;
      CHECK(std::isnan(kernels::softmax(row, to).log_sum));
      for (std::size_t c = 0; c < width; ++c) CHECK(std::isnan(result[c]));
    }
  });
}
