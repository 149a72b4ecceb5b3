// The matrix product against sums of doubles: every layout, sizes around those of tiles, panels and blocks. Factors are
// small whole numbers, so every sum is exact in any order, and no wrong or missing term can hide behind rounding. Every
// matrix is a block of the heap of its own: the sanitizer sees what is read or written behind its end.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include <rocket/core/random.hpp>
#include <rocket/kernels/gemm.hpp>

#include "support/catch.hpp"
#include "support/random_numbers.hpp"

using namespace rocket;

namespace {

// How a matrix lies in memory.
enum class Layout { plain, transposed };

template <class T>
kernels::Factor<T> factor(Layout layout, const std::vector<T>& numbers, int rows, int columns) {
  return layout == Layout::plain ? kernels::plain(numbers.data(), columns) : kernels::transposed(numbers.data(), rows);
}

constexpr auto relu = [](auto sums) { return maximum(decltype(sums){}, sums); };

template <class T>
std::vector<T> whole_numbers(int count, std::uint64_t seed) {
  std::vector<T> numbers(static_cast<std::size_t>(count));
  const Random random{seed};
  for (std::size_t i = 0; i < numbers.size(); ++i)
    numbers[i] = static_cast<T>(static_cast<int>(9 * random.uniform(i)) - 4);
  return numbers;
}

template <int Columns, class T>
void check_product(Layout of_a, Layout of_b, int rows, int inner) {
  CAPTURE(rows, inner, Columns, of_a == Layout::plain, of_b == Layout::plain, sizeof(T));
  const std::vector<T> a_numbers = whole_numbers<T>(rows * inner, 1), b_numbers = whole_numbers<T>(inner * Columns, 2);
  const kernels::Factor<T> a = factor(of_a, a_numbers, rows, inner), b = factor(of_b, b_numbers, inner, Columns);
  const std::vector<T> bias = whole_numbers<T>(Columns, 3), before = whole_numbers<T>(rows * Columns, 4);

  std::vector<T> sums, added, with_bias, rectified;
  for (int r = 0; r < rows; ++r)
    for (int c = 0; c < Columns; ++c) {
      double sum = 0;
      for (int k = 0; k < inner; ++k)
        sum += static_cast<double>(*a.at(r, k).data) * static_cast<double>(*b.at(k, c).data);
      const auto at = [](const std::vector<T>& numbers, int i) {
        return static_cast<double>(numbers[static_cast<std::size_t>(i)]);
      };
      sums.push_back(static_cast<T>(sum));
      added.push_back(static_cast<T>(sum + at(before, r * Columns + c)));
      with_bias.push_back(static_cast<T>(sum + at(bias, c)));
      rectified.push_back(std::max(with_bias.back(), T{0}));
    }

  const auto product = [&](auto target, const auto&... epilogue) {
    std::vector<T> c = before;
    kernels::multiply<Columns>(rows, inner, a, b, target(c.data()), 1, epilogue...);
    return c;
  };
  const auto plus_bias = [&](T* c) { return kernels::product_and_bias_in(c, Columns, bias.data()); };
  CHECK(product([](T* c) { return kernels::product_in(c, Columns); }) == sums);
  CHECK(product([](T* c) { return kernels::product_added_to(c, Columns); }) == added);
  CHECK(product(plus_bias) == with_bias);
  CHECK(product(plus_bias, relu) == rectified);
}

template <int Columns, class T>
void check_layouts(int rows, int inner) {
  for (const Layout a : {Layout::plain, Layout::transposed})
    for (const Layout b : {Layout::plain, Layout::transposed}) check_product<Columns, T>(a, b, rows, inner);
}

template <class T, int... Columns>
void check_columns(int rows, int inner) {
  (check_layouts<Columns, T>(rows, inner), ...);
}

template <int Columns>
void check_threads(Layout of_a, Layout of_b, int rows, int inner) {
  CAPTURE(rows, inner, Columns);
  const std::vector<float> a = normal_numbers<float>(rows * inner, 1), b = normal_numbers<float>(inner * Columns, 2);
  const auto product = [&](int threads) {
    std::vector<float> c(static_cast<std::size_t>(rows * Columns));
    kernels::multiply<Columns>(rows, inner, factor(of_a, a, rows, inner), factor(of_b, b, inner, Columns),
                               kernels::product_in(c.data(), Columns), threads);
    return c;
  };
  const std::vector<float> by_8 = product(8);
  for (const int threads : {3, 2, 1}) {
    CAPTURE(threads);
    CHECK(product(threads) == by_8);
  }
}

}  // namespace

