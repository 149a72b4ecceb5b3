// Batches from and logits to std::span, xtensor and Eigen: the same numbers at the same place.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <rocket/eigen.hpp>
#include <rocket/rocket.hpp>
#include <rocket/xtensor.hpp>

#include "support/catch.hpp"
#include "support/checksum.hpp"
#include "support/random_numbers.hpp"

using namespace rocket;

namespace {

constexpr int rows = 6, features = 4, classes = 3;
using Net = Launch<Input<features>, Dense<5>, Dense<classes>, Dense<classes>>;

using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Tensor = xt::xtensor<float, 2>;

const RandomSamples<Net>& samples() {
  static const RandomSamples<Net> made{rows};
  return made;
}
Tensor as_tensor() {
  Tensor made = Tensor::from_shape({rows, features});
  std::copy(samples().features.begin(), samples().features.end(), made.begin());
  return made;
}
Matrix as_matrix() { return Eigen::Map<const Matrix>{samples().features.data(), rows, features}; }

std::uint64_t after_a_step(std::span<const float> batch, std::span<const int> labels) {
  Trainer trainer{Net{Seed{3}}};
  trainer.step(batch, labels);
  return checksum(trainer.net());
}

}  // namespace

TEST_CASE("a view of a tensor or a matrix is the numbers where they are", "[views]") {
  const Tensor tensor = as_tensor();
  CHECK(rocket::view(tensor).data() == tensor.data());
  CHECK(std::ranges::equal(rocket::view(tensor), samples().features));

  const Matrix matrix = as_matrix();
  CHECK(rocket::view(matrix).data() == matrix.data());
  CHECK(std::ranges::equal(rocket::view(matrix), samples().features));

  const Eigen::Map<const Matrix> map{samples().features.data(), rows, features};
  CHECK(rocket::view(map).data() == samples().features.data());
  CHECK(rocket::view(map).size() == samples().features.size());

  const auto adapted = xt::adapt(samples().features, {rows, features});
  CHECK(rocket::view(adapted).data() == samples().features.data());
  CHECK(rocket::view(adapted).size() == samples().features.size());
}

TEST_CASE("a step takes its batch from any of them", "[views]") {
  const std::uint64_t from_vectors = after_a_step(samples().features, samples().labels);

  const xt::xtensor<int, 1> tensor_labels = xt::adapt(samples().labels);
  CHECK(after_a_step(rocket::view(as_tensor()), rocket::view(tensor_labels)) == from_vectors);

  const Eigen::VectorXi vector_labels = Eigen::Map<const Eigen::VectorXi>{samples().labels.data(), rows};
  CHECK(after_a_step(rocket::view(as_matrix()), rocket::view(vector_labels)) == from_vectors);
}

TEST_CASE("a batch may be rows in the middle of a matrix", "[views]") {
  const Matrix matrix = as_matrix();
  const auto batch = rocket::view(matrix.middleRows(1, 2));
  CHECK(batch.data() == matrix.data() + features);
  CHECK(batch.size() == 2 * features);
}

TEST_CASE("labelled samples may live in a tensor or a matrix", "[views]") {
  const Tensor tensor = as_tensor();
  const Matrix matrix = as_matrix();
  for (const auto numbers : {rocket::view(tensor), rocket::view(matrix)}) {
    const Samples<float> looked_at = make_samples(numbers, samples().labels, features, classes);
    CHECK(looked_at.row(1).data() == numbers.data() + features);
  }
}

TEST_CASE("logits come out as a row-major tensor or matrix, without a copy", "[views]") {
  Predictor light{Net::light{Seed{3}}, rows};
  const std::span<const float> logits = light(rocket::view(as_matrix()));
  REQUIRE(logits.size() == rows * classes);

  const auto tensor = as_xtensor(logits, classes);
  const auto matrix = as_eigen(logits, classes);
  CHECK(tensor.data() == logits.data());
  CHECK(matrix.data() == logits.data());
  REQUIRE(tensor.shape(0) == rows);
  REQUIRE(tensor.shape(1) == classes);
  REQUIRE(matrix.rows() == rows);
  REQUIRE(matrix.cols() == classes);
  for (int row = 0; row < rows; ++row)
    for (int c = 0; c < classes; ++c) {
      const float logit = logits[static_cast<std::size_t>(row * classes + c)];
      CHECK(tensor(row, c) == logit);
      CHECK(matrix(row, c) == logit);
    }
}
