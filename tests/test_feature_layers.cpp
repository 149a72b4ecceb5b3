// Layers for what ids become: slices side by side, products of features, a history seen by its target.
#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include <rocket/rocket.hpp>

#include "support/catch.hpp"
#include "support/checksum.hpp"
#include "support/layer_gradients.hpp"
#include "support/random_numbers.hpp"

using namespace rocket;
using layer_gradients::check_gradients;
using layer_gradients::gradient_error;
using layer_gradients::tolerance;

namespace {

// What a layer without parameters makes of one sample.
template <class InputShape, class Layers>
std::vector<float> output_of(const std::vector<float>& x) {
  using Net = Plain<InputShape, Layers>;
  InferenceWorkspace<Net> workspace{1};
  workspace.forward(Net{Seed{1}}, x);
  const auto y = workspace.logits()[0];
  return {y.begin(), y.end()};
}

}  // namespace

TEST_CASE("gradients of feature layers are those of central differences", "[layers]") {
  SECTION("Slice") {
    check_gradients<Slice<1, 3>>();
    check_gradients<Slice<0, 2, 2>, Input<6>>();
  }
  SECTION("FactorizationMachine") {
    CHECK(gradient_error<Input<3, 4>, FactorizationMachine<>>() <= tolerance);
    CHECK(gradient_error<Input<5, 11>, FactorizationMachine<Interactions::by_dimension>>() <= tolerance);
    CHECK(gradient_error<Input<12>, Dense<12>, Slice<0, 3, 4>, FactorizationMachine<Interactions::by_dimension>,
                         Tanh>() <= tolerance);
  }
  SECTION("Cross") {
    check_gradients<Cross<1>>();
    check_gradients<Cross<3>>();
    check_gradients<Cross<2>, Input<11>>();
  }
  SECTION("AttentionPool") {
    CHECK(gradient_error<Input<2, 3>, AttentionPool<5>>() <= tolerance);
    CHECK(gradient_error<Input<5, 4>, AttentionPool<9>, Tanh>() <= tolerance);
    CHECK(gradient_error<Input<12>, Dense<12>, Slice<0, 4, 3>, AttentionPool<2>, Dense<3>>() <= tolerance);
  }
}

TEST_CASE("gradients of Concat are those of central differences, whatever its branches need", "[layers]") {
  check_gradients<Concat<Dense<3>, Sequential<>>>();
  check_gradients<Concat<Sequential<>, Dense<3>, Sequential<>>>();
  check_gradients<Concat<Tanh>>();
  check_gradients<
      Concat<Sequential<Dense<4>, BatchNorm<>, Tanh>, Cross<2>, Residual<Tanh>, Sequential<Dense<2>, Dropout<0.3>>>>();
  check_gradients<Concat<Residual<Sequential<>>, Concat<Sequential<>, Sequential<>>>>();
  check_gradients<Concat<Slice<0, 2>, Sequential<Slice<1, 3>, Relu>>>();
  check_gradients<Concat<Concat<Dense<2>, Tanh>, Repeat<2, Residual<Tanh>>>>();
}

TEST_CASE("feature layers have the values of their equations", "[layers]") {
  CHECK(output_of<Input<6>, Slice<1, 2, 2>>({1, 2, 3, 4, 5, 6}) == std::vector<float>{2, 3, 4, 5});
  CHECK(output_of<Input<2>, Concat<Residual<Sequential<>>, Slice<0, 1>>>({1, 2}) == std::vector<float>{2, 4, 1});
  CHECK(output_of<Input<2>, Concat<Concat<Sequential<>, Sequential<>>, Slice<1, 1>>>({1, 2}) ==
        std::vector<float>{1, 2, 1, 2, 2});
  CHECK(output_of<Input<3>, Concat<Slice<2, 1>, Sequential<>, Relu>>({1, -2, 3}) ==
        std::vector<float>{3, 1, -2, 3, 1, 0, 3});
  // Pairs of (1, 2), (3, -1), (0, 4): by dimension 1 3 + 1 0 + 3 0, -2 + 8 - 4.
  CHECK(output_of<Input<3, 2>, FactorizationMachine<Interactions::by_dimension>>({1, 2, 3, -1, 0, 4}) ==
        std::vector<float>{3, 2});
  CHECK(output_of<Input<3, 2>, FactorizationMachine<>>({1, 2, 3, -1, 0, 4}) == std::vector<float>{5});

  Plain<Input<2>, Cross<2>> cross{Seed{1}};
  const std::vector<float> weight{1, 2, -1, 1}, bias{0.5F, 0, 0, 1};
  std::ranges::copy(weight, cross.parameter("net.weight").begin());
  std::ranges::copy(bias, cross.parameter("net.bias").begin());
  InferenceWorkspace<decltype(cross)> workspace{1};
  workspace.forward(cross, std::vector<float>{3, -1});
  // s_0 = 3 - 2 = 1: x_1 = (6.5, -2); s_1 = -8.5: x_2 = (3, -1) s_1 + (0, 1) + x_1
  CHECK(workspace.logits()[0][0] == -19);
  CHECK(workspace.logits()[0][1] == 7.5F);
}

