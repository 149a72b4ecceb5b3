// Optimizers, weight decay, clipping and schedules, each against its formula.
#include <array>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include <rocket/rocket.hpp>

#include "support/catch.hpp"
#include "support/finite_difference.hpp"
#include "support/random_numbers.hpp"

using namespace rocket;

namespace {

using Net = Plain<Input<3>, Sequential<Dense<4>, BatchNorm<>, Tanh, Dense<3>>, double>;

const RandomSamples<Net>& samples() {
  static const RandomSamples<Net> made{20};
  return made;
}

template <class AnyTrainer>
std::vector<double> parameters_of(const AnyTrainer& trainer) {
  const auto all = trainer.net().parameter_vector();
  return {all.begin(), all.end()};
}

// What an optimizer remembers of one parameter.
struct Memory {
  double m = 0, v = 0;
};

// Trains for some steps, beside a formula that moves every parameter by itself: formula(w, gradient, memory, step) ->
// w.
template <class Optimizer, class Formula>
void check_against(const Optimizer& optimizer, const Formula& formula) {
  Trainer trainer{Net{Seed{1}}, optimizer};
  std::vector<double> expected = parameters_of(trainer);
  std::vector<Memory> memory(expected.size());
  for (int step = 1; step <= 5; ++step) {
    trainer.step(samples().features, samples().labels);
    for (std::size_t i = 0; i < expected.size(); ++i)
      expected[i] = formula(expected[i], trainer.gradients()[i], memory[i], step);
    CHECK(relative_error(parameters_of(trainer), expected) <= 1e-13);
  }
}

// Without a gradient only weight decay moves parameters.
constexpr LossWeights no_loss{.light = 0};

template <class Optimizer>
Net decayed_once(const Optimizer& optimizer) {
  Net net{Seed{1}};
  fill_normal(net.parameter_vector(), 2);  // no bias at 0
  Trainer trainer{net, optimizer, no_loss};
  trainer.step(samples().features, samples().labels);
  return trainer.net();
}

// How much of each array is left, by name.
template <class Check>
void for_each_remainder(const Net& after, const Check& check) {
  Net before{Seed{1}};
  fill_normal(before.parameter_vector(), 2);
  for (const Array& array : Net::parameter_table())
    for (std::size_t i = array.offset; i < array.offset + array.size(); ++i)
      check(array.name_of(0), after.parameter_vector()[i] / before.parameter_vector()[i]);
}

}  // namespace

TEST_CASE("Sgd moves as torch.optim.SGD", "[optimizers]") {
  const Sgd plain{.rate = 0.1};
  const Sgd with_momentum{.rate = 0.1, .momentum = 0.9};
  const Sgd nesterov{.rate = 0.1, .momentum = 0.9, .nesterov = true};
  const Sgd everything{.rate = 0.1, .momentum = 0.9, .weight_decay = 0.02, .nesterov = true};
  for (const Sgd& sgd : {plain, with_momentum, nesterov, everything})
    check_against(sgd, [&](double w, double g, Memory& memory, int) {
      g += sgd.weight_decay * w;
      memory.m = sgd.momentum * memory.m + g;
      return w - sgd.rate * (sgd.nesterov ? g + sgd.momentum * memory.m : memory.m);
    });
}

TEST_CASE("Adam moves as torch.optim.Adam", "[optimizers]") {
  for (const Adam& adam : {Adam{.rate = 0.01}, Adam{.rate = 0.01, .beta1 = 0.8, .beta2 = 0.9, .weight_decay = 0.02}})
    check_against(adam, [&](double w, double g, Memory& memory, int step) {
      g += adam.weight_decay * w;
      memory.m = adam.beta1 * memory.m + (1 - adam.beta1) * g;
      memory.v = adam.beta2 * memory.v + (1 - adam.beta2) * g * g;
      const double m = memory.m / (1 - std::pow(adam.beta1, step)), v = memory.v / (1 - std::pow(adam.beta2, step));
      return w - adam.rate * m / (std::sqrt(v) + adam.epsilon);
    });
}

