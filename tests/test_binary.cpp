// Two classes by one logit, and samples that count differently.
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include <rocket/metrics/auc.hpp>
#include <rocket/metrics/calibration_error.hpp>
#include <rocket/metrics/log_loss.hpp>
#include <rocket/rocket.hpp>

#include "support/catch.hpp"
#include "support/checksum.hpp"
#include "support/finite_difference.hpp"
#include "support/random_numbers.hpp"
#include "support/throws.hpp"

using namespace rocket;

namespace {

template <class T>
using Pair =
    Launch<Input<5>, Sequential<Dense<7>, Tanh>, Sequential<Dense<1>>, Sequential<Dense<6>, Tanh, Dense<1>>, T>;

double sigmoid(double z) { return 1 / (1 + std::exp(-z)); }

// Features, and labels that they tell.
struct Clicks {
  std::vector<float> features;
  std::vector<int> labels;
  explicit Clicks(int count) : features{normal_numbers<float>(count * 5, 3)} {
    for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i)
      labels.push_back(features[5 * i] * features[5 * i + 1] > 0.1F);
  }
  operator Samples<float>() const { return {features, labels, 5, 2}; }
};

}  // namespace

TEST_CASE("cross-entropy of one logit is that of a sigmoid", "[binary]") {
  for (const double z : {-800.0, -3.0, 0.0, 0.25, 40.0})
    for (const int label : {0, 1}) {
      const std::array logit{z};
      std::array gradient{99.0};
      const double loss = cross_entropy(std::span<const double, 1>{logit}, label, std::span<double, 1>{gradient});
      const double signed_logit = label == 1 ? z : -z;
      CHECK(loss == Approx(signed_logit > 0 ? std::log1p(std::exp(-signed_logit))
                                            : -signed_logit + std::log1p(std::exp(signed_logit)))
                        .margin(1e-15));
      CHECK(gradient[0] == Approx(sigmoid(z) - label).margin(1e-15));
    }
}

TEST_CASE("hints between nets of one logit are those of a Bernoulli distribution", "[binary]") {
  const auto check = [](const auto& hint, const auto& expected, bool booster_moves = true) {
    for (double l : {-2.0, 0.3, 1.7})
      for (double z : {-1.1, 0.4, 2.5}) {
        const auto value = [&](std::span<double, 1> to_light, auto to_booster) {
          const std::array of_light{l}, of_booster{z};
          return detail::call_hint_on_logits(hint, std::span<const double, 1>{of_light},
                                             std::span<const double, 1>{of_booster}, to_light, to_booster);
        };
        std::array<double, 1> to_light, to_booster;
        CHECK(value(std::span<double, 1>{to_light}, std::span<double, 1>{to_booster}) == Approx(expected(l, z)));
        CHECK(to_light[0] == Approx(derivative(l, [&] { return expected(l, z); })).margin(1e-9));
        CHECK(to_booster[0] == Approx(booster_moves ? derivative(z, [&] { return expected(l, z); }) : 0).margin(1e-9));
        std::array<double, 1> alone;
        value(std::span<double, 1>{alone}, NoGradient{});
        CHECK(alone[0] == to_light[0]);
      }
  };
  check(LogitMse{}, [](double l, double z) { return (l - z) * (l - z); });
  check(SoftmaxMse{}, [](double l, double z) { return 2 * std::pow(sigmoid(l) - sigmoid(z), 2); });
  check(Kl{.temperature = 3}, [](double l, double z) {
    const double p = sigmoid(l / 3), q = sigmoid(z / 3);
    return 9 * (q * std::log(q / p) + (1 - q) * std::log((1 - q) / (1 - p)));
  });
  check(
      HardLabel{}, [](double l, double z) { return std::log1p(std::exp(z > 0 ? -l : l)); }, false);
}

TEMPLATE_TEST_CASE("a pair of one logit each descends along its loss", "[binary]", GradientBlock::None,
                   GradientBlock::Logits) {
  const RandomSamples<Plain<Input<5>, Dense<2>, double>> drawn{6};
  const std::vector<float> counts{1, 0, 2.5F, 1, 0.5F, 3};
  const std::vector<double> by_label{0.75, 1.5};
  Pair<double> net{Seed{4}};
  const LossWeights weights{.light = 0.7, .booster = 1.2, .hint = 0.5};
  Trainer trainer{net, LogitMse{}, TestType{}, weights, LabelWeights{by_label}, Sgd{.rate = 1}, Threads{1}};
  const Losses losses = trainer.step(drawn.features, drawn.labels, {}, counts);

  InferenceWorkspace<Pair<double>> workspace{6};
  std::vector<double> fixed;
  Losses by_hand;
  const auto loss = [&] {
    workspace.forward(net, drawn.features.data(), 6);
    by_hand = {};
    for (int i = 0; i < 6; ++i) {
      const auto s = static_cast<std::size_t>(i);
      const int label = drawn.labels[s];
      const double count = static_cast<double>(counts[s]) * by_label[static_cast<std::size_t>(label)] / 6;
      const double l = workspace.logits<0>()[i][0], z = workspace.logits<1>()[i][0];
      const auto entropy = [&](double logit) { return std::log1p(std::exp(label == 1 ? -logit : logit)); };
      const double target = std::is_same_v<TestType, GradientBlock::None> ? z : fixed[s];
      by_hand.light += count * entropy(l);
      by_hand.booster += count * entropy(z);
      by_hand.hint += count * (l - target) * (l - target);
      by_hand.light_error += (l > 0) != (label == 1);
    }
    return weights.light * by_hand.light + weights.booster * by_hand.booster + weights.hint * by_hand.hint;
  };
  workspace.forward(net, drawn.features.data(), 6);
  for (int i = 0; i < 6; ++i) fixed.push_back(workspace.logits<1>()[i][0]);
  const std::vector<double> expected = finite_differences(net.parameter_vector(), loss);
  CHECK(relative_error(trainer.gradients(), expected) < 1e-7);
  loss();
  CHECK(losses.light == Approx(by_hand.light));
  CHECK(losses.booster == Approx(by_hand.booster));
  CHECK(losses.hint == Approx(by_hand.hint));
  CHECK(losses.light_error == Approx(by_hand.light_error / 6));
}