TEST_CASE("attention weighs a history by its target, and rows of zeros count for nothing", "[layers]") {
  using Net = Plain<Input<4, 2>, AttentionPool<2>>;
  Net net{Seed{1}};
  // h = (e_0 + v_0, e_1 v_1 - 1), a = 2 relu(h_0) - relu(h_1) + 0.5
  const std::vector<float> weight{1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1}, bias{0, -1}, score{2, -1};
  std::ranges::copy(weight, net.parameter("net.weight").begin());
  std::ranges::copy(bias, net.parameter("net.bias").begin());
  std::ranges::copy(score, net.parameter("net.score").begin());
  net.parameter("net.score_bias")[0] = 0.5F;
  InferenceWorkspace<Net> workspace{1};
  workspace.forward(net, std::vector<float>{1, 3, 2, 1, -4, 1, 0, 0});
  // e = (2, 1): h = (3, 2), a = 4.5; e = (-4, 1): h = (-3, 2), a = -1.5
  CHECK(workspace.logits()[0][0] == 4.5F * 2 - 1.5F * -4);
  CHECK(workspace.logits()[0][1] == 4.5F * 1 - 1.5F * 1);
}

TEST_CASE("a ranking net of all feature layers is the same on any number of threads, and has names", "[layers]") {
  using Inputs = Fields<Id<"user", 8>, Id<"item", 8>, Sequence<"seen", 8, 5, "item">, Numbers<"price", 3>>;
  constexpr int item = Inputs::field("item").begin_column;
  using Trunk = Concat<Part<"interest", Slice<item, 6, 8>, AttentionPool<4>>, Part<"cross", Cross<2>>,
                       Sequential<Slice<0, 7, 8>, FactorizationMachine<>>, Sequential<>>;
  using Net = Launch<Inputs, Trunk, Sequential<Dense<8>, Relu, Dense<1>>, Sequential<Dense<32>, Relu, Dense<1>>>;
  static_assert(Net::light::outputs[0] == 1);
  std::vector<Word> words;
  std::vector<int> labels;
  for (std::uint64_t i = 0; i < 3000; ++i) {
    const auto draw = [&](std::uint64_t at) { return Random{3}.bits(i, at)[0]; };
    for (std::uint64_t at = 0; at < 7; ++at) words.push_back(draw(at) % 5 == 0 ? Word{} : Word::row(draw(at) % 40));
    for (std::uint64_t at = 7; at < 10; ++at) words.push_back(Word::number(static_cast<float>(draw(at) % 8) / 4));
    labels.push_back(static_cast<int>(draw(11) % 2));
  }
  const auto trained = [&](int threads) {
    Trainer trainer{Net{Seed{1}, {40, 40}}, LogitMse{}, Adam{}, Threads{threads}};
    trainer.fit(make_samples<Word>(words, labels, Inputs::words, 2),
                {.epochs = 2, .batch_size = 1500});  // enough for a team
    return checksum(trainer.net()) ^ checksum(std::as_const(trainer.net()).tables().vector());
  };
  const auto alone = trained(1);
  CHECK(trained(2) == alone);
  CHECK(trained(5) == alone);
  using Twice = Launch<Input<2>, Concat<Sequential<>, Sequential<>>, Dense<2>, Sequential<Dense<3>, Relu, Dense<2>>>;
  static_assert(Twice::light::parameters == 4 * 2 + 2);  // a trunk without layers is a trunk
  Net net{Seed{1}, {40, 40}};
  CHECK(net.parameter("trunk.interest.1.score").size() == 4);
  CHECK(net.parameter("trunk.cross.weight").size() == 2 * static_cast<std::size_t>(Inputs::shape.size()));
}
