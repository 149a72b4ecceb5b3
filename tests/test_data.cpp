// The data room without files: views, sets, splits, scalers and the embedded digits.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <rocket/core/error.hpp>
#include <rocket/core/samples.hpp>
#include <rocket/data/data.hpp>

#include "support/catch.hpp"
#include "support/throws.hpp"

using namespace rocket;

namespace {

// n samples of two features; the first one is the index, so a sample can be told wherever it goes.
Dataset numbered(int n, int classes) {
  Dataset dataset{{}, {}, 2, classes, "numbered"};
  for (int i = 0; i < n; ++i) {
    dataset.features.push_back(static_cast<float>(i));
    dataset.features.push_back(1.0f);
    dataset.labels.push_back(i % classes);
  }
  return dataset;
}

std::vector<std::size_t> numbers_of(const Dataset& dataset) {
  std::vector<std::size_t> numbers;
  for (std::size_t i = 0; i < dataset.size(); ++i) numbers.push_back(static_cast<std::size_t>(dataset.row(i)[0]));
  return numbers;
}

std::vector<std::size_t> count_classes(const Dataset& dataset) {
  std::vector<std::size_t> counts(static_cast<std::size_t>(dataset.classes));
  for (const int label : dataset.labels) ++counts[static_cast<std::size_t>(label)];
  return counts;
}

}  // namespace

TEST_CASE("an error says where, what was expected and what was found", "[data]") {
  const FileError file{"a.csv", "line 1, column 2", "a number", "\"x\""};
  CHECK(std::string{file.what()} == "a.csv: line 1, column 2: expected a number, found \"x\"");
  CHECK(file.path() == "a.csv");
  CHECK(file.place() == "line 1, column 2");
  CHECK(file.expected() == "a number");
  CHECK(file.found() == "\"x\"");
  CHECK(std::string{FileError("a.csv", "", "a file", "none").what()} == "a.csv: expected a file, found none");

  const ValueError value{"rate", "more than 0", "-1"};
  CHECK(std::string{value.what()} == "rate: expected more than 0, found -1");
  CHECK(value.argument() == "rate");
  CHECK(value.expected() == "more than 0");
  CHECK(value.found() == "-1");
}

TEST_CASE("samples look at rows", "[data]") {
  const std::vector<float> features{1, 2, 3, 4, 5, 6};
  const std::vector<int> labels{0, 1};
  const Samples<> samples = make_samples(features, labels, 3, 2);
  CHECK(samples.size() == 2);
  CHECK(samples.row(1).data() == features.data() + 3);
  CHECK(samples.row(1).size() == 3);

  const std::array<double, 2> doubles{1, 2};
  CHECK(make_samples<double>(doubles, labels, 1, 2).row(1)[0] == 2.0);
}

TEST_CASE("samples whose parts do not fit are refused", "[data]") {
  const std::vector<float> features{1, 2, 3, 4, 5, 6};
  const std::vector<int> labels{0, 2};
  const auto argument = [&](int width, int classes) {
    return thrown_by<ValueError>([&] { (void)make_samples(features, labels, width, classes); }).argument();
  };
  CHECK(argument(0, 3) == "features_per_sample");
  CHECK(argument(3, 0) == "classes");
  CHECK(argument(2, 3) == "features");
  CHECK(argument(4, 3) == "features");
  CHECK(argument(3, 2) == "labels[1]");

  const std::vector<int> negative{0, -1};
  CHECK_THROWS_AS((void)make_samples(features, negative, 3, 3), ValueError);

  const auto weighed = [&](const std::vector<float>& weights) {
    return thrown_by<ValueError>([&] { (void)make_samples(features, labels, 3, 3, weights); }).argument();
  };
  CHECK(weighed({1}) == "weights");
  CHECK(weighed({0, -1}) == "weights[1]");
  CHECK(weighed({INFINITY, 1}) == "weights[0]");
  CHECK(weighed({1, NAN}) == "weights[1]");
}

