// The net that is shipped: it says what the pair said, and refuses what it cannot read.
#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <utility>
#include <vector>

#include <rocket/rocket.hpp>

#include "support/catch.hpp"
#include "support/random_numbers.hpp"
#include "support/throws.hpp"

using namespace rocket;

namespace {

using Trunk = Sequential<Dense<6>, BatchNorm<>, Relu, Dropout<0.5>>;
using Pair = Launch<Input<4>, Trunk, Dense<3>, Sequential<Dense<8>, Relu, Dense<3>>>;
constexpr int rows = 40;

// A compiler may fuse multiplication and addition for six samples at a time, and not for one.
constexpr auto nearly = [](float a, float b) { return std::abs(a - b) <= 1e-5F * (1 + std::abs(a)); };

}  // namespace

TEST_CASE("a shipped net has the logits it had in the pair, alone and in a batch", "[predictor]") {
  const RandomSamples<Pair> samples{rows};
  Trainer trainer{Pair{Seed{3}}};
  trainer.fit(samples.view(), {.epochs = 2});
  InferenceWorkspace<Pair> workspace{rows};
  workspace.forward(trainer.net(), samples.features.data(), rows);
  const auto in_the_pair = workspace.logits<Pair::light_head>();

  Predictor one{trainer.light()}, many{trainer.light(), rows};
  const auto batch = many(samples.features);
  REQUIRE(batch.size() == 3 * rows);
  for (int i = 0; i < rows; ++i) {
    const auto row = samples.view().row(static_cast<std::size_t>(i));
    const auto logits = one(row);
    CHECK(std::ranges::equal(logits, in_the_pair[i], nearly));
    CHECK(std::ranges::equal(logits, batch.subspan(3 * static_cast<std::size_t>(i), 3), nearly));
    CHECK(one.classify(row) == std::ranges::max_element(logits) - logits.begin());
  }
}

TEST_CASE("of equal logits the first class is said", "[predictor]") {
  Pair::light net{Seed{3}};
  std::ranges::fill(net.parameter_vector(), 0.0f);
  CHECK(Predictor{net}.classify(std::array{1.0f, 2.0f, 3.0f, 4.0f}) == 0);
}

TEST_CASE("a Predictor refuses what is no whole sample, or too many", "[predictor]") {
  Predictor light{Pair::light{Seed{3}}, 2};
  const std::vector<float> numbers(12);
  const auto found = [&](auto&& run) { return thrown_by<ValueError>(run).found(); };
  CHECK(found([&] { light(std::span{numbers}.first(7)); }) == "7");
  CHECK(found([&] { light({}); }) == "0");
  CHECK(found([&] { light(numbers); }) == "3");
  CHECK(found([&] { light.classify(std::span{numbers}.first(8)); }) == "8");
  CHECK(found([] { Predictor{Pair::light{Seed{3}}, 0}; }) == "0");
}

TEST_CASE("an InferenceWorkspace takes whole samples, many or one, and refuses what it cannot run", "[predictor]") {
  const RandomSamples<Pair> samples{rows};
  const Pair net{Seed{3}};
  const Prepared<Pair> prepared{net};
  InferenceWorkspace<Pair> by_pointer{rows}, by_span{rows};
  CHECK(by_span.logits().data == nullptr);
  by_pointer.forward(net, samples.features.data(), rows);
  by_span.forward(net, samples.features);
  CHECK(std::ranges::equal(std::span{by_span.logits().data, 3 * rows}, std::span{by_pointer.logits().data, 3 * rows}));
  by_pointer.forward(net, prepared, samples.features.data(), rows);
  by_span.forward(net, prepared, samples.features, 2);
  CHECK(std::ranges::equal(std::span{by_span.logits().data, 3 * rows}, std::span{by_pointer.logits().data, 3 * rows}));

  const auto refused = [&](auto&& run) { return thrown_by<ValueError>(run).argument(); };
  CHECK(refused([&] { by_span.forward(net, std::span{samples.features}.first(7)); }) == "features");
  CHECK(refused([&] { by_span.forward(net, std::span<const float>{}); }) == "features");
  CHECK(refused([&] { by_pointer.forward(net, samples.features.data(), rows + 1); }) == "batch");
  CHECK(refused([&] { by_span.forward(net, samples.features, 0); }) == "threads");
  CHECK(refused([&] { by_span.forward(net, samples.features, -2); }) == "threads");
  Pair empty{Seed{3}};
  const Pair taken{std::move(empty)};
  // NOLINTNEXTLINE(bugprone-use-after-move): that is what it is about.
  CHECK(refused([&] { by_span.forward(empty, samples.features); }) == "net");
}