TEST_CASE("a net of one logit learns, is measured, ships and says a class", "[binary]") {
  const Clicks clicks{800};
  Trainer trainer{Pair<float>{Seed{1}}, Kl{.temperature = 2}, Adam{.rate = 0.01}, Threads{1}};
  trainer.fit(clicks, {.epochs = 80, .batch_size = 50});
  const auto report = trainer.evaluate(clicks);
  CHECK(report.light().error < 0.08);
  CHECK(report.booster().error < 0.08);
  const auto [auc, log_loss, calibration] = trainer.measure(clicks, Auc{}, LogLoss{}, CalibrationError{});
  CHECK(auc.light().value() > 0.97);
  CHECK(log_loss.light().value() == Approx(report.light().loss));
  CHECK(calibration.light().value() < 0.1);

  Predictor light{trainer.light()};
  const Samples<float> samples = clicks;
  double wrong = 0, loss = 0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const bool clicked = light.classify(samples.row(i)) == 1;
    const double logit = static_cast<double>(light(samples.row(i))[0]);
    CHECK(clicked == (logit > 0));
    wrong += clicked != (clicks.labels[i] == 1);
    loss += std::log1p(std::exp(clicks.labels[i] == 1 ? -logit : logit));
  }
  CHECK(wrong / 800 == Approx(report.light().error));
  CHECK(loss / 800 == Approx(report.light().loss));
}

TEST_CASE("samples that all count 1 leave the bits of samples that aren't counted", "[binary]") {
  const Clicks clicks{60};
  const std::vector<float> ones(60, 1.0F);
  const auto trained = [&](Samples<float> samples, const LabelWeights& by_label) {
    Trainer trainer{Pair<float>{Seed{1}}, by_label, Threads{1}};
    trainer.fit(samples, {.epochs = 2, .batch_size = 16});
    return checksum(trainer.net());
  };
  const auto plain = trained(clicks, {});
  Samples<float> counted = clicks;
  counted.weights = ones;
  CHECK(trained(counted, {}) == plain);
  CHECK(trained(clicks, LabelWeights{{1, 1}}) == plain);
  CHECK(trained(clicks, LabelWeights{{1, 2}}) != plain);

  // Weights by label are weights of samples.
  std::vector<float> by_label(60);
  for (std::size_t i = 0; i < 60; ++i) by_label[i] = clicks.labels[i] == 1 ? 2 : 1;
  counted.weights = by_label;
  CHECK(trained(counted, {}) == trained(clicks, LabelWeights{{1, 2}}));
}

TEST_CASE("a sample that counts 0 moves nothing", "[binary]") {
  const Clicks clicks{4};
  const Pair<float> start{Seed{1}};
  Trainer trainer{start, Threads{1}};
  trainer.step(clicks.features, clicks.labels, {}, std::vector<float>(4, 0.0F));
  CHECK(checksum(trainer.net()) == checksum(start));
}

TEST_CASE("the scale-free hint goes by the variance of the booster's one logit", "[binary]") {
  const std::vector<double> light{0, 0, 0, 0}, booster{1, 3, 1, 3};
  const HintBatch<double, 1> batch{{light.data()}, {booster.data()}, 4};
  CHECK(detail::hint_scale(ScaleFreeLogitMse{.floor = 1e-6}, batch) == Approx(1));
  CHECK(detail::hint_scale(ScaleFreeLogitMse{.floor = 4}, batch) == Approx(0.25));
}

TEST_CASE("weights that make no sense are refused", "[binary]") {
  const Clicks clicks{4};
  Samples<float> samples = clicks;
  const std::vector<float> three(3, 1.0F), negative{1, 1, -1, 1}, nan{1, std::numeric_limits<float>::quiet_NaN(), 1, 1};
  Trainer trainer{Pair<float>{Seed{1}}, Threads{1}};
  const auto argument = [&](std::span<const float> weights) {
    samples.weights = weights;
    return thrown_by<ValueError>([&] { trainer.fit(samples, {}); }).argument();
  };
  CHECK(argument(three) == "weights");
  CHECK(argument(negative) == "weights[2]");
  CHECK(argument(nan) == "weights[1]");
  CHECK(thrown_by<ValueError>([&] { trainer.step(clicks.features, clicks.labels, {}, three); }).argument() ==
        "sample_weights");
  CHECK(thrown_by<ValueError>([&] { trainer.step(clicks.features, clicks.labels, {}, nan); }).argument() ==
        "sample_weights[1]");
  const auto by_label = [](const std::vector<double>& of) {
    return thrown_by<ValueError>([&] { Trainer{Pair<float>{Seed{1}}, LabelWeights{of}}; }).argument();
  };
  CHECK(by_label({1}) == "LabelWeights::of");
  CHECK(by_label({1, -1}) == "LabelWeights::of[1]");
  std::vector<int> labels = clicks.labels;
  labels[3] = 2;
  CHECK(thrown_by<ValueError>([&] { trainer.step(clicks.features, labels); }).what() ==
        std::string{"labels[3]: expected a class in [0, 2), found 2"});
}