TEST_CASE("a data set gives a view, a selection and a sum", "[data]") {
  const Dataset dataset = numbered(5, 2);
  const Samples<float> samples = dataset;
  CHECK(samples.features.data() == dataset.features.data());
  CHECK(samples.size() == 5);
  CHECK(samples.features_per_sample == 2);
  CHECK(samples.classes == 2);

  const std::vector<std::size_t> indices{4, 0, 4};
  const Dataset taken = dataset.take(indices);
  CHECK(numbers_of(taken) == indices);
  CHECK(taken.labels == std::vector<int>{0, 0, 0});
  CHECK(taken.name == "numbered");
  CHECK(taken.classes == 2);

  const std::vector<std::size_t> outside{5};
  CHECK(thrown_by<ValueError>([&] { (void)dataset.take(outside); }).argument() == "indices");

  const auto refused = [&](const auto& spoil) {
    Dataset faulty = dataset;
    spoil(faulty);
    return thrown_by<ValueError>([&] { split(faulty, 0.5, Seed{1}); }).argument();
  };
  CHECK(refused([](Dataset& d) { d.features.pop_back(); }) == "features");
  CHECK(refused([](Dataset& d) { d.features_per_sample = 3; }) == "features");
  CHECK(refused([](Dataset& d) { d.features_per_sample = 0; }) == "features_per_sample");
  CHECK(refused([](Dataset& d) { d.labels[3] = 2; }) == "labels[3]");

  const Dataset both = concatenate(dataset, taken);
  CHECK(numbers_of(both) == std::vector<std::size_t>{0, 1, 2, 3, 4, 4, 0, 4});
  CHECK(std::count(both.labels.begin(), both.labels.end(), 1) == 2);
  CHECK(both.labels[3] == 1);
  const Dataset narrow{{1}, {0}, 1, 2, "narrow"};
  CHECK_THROWS_AS((void)concatenate(dataset, numbered(5, 3)), ValueError);
  CHECK_THROWS_AS((void)concatenate(dataset, narrow), ValueError);
}

TEST_CASE("a split is disjoint, complete and in order", "[data]") {
  const Dataset dataset = numbered(103, 4);
  for (const Sampling sampling : {Sampling::stratified, Sampling::simple}) {
    for (const int count : {0, 1, 26, 102, 103}) {
      const auto [first, second] = split(dataset, count, Seed{7}, sampling);
      CHECK(first.size() == static_cast<std::size_t>(count));
      const auto left = numbers_of(first);
      const auto right = numbers_of(second);
      CHECK(std::is_sorted(left.begin(), left.end()));
      CHECK(std::is_sorted(right.begin(), right.end()));
      std::set<std::size_t> all{left.begin(), left.end()};
      all.insert(right.begin(), right.end());
      CHECK(all.size() == 103);
      CHECK(left.size() + right.size() == 103);
      for (std::size_t i = 0; i < first.size(); ++i) CHECK(first.labels[i] == static_cast<int>(left[i]) % 4);
    }
  }
}

TEST_CASE("a split hangs on its seed alone", "[data]") {
  const Dataset dataset = numbered(40, 4);
  const auto drawn = [&](std::uint64_t seed, Sampling sampling) {
    return numbers_of(split(dataset, 8, Seed{seed}, sampling).first);
  };
  CHECK(drawn(1, Sampling::simple) == drawn(1, Sampling::simple));
  CHECK(drawn(1, Sampling::simple) != drawn(2, Sampling::simple));
  CHECK(drawn(1, Sampling::stratified) != drawn(2, Sampling::stratified));

  // Every sample has its chance: 8 of 40 over 2,000 seeds is 400 draws each, with a standard deviation of 18.
  for (const Sampling sampling : {Sampling::stratified, Sampling::simple}) {
    std::vector<int> draws(40);
    for (std::uint64_t seed = 0; seed < 2000; ++seed) {
      for (const std::size_t number : drawn(seed, sampling)) ++draws[number];
    }
    const auto [least, most] = std::minmax_element(draws.begin(), draws.end());
    CHECK(*least > 310);
    CHECK(*most < 490);
  }
}

TEST_CASE("a stratified split keeps the proportions of the classes", "[data]") {
  const Dataset dataset = digits();
  const auto whole = count_classes(dataset);
  for (const double fraction : {0.01, 0.2, 0.5, 0.8}) {
    const auto part = count_classes(split(dataset, fraction, Seed{3}).first);
    for (std::size_t i = 0; i < whole.size(); ++i) {
      CHECK(std::abs(static_cast<double>(part[i]) - fraction * static_cast<double>(whole[i])) < 1.1);
    }
  }
}