TEMPLATE_TEST_CASE("a product of any size, in any layout, is its sums", "[gemm]", float, double) {
  for (int size = 1; size <= 70; ++size) {
    check_columns<TestType, 7>(size, 71 - size);
    check_columns<TestType, 48>(71 - size, size);
  }
  for (const int rows : {1, 2, 3, 5, 8, 15, 16, 17, 33})
    for (const int inner : {1, 4, 17}) check_columns<TestType, 1, 10, 16, 33, 70>(rows, inner);
}

TEST_CASE("a product of one row is its sums, however wide", "[gemm]") {
  for (const int rows : {1, 2, 4, 8}) check_columns<float, 200, 391>(rows, 9);
  for (const int inner : {1, 2, 3, 7, 8, 16, 21}) check_columns<float, 200, 391>(1, inner);
  check_columns<float, 4100>(1, 11);  // more sums than stay in the first cache
}

TEST_CASE("a product that takes more than one panel, and more than one block, is its sums", "[gemm]") {
  check_columns<float, 50>(530, 3);
  check_columns<double, 50>(530, 3);
  for (const int inner : {127, 128, 129, 300, 700}) {
    check_columns<float, 50>(19, inner);
    check_columns<double, 50>(19, inner);
  }
}

TEST_CASE("a matrix may be part of a larger one, and one number a whole column", "[gemm]") {
  const std::vector<float> large = whole_numbers<float>(40 * 60, 1);
  const float one = 1;
  std::vector<float> sums(10), expected(10);
  kernels::multiply<10>(1, 40, kernels::transposed(&one, 0), kernels::plain(large.data(), 60).at(0, 5),
                        kernels::product_in(sums.data(), 10), 1);
  for (std::size_t row = 0; row < 40; ++row)
    for (std::size_t c = 0; c < 10; ++c) expected[c] += large[row * 60 + 5 + c];
  CHECK(sums == expected);
}

TEST_CASE("a product doesn't depend on the number of threads, to the bit", "[gemm]") {
  check_threads<150>(Layout::plain, Layout::plain, 301, 307);
  check_threads<150>(Layout::transposed, Layout::plain, 600, 155);
  check_threads<150>(Layout::plain, Layout::transposed, 1001, 130);
  check_threads<1000>(Layout::plain, Layout::plain, 11, 2600);
  check_threads<1000>(Layout::plain, Layout::plain, 1, 2600);
}

TEST_CASE("a row of a product doesn't depend on the other rows, to the bit", "[gemm]") {
  constexpr int rows = 61, inner = 300, columns = 190;
  const std::vector<float> a = normal_numbers<float>(rows * inner, 1), b = normal_numbers<float>(inner * columns, 2);
  std::vector<float> together(rows * columns), alone(rows * columns);
  const auto multiply = [&](int count, int first, std::vector<float>& c) {
    kernels::multiply<columns>(count, inner, kernels::plain(a.data(), inner).at(first, 0),
                               kernels::plain(b.data(), columns), kernels::product_in(c.data(), columns).at(first, 0),
                               1);
  };
  multiply(rows, 0, together);
  for (int first = 0; first < rows; first += 5) multiply(std::min(5, rows - first), first, alone);
  CHECK(together == alone);
}

TEST_CASE("an epilogue sees sums that are no number", "[gemm]") {
  const std::vector<float> a(20, std::numeric_limits<float>::quiet_NaN()), b(10, 1.0f);
  std::vector<float> c(200);
  kernels::multiply<10>(20, 1, kernels::plain(a.data(), 1), kernels::plain(b.data(), 10),
                        kernels::product_in(c.data(), 10), 1, relu);
  for (const float number : c) CHECK(number != number);
}
