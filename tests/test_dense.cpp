// Dense against products of matrices multiplied the slow way.
#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include <rocket/layers/dense.hpp>
#include <rocket/net/launch.hpp>
#include <rocket/net/training_workspace.hpp>

#include "support/catch.hpp"
#include "support/finite_difference.hpp"
#include "support/random_numbers.hpp"

using namespace rocket;

namespace {

// A matrix of doubles and the product of two, the slow way.
struct Matrix {
  int rows = 0, columns = 0;
  std::vector<double> numbers = std::vector<double>(static_cast<std::size_t>(rows * columns));

  double& operator()(int r, int c) { return numbers[static_cast<std::size_t>(r * columns + c)]; }
  double operator()(int r, int c) const { return numbers[static_cast<std::size_t>(r * columns + c)]; }
  Matrix transposed() const {
    Matrix t{columns, rows};
    for (int r = 0; r < rows; ++r)
      for (int c = 0; c < columns; ++c) t(c, r) = (*this)(r, c);
    return t;
  }
  friend Matrix operator*(const Matrix& a, const Matrix& b) {
    Matrix product{a.rows, b.columns};
    for (int r = 0; r < a.rows; ++r)
      for (int c = 0; c < b.columns; ++c)
        for (int k = 0; k < a.columns; ++k) product(r, c) += a(r, k) * b(k, c);
    return product;
  }
};

template <class Numbers>
Matrix matrix(int rows, int columns, const Numbers& numbers) {
  return {rows, columns, std::vector<double>(numbers.begin(), numbers.end())};
}

// Values and gradients of two layers in a row; the first one's gradients tell the second one's input gradient.
template <class T, int In, int Middle, int Out>
void check_dense() {
  using Net = Plain<Input<In>, Sequential<Dense<Middle, Bias::no>, Dense<Out>>, T>;
  constexpr double epsilon = sizeof(T) == 4 ? 2e-6 : 1e-14;
  const Net net{Seed{1}};
  const auto weight = [&](std::size_t i, int rows, int columns) {
    const Array& array = Net::parameter_table()[i];
    return matrix(rows, columns, net.parameter_vector().subspan(array.offset, array.size()));
  };
  const Matrix first = weight(0, In, Middle), second = weight(1, Middle, Out);

  for (const int batch : {1, 5, 31, 32, 33, 128}) {
    CAPTURE(In, Middle, Out, batch, sizeof(T));
    const std::vector<T> input = normal_numbers<T>(batch * In, 2), pull = normal_numbers<T>(batch * Out, 3);
    const Matrix x = matrix(batch, In, input), dy = matrix(batch, Out, pull);
    TrainingWorkspace<Net, Edge{0}> workspace{128};
    std::vector<T> gradient(Net::parameters);
    workspace.forward(net, input.data(), batch, Context{});
    const std::vector<T> y(workspace.template logits<0>().data, workspace.template logits<0>().data + batch * Out);
    std::copy(pull.begin(), pull.end(), workspace.template logit_gradient<0>().data);
    workspace.backward(net, gradient);

    const auto found = [&](std::size_t i) {
      const Array& array = Net::parameter_table()[i];
      return std::span<const T>{gradient}.subspan(array.offset, array.size());
    };
    const Matrix hidden = x * first;
    CHECK(relative_error(y, (hidden * second).numbers) <= epsilon);
    CHECK(relative_error(found(0), (x.transposed() * (dy * second.transposed())).numbers) <= epsilon);
    CHECK(relative_error(found(1), (hidden.transposed() * dy).numbers) <= epsilon);
    CHECK(relative_error(
              found(2), (Matrix{1, batch, std::vector(static_cast<std::size_t>(batch), 1.0)} * dy).numbers) <= epsilon);
  }
}

}  // namespace

TEMPLATE_TEST_CASE("Dense of any size is the matrix product", "[layers]", float, double) {
  check_dense<TestType, 1, 1, 1>();
  check_dense<TestType, 3, 2, 5>();
  check_dense<TestType, 17, 31, 7>();
  check_dense<TestType, 64, 16, 10>();
  check_dense<TestType, 33, 67, 100>();
}