TEST_CASE("images are split as their numbers are", "[data]") {
  const ImageSet images{{0, 1, 2, 3, 4, 5, 6, 7}, {0, 1, 0, 1, 0, 1, 0, 1}, 1, 1, 1, 2, "ramp"};
  const auto [first, second] = split(images, 0.5, Seed{3});
  const auto [as_numbers, others] = split(flatten(images), 0.5, Seed{3});
  CHECK(flatten(first).features == as_numbers.features);
  CHECK(second.labels == others.labels);
}

TEST_CASE("a fraction is rounded, a count is exact, and what makes no sense is refused", "[data]") {
  const Dataset dataset = numbered(10, 2);
  CHECK(split(dataset, 0.24, Seed{1}).first.size() == 2);
  CHECK(split(dataset, 0.26f, Seed{1}).first.size() == 3);
  CHECK(split(dataset, 1.0, Seed{1}).first.size() == 10);
  CHECK(split(dataset, 1, Seed{1}).first.size() == 1);
  CHECK(split(numbered(0, 2), 0.5, Seed{1}).first.size() == 0);

  CHECK(thrown_by<ValueError>([&] { (void)split(dataset, 11, Seed{1}); }).argument() == "count");
  CHECK(thrown_by<ValueError>([&] { (void)split(dataset, -1, Seed{1}); }).argument() == "count");
  for (const double fraction : {-0.1, 1.1, std::numeric_limits<double>::quiet_NaN()}) {
    CHECK(thrown_by<ValueError>([&] { (void)split(dataset, fraction, Seed{1}); }).argument() == "fraction");
  }
}

TEST_CASE("a standard scaler gives mean 0 and deviation 1, and centres what never changes", "[data]") {
  Dataset dataset{{1, 0.1f, 10, 3, 0.1f, 30, 5, 0.1f, 50}, {0, 0, 0}, 3, 1, "three"};
  const Scaler scaler = Scaler::standard(dataset);
  CHECK(scaler.divisor[1] == 1.0f);
  scaler.apply(dataset);
  for (const std::size_t j : {0u, 2u}) {
    CHECK(std::abs(dataset.row(0)[j] + std::sqrt(1.5f)) < 1e-6f);
    CHECK(std::abs(dataset.row(1)[j]) < 1e-6f);
    CHECK(std::abs(dataset.row(2)[j] - std::sqrt(1.5f)) < 1e-6f);
  }
  for (std::size_t i = 0; i < 3; ++i) CHECK(dataset.row(i)[1] == 0.0f);
}

TEST_CASE("a maximum scaler gives values in [-1, 1] and keeps zero", "[data]") {
  Dataset train{{-4, 0, 2, 0, 0, 0}, {0, 0, 0}, 2, 1, "train"};
  const Scaler scaler = Scaler::maximum(train);
  scaler.apply(train);
  CHECK(train.features == std::vector<float>{-1, 0, 0.5f, 0, 0, 0});

  Dataset test{{8, 3}, {0}, 2, 1, "test"};
  scaler.apply(test);
  CHECK(test.features == std::vector<float>{2, 3});
}

TEST_CASE("a scaler refuses a set it cannot be fitted on or applied to", "[data]") {
  const Dataset empty{{}, {}, 2, 1, "empty"};
  CHECK(thrown_by<ValueError>([&] { (void)Scaler::standard(empty); }).argument() == "train");
  CHECK(thrown_by<ValueError>([&] { (void)Scaler::maximum(empty); }).argument() == "train");

  Dataset narrow{{1}, {0}, 1, 1, "narrow"};
  const Scaler scaler = Scaler::standard(numbered(4, 2));
  CHECK(thrown_by<ValueError>([&] { scaler.apply(narrow); }).argument() == "dataset.features_per_sample");
}

TEST_CASE("the embedded digits are all there", "[data]") {
  const Dataset dataset = digits();
  CHECK(dataset.size() == 1797);
  CHECK(dataset.features.size() == 1797 * 64);
  CHECK(dataset.features_per_sample == 64);
  CHECK(dataset.classes == 10);
  CHECK(dataset.name == "digits");
  CHECK(count_classes(dataset) == std::vector<std::size_t>{178, 182, 177, 183, 181, 182, 181, 179, 174, 180});
  const auto [least, greatest] = std::minmax_element(dataset.features.begin(), dataset.features.end());
  CHECK(*least == 0.0f);
  CHECK(*greatest == 1.0f);
  CHECK_NOTHROW((void)make_samples(dataset.features, dataset.labels, 64, 10));
}
