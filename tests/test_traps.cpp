// What other implementations got wrong, one test each.
#include <algorithm>
#include <cstddef>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <rocket/rocket.hpp>

#include "support/catch.hpp"
#include "support/random_numbers.hpp"
#include "support/reference_losses.hpp"

using namespace rocket;

namespace {

using Trunk = Sequential<Dense<6>, BatchNorm<>, Relu>;
using Booster = Sequential<Dense<8>, Relu, Dense<3>>;
using Pair = Launch<Input<4>, Trunk, Dense<3>, Booster, double>;

const RandomSamples<Pair>& samples() {
  static const RandomSamples<Pair> made{30};
  return made;
}

// What the parameters of one role get from a step: "trunk", "light" or "booster".
template <class Net = Pair, class... Options>
std::vector<double> gradient_of(std::string_view role, const Options&... options) {
  Trainer trainer{Net{Seed{3}}, options...};
  trainer.step(samples().features, samples().labels);
  std::vector<double> gradient;
  for (const Array& array : Net::parameter_table())
    if (array.name_of(0).starts_with(role)) {
      const auto own = trainer.gradients().subspan(array.offset, array.size());
      gradient.insert(gradient.end(), own.begin(), own.end());
    }
  return gradient;
}

constexpr LossWeights hint_weighs(double weight) { return {.hint = weight}; }

bool all_zero(const std::vector<double>& numbers) {
  return std::all_of(numbers.begin(), numbers.end(), [](double number) { return number == 0; });
}

}  // namespace

TEST_CASE("no sharing shares nothing, not even the first layer", "[traps]") {
  using Unshared = LaunchUnshared<Input<4>, Trunk, Dense<3>, Booster, double>;
  STATIC_REQUIRE(Unshared::parameters == Unshared::light::parameters + Unshared::booster::parameters);

  const LossWeights light_only{.booster = 0, .hint = 0}, booster_only{.light = 0, .hint = 0};
  CHECK(all_zero(gradient_of<Unshared>("booster", light_only)));
  CHECK(all_zero(gradient_of<Unshared>("light", booster_only)));
  CHECK(gradient_of<Unshared>("light", light_only).size() == Unshared::light::parameters);
  CHECK(gradient_of<Unshared>("booster", booster_only).size() == Unshared::booster::parameters);
}

TEST_CASE("the block that is asked for is the block that is used, also beside a teacher", "[traps]") {
  const Teacher teacher{Pair::booster{Seed{5}}, Kl{}};
  const auto booster_feels_the_hint = [&](const auto& block) {
    return gradient_of("booster", block, teacher, hint_weighs(1)) !=
           gradient_of("booster", block, teacher, hint_weighs(0));
  };
  const auto trunk_feels_the_light_net = [&](const auto& block) {
    return gradient_of("trunk", block, teacher) != gradient_of("trunk", block, LossWeights{.light = 0, .hint = 0});
  };
  CHECK(booster_feels_the_hint(GradientBlock::none));
  CHECK_FALSE(booster_feels_the_hint(GradientBlock::booster_parameters));
  CHECK_FALSE(booster_feels_the_hint(GradientBlock::logits));
  CHECK_FALSE(booster_feels_the_hint(GradientBlock::light_input));
  CHECK(trunk_feels_the_light_net(GradientBlock::logits));
  CHECK_FALSE(trunk_feels_the_light_net(GradientBlock::light_input));
}

TEST_CASE("the booster's logits are detached unless someone asks otherwise", "[traps]") {
  CHECK(gradient_of("booster", hint_weighs(1)) == gradient_of("booster", NoHint{}));
  CHECK(gradient_of("light", hint_weighs(1)) != gradient_of("light", NoHint{}));
}

TEST_CASE("a hint is a sum over classes, whatever their number", "[traps]") {
  const auto distance = [](auto classes) {  // 1 in each class
    const std::vector<double> l(classes, 3.0), z(classes, 2.0);
    std::vector<double> gradient(classes);
    return LogitMse{}(std::span<const double, classes>{l}, std::span<const double, classes>{z},
                      std::span<double, classes>{gradient}, NoGradient{});
  };
  CHECK(distance(std::integral_constant<std::size_t, 2>{}) == 2);
  CHECK(distance(std::integral_constant<std::size_t, 100>{}) == 100);
}

TEST_CASE("weights are named by role: the teacher's takes nothing from cross-entropy", "[traps]") {
  const Pair::booster booster{Seed{5}};
  const auto light = [&](double teacher_weight, double light_weight) {
    return gradient_of<Pair::light>("light", Teacher{booster, Kl{}, teacher_weight},
                                    LossWeights{.light = light_weight});
  };
  const std::vector<double> both = light(0.9, 1), taught = light(0.9, 0), own = light(0, 1);
  for (std::size_t i = 0; i < both.size(); ++i) CHECK(both[i] == Approx(taught[i] + own[i]).margin(1e-12));
}

TEST_CASE("T^2 isn't dropped when cross-entropy weighs nothing", "[traps]") {
  using Net = Plain<Input<4>, Dense<3>, double>;  // its last gradient is that of the logits, summed over the batch
  constexpr double T = 3;
  const Net net{Seed{3}}, teacher{Seed{5}};
  Predictor student{net}, frozen{teacher};
  for (const double light_weight : {0.0, 1.0}) {
    Trainer trainer{net, Teacher{teacher, Kl{T}}, LossWeights{.light = light_weight}};
    const auto x = samples().view().row(0);
    const auto losses = trainer.step(x, std::vector<int>{0});
    const auto l = student(x), z = frozen(x);
    CHECK(losses.teacher == Approx(reference::hint(Kl{T}, l, z)));
    const double cross_entropy = reference::softmax(l)[2];
    const double pull = T * (reference::softmax(l, T)[2] - reference::softmax(z, T)[2]);
    CHECK(trainer.gradients().back() == Approx(light_weight * cross_entropy + pull));
  }
}

TEST_CASE("a net is in training mode in every epoch, also after it was evaluated", "[traps]") {
  Trainer trainer{Pair{Seed{3}}};
  for (int epoch = 0; epoch < 3; ++epoch) {
    const auto seen = std::as_const(trainer).net().statistic_vector();
    const std::vector<double> before(seen.begin(), seen.end());
    trainer.fit(samples().view(), {});
    CHECK_FALSE(std::ranges::equal(seen, before));  // BatchNorm remembers batches in training mode only
    trainer.evaluate(samples().view());
  }
}

TEST_CASE("a hint of weight 0 is no hint", "[traps]") {
  CHECK(gradient_of("", hint_weighs(0)) == gradient_of("", NoHint{}));
  CHECK(gradient_of("", hint_weighs(0), GradientBlock::none) == gradient_of("", NoHint{}, GradientBlock::none));
}