TEST_CASE("AdamW moves as torch.optim.AdamW", "[optimizers]") {
  const AdamW adam{.rate = 0.01, .weight_decay = 0.1};
  check_against(adam, [&](double w, double g, Memory& memory, int step) {
    w -= adam.rate * adam.weight_decay * w;
    memory.m = adam.beta1 * memory.m + (1 - adam.beta1) * g;
    memory.v = adam.beta2 * memory.v + (1 - adam.beta2) * g * g;
    const double m = memory.m / (1 - std::pow(adam.beta1, step)), v = memory.v / (1 - std::pow(adam.beta2, step));
    return w - adam.rate * m / (std::sqrt(v) + adam.epsilon);
  });
}

TEMPLATE_TEST_CASE("a piece may have any size, and nothing behind it is touched", "[optimizers]", float, double) {
  for (int size = 1; size <= 40; ++size) {
    CAPTURE(size, sizeof(TestType));
    const std::vector<TestType> start = normal_numbers<TestType>(size, 1), gradient = normal_numbers<TestType>(size, 2);
    const auto after_a_step = [&]<class Optimizer>(const Optimizer& optimizer) {
      std::vector<TestType> moved = start;
      std::array<std::vector<TestType>, Optimizer::states> memory;
      std::array<TestType*, Optimizer::states> state;
      for (std::size_t s = 0; s < state.size(); ++s) {
        memory[s].assign(start.size(), 0);  // g++ 12 warns of what resize might do
        state[s] = memory[s].data();
      }
      optimizer(Piece{start.size(), optimizer.rate}, moved.data(), gradient.data(), state);
      return moved;
    };
    std::vector<TestType> by_sgd = start, by_adam = start;  // Adam's first step is the rate, whatever the gradient
    for (std::size_t i = 0; i < start.size(); ++i) {
      by_sgd[i] -= static_cast<TestType>(0.5) * gradient[i];
      by_adam[i] -= std::copysign(static_cast<TestType>(0.5), gradient[i]);
    }
    CHECK(relative_error(after_a_step(Sgd{.rate = 0.5}), by_sgd) <= 1e-6);
    CHECK(relative_error(after_a_step(Adam{.rate = 0.5}), by_adam) <= 1e-5);
  }
}

TEST_CASE("weight decay pulls at all parameters, as in the paper's code", "[optimizers]") {
  const auto check = [](const std::string&, double remainder) { CHECK(remainder == Approx(0.95)); };
  for_each_remainder(decayed_once(Sgd{.rate = 0.1, .weight_decay = 0.5}), check);
  for_each_remainder(decayed_once(AdamW{.rate = 0.1, .weight_decay = 0.5}), check);
}

TEST_CASE("Decays::weights spares biases and normalisation", "[optimizers]") {
  const auto check = [](const std::string& name, double remainder) {
    if (name.ends_with("weight"))
      CHECK(remainder == Approx(0.95));
    else
      CHECK(remainder == 1);
  };
  for_each_remainder(decayed_once(Sgd{.rate = 0.1, .weight_decay = 0.5, .decays = Decays::weights}), check);
  for_each_remainder(decayed_once(AdamW{.rate = 0.1, .weight_decay = 0.5, .decays = Decays::weights}), check);
}

TEST_CASE("ClipNorm shortens a gradient that is too long, and keeps its direction", "[optimizers]") {
  const auto gradient = [](const auto&... options) {
    Trainer trainer{Net{Seed{1}}, options...};
    trainer.step(samples().features, samples().labels);
    return std::vector(trainer.gradients().begin(), trainer.gradients().end());
  };
  const auto norm = [](const std::vector<double>& numbers) {
    double square = 0;
    for (const double number : numbers) square += number * number;
    return std::sqrt(square);
  };
  const std::vector<double> whole = gradient();
  std::vector<double> half = gradient(ClipNorm{norm(whole) / 2});
  CHECK(norm(half) == Approx(norm(whole) / 2));
  for (double& number : half) number *= 2;
  CHECK(relative_error(half, whole) <= 1e-13);

  CHECK(gradient(ClipNorm{norm(whole) * 2}) == whole);
  CHECK(gradient(ClipNorm{0}) == whole);
}

TEST_CASE("a constant schedule only warms up", "[optimizers]") {
  CHECK(ConstantSchedule{}.factor(0.01, 10) == 1);
  const ConstantSchedule warm{.warmup_epochs = 5};
  CHECK(warm.factor(0.5, 10) == Approx(0.1));
  CHECK(warm.factor(5, 10) == 1);
  CHECK(warm.factor(7, 10) == 1);
}

TEST_CASE("a step schedule drops the rate after the epochs it names", "[optimizers]") {
  const StepSchedule paper{.at = {60, 120, 160}, .drop = 0.2};
  CHECK(paper.factor(60, 200) == 1);  // the end of the last step before the drop
  CHECK(paper.factor(60.01, 200) == Approx(0.2));
  CHECK(paper.factor(120, 200) == Approx(0.2));
  CHECK(paper.factor(120.01, 200) == Approx(0.04));
  CHECK(paper.factor(200, 200) == Approx(0.008));
  const StepSchedule warm{.at = {2}, .drop = 0.5, .warmup_epochs = 4};
  CHECK(warm.factor(1, 8) == Approx(0.25));
  CHECK(warm.factor(3, 8) == Approx(0.5 * 0.75));
}

TEST_CASE("a cosine schedule ends at its end, by way of the middle", "[optimizers]") {
  CHECK(CosineSchedule{}.factor(5, 10) == Approx(0.5));
  CHECK(CosineSchedule{}.factor(10, 10) == Approx(0).margin(1e-15));
  const CosineSchedule warm{.warmup_epochs = 2, .end = 0.1};
  CHECK(warm.factor(1, 10) == Approx(0.5));
  CHECK(warm.factor(2, 10) == 1);
  CHECK(warm.factor(6, 10) == Approx(0.55));
  CHECK(warm.factor(10, 10) == Approx(0.1));
}

TEST_CASE("the schedule moves with every step of a Trainer", "[optimizers]") {
  struct Rates {
    void on_step(const StepReport& report) { rates.push_back(report.rate); }
    std::vector<double> rates;
  };
  const auto rates_under = [](const auto& schedule) {
    Rates rates;
    Trainer trainer{Net{Seed{1}}, Sgd{.rate = 8}, schedule};
    trainer.fit(samples().view(), {.epochs = 2, .batch_size = 10}, rates);
    return rates.rates;
  };
  CHECK(rates_under(ConstantSchedule{}) == std::vector<double>{8, 8, 8, 8});
  CHECK(rates_under(ConstantSchedule{.warmup_epochs = 1}) == std::vector<double>{4, 8, 8, 8});
  CHECK(rates_under(StepSchedule{.at = {1}, .drop = 0.5}) == std::vector<double>{8, 8, 4, 4});
}

TEST_CASE("momentum survives a drop of the rate, unless the schedule says otherwise", "[optimizers]") {
  // Of each step: the gradient, and how far the parameters went for a rate of 1.
  struct Steps {
    explicit Steps(bool reset)
        : trainer{Net{Seed{1}}, Sgd{.rate = 0.1, .momentum = 0.9},
                  StepSchedule{.at = {1}, .drop = 0.5, .reset_momentum = reset}} {
      before = parameters_of(trainer);
      trainer.fit(samples().view(), {.epochs = 2}, *this);
    }
    void on_step(const StepReport& report) {
      const std::vector<double> after = parameters_of(trainer);
      auto& way = ways.emplace_back();
      for (std::size_t i = 0; i < after.size(); ++i) way.push_back((before[i] - after[i]) / report.rate);
      gradients.emplace_back(trainer.gradients().begin(), trainer.gradients().end());
      before = after;
    }
    Trainer<Net, Sgd, StepSchedule> trainer;
    std::vector<double> before;
    std::vector<std::vector<double>> ways, gradients;
  };
  const Steps kept{false}, reset{true};
  std::vector<double> with_momentum = kept.gradients[1];
  for (std::size_t i = 0; i < with_momentum.size(); ++i) with_momentum[i] += 0.9 * kept.gradients[0][i];
  CHECK(relative_error(kept.ways[1], with_momentum) <= 1e-10);
  CHECK(relative_error(reset.ways[1], reset.gradients[1]) <= 1e-10);
}
