// Every hint loss and cross-entropy: values and gradients against their definitions, reductions, large logits.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

#include <rocket/layers/dense.hpp>
#include <rocket/net/launch.hpp>
#include <rocket/objective/objectives.hpp>
#include <rocket/train/trainer.hpp>

#include "support/catch.hpp"
#include "support/finite_difference.hpp"
#include "support/random_numbers.hpp"
#include "support/reference_losses.hpp"

using namespace rocket;

namespace {

template <class Body>
void for_each_hint(const Body& body) {
  std::apply([&](const auto&... hint) { (body(hint), ...); },
             std::tuple{LogitMse{}, SoftmaxMse{}, Kl{}, Kl{1}, Kl{0.5}, Kl{20}, HardLabel{}, ScaleFreeLogitMse{}});
}

// body(std::integral_constant<int, C>) for few, some and many classes.
template <class Body>
void for_each_class_count(const Body& body) {
  body(std::integral_constant<int, 2>{});
  body(std::integral_constant<int, 10>{});
  body(std::integral_constant<int, 1000>{});
}

template <class T>
struct Answer {
  T value{};
  std::vector<T> light_gradient, booster_gradient;
};

// What a hint says of one sample.
template <std::size_t C, class T, class Hint>
Answer<T> ask(const Hint& hint, const std::vector<T>& light, const std::vector<T>& booster) {
  Answer<T> answer{0, std::vector<T>(C), std::vector<T>(C)};
  answer.value = hint(std::span<const T, C>{light}, std::span<const T, C>{booster},
                      std::span<T, C>{answer.light_gradient}, std::span<T, C>{answer.booster_gradient});
  return answer;
}

template <class T>
T sum(const std::vector<T>& numbers) {
  T total = 0;
  for (const T number : numbers) total += number;
  return total;
}

// The gradients with respect to the light net's logits, as the paper's table gives them.
double paper_gradient(const LogitMse&, std::size_t i, reference::Logits l, reference::Logits z) {
  return 2 * (l[i] - z[i]);
}
double paper_gradient(const ScaleFreeLogitMse&, std::size_t i, reference::Logits l, reference::Logits z) {
  return paper_gradient(LogitMse{}, i, l, z);  // before batch_scale
}
double paper_gradient(const SoftmaxMse&, std::size_t i, reference::Logits l, reference::Logits z) {
  const std::vector<double> p = reference::softmax(l), q = reference::softmax(z);
  double pull = p[i] - q[i];
  for (std::size_t k = 0; k < p.size(); ++k) pull += p[k] * (q[k] - p[k]);
  return 2 * p[i] * pull;
}
double paper_gradient(const Kl& kl, std::size_t i, reference::Logits l, reference::Logits z) {
  const double T = kl.temperature;
  return T * (reference::softmax(l, T)[i] - reference::softmax(z, T)[i]);
}
double paper_gradient(const HardLabel&, std::size_t i, reference::Logits l, reference::Logits z) {
  const auto decision = std::max_element(z.begin(), z.end()) - z.begin();
  return reference::softmax(l)[i] - (static_cast<std::ptrdiff_t>(i) == decision ? 1 : 0);
}

}  // namespace

TEST_CASE("a hint has the value and the gradient of its definition", "[hints]") {
  for_each_class_count([](auto classes) {
    const std::vector<double> l = normal_numbers<double>(classes, 1), z = normal_numbers<double>(classes, 2);
    for_each_hint([&](const auto& hint) {
      const auto answer = ask<classes>(hint, l, z);
      CHECK(answer.value == Approx(reference::hint(hint, l, z)).epsilon(1e-12));
      std::vector<double> paper;
      for (std::size_t i = 0; i < l.size(); ++i) paper.push_back(paper_gradient(hint, i, l, z));
      CHECK(relative_error(answer.light_gradient, paper) <= 1e-12);
    });
  });
}

TEST_CASE("both gradients of a hint are those of central differences", "[hints]") {
  for_each_class_count([](auto classes) {
    const double tolerance = classes > 10 ? 1e-5 : 1e-6;  // a sum over 1000 classes is rounded more
    std::vector<double> l = normal_numbers<double>(classes, 3), z = normal_numbers<double>(classes, 4);
    for_each_hint([&](const auto& hint) {
      const auto answer = ask<classes>(hint, l, z);
      const auto value = [&] { return reference::hint(hint, l, z); };
      CHECK(relative_error(answer.light_gradient, finite_differences(l, value)) <= tolerance);
      CHECK(relative_error(answer.booster_gradient, finite_differences(z, value)) <= tolerance);
    });
  });
}

TEST_CASE("cross-entropy has the value and the gradient of its definition", "[hints]") {
  for_each_class_count([](auto classes) {
    std::vector<double> logits = normal_numbers<double>(classes, 5);
    std::vector<double> gradient(logits.size());
    const int label = classes - 1;
    const double value =
        cross_entropy(std::span<const double, classes>{logits}, label, std::span<double, classes>{gradient});
    const auto defined = [&] { return reference::cross_entropy(logits, label); };
    CHECK(value == Approx(defined()).epsilon(1e-12));
    CHECK(relative_error(gradient, finite_differences(logits, defined)) <= 1e-6);
  });
}

TEST_CASE("a hint says the same of the light net whether or not the booster's gradient is wanted", "[hints]") {
  const std::vector<double> l = normal_numbers<double>(10, 1), z = normal_numbers<double>(10, 2);
  for_each_hint([&](const auto& hint) {
    const auto both = ask<10>(hint, l, z);
    std::vector<double> gradient(10);
    const double value = hint(std::span<const double, 10>{l}, std::span<const double, 10>{z},
                              std::span<double, 10>{gradient}, NoGradient{});
    CHECK(value == both.value);
    CHECK(gradient == both.light_gradient);
  });
}

TEST_CASE("a distance between equal logits is 0, and so are its gradients", "[hints]") {
  for_each_class_count([](auto classes) {
    const std::vector<float> logits = normal_numbers<float>(classes, 6), zeros(logits.size());
    const auto check = [&](const auto& hint) {
      const auto answer = ask<classes>(hint, logits, logits);
      CHECK(answer.value == 0);
      CHECK(answer.light_gradient == zeros);
      CHECK(answer.booster_gradient == zeros);
    };
    check(LogitMse{});
    check(ScaleFreeLogitMse{});
    check(SoftmaxMse{});
    check(Kl{});
  });
}

TEST_CASE("the worst disagreement at logits of 1e4 has its value in float", "[hints]") {
  const std::vector<float> l{1e4f, -1e4f}, z{-1e4f, 1e4f};
  const auto check = [&](const auto& hint, double value, double gradient, double booster_gradient) {
    const auto answer = ask<2>(hint, l, z);
    CHECK(answer.value == Approx(value));
    CHECK(answer.light_gradient[0] == Approx(gradient));
    CHECK(answer.light_gradient[1] == Approx(-gradient));
    CHECK(answer.booster_gradient[0] == Approx(booster_gradient));
    CHECK(answer.booster_gradient[1] == Approx(-booster_gradient));
  };
  check(LogitMse{}, 8e8, 4e4, -4e4);
  check(SoftmaxMse{}, 2, 0, 0);  // both sure: the gradient has vanished
  check(Kl{1}, 2e4, 1, 0);
  check(Kl{4}, 4 * 2e4, 4, 0);
  check(HardLabel{}, 2e4, 1, 0);

  std::vector<float> gradient(2);
  CHECK(cross_entropy(std::span<const float, 2>{l}, 1, std::span<float, 2>{gradient}) == Approx(2e4));
  CHECK(gradient == std::vector<float>{1, -1});
}

TEST_CASE("a common shift of 1e4 changes no bit of what depends on differences", "[hints]") {
  const std::vector<float> l{0.25f, -1.5f, 3}, z{2, 0.75f, -0.5f};  // exact at 1e4, too
  const auto shifted = [](std::vector<float> logits, float by) {
    for (float& logit : logits) logit += by;
    return logits;
  };
  for (const float by : {1e4f, -1e4f}) {
    for_each_hint([&](const auto& hint) {
      const auto here = ask<3>(hint, l, z), there = ask<3>(hint, shifted(l, by), shifted(z, by));
      CHECK(there.value == here.value);
      CHECK(there.light_gradient == here.light_gradient);
      CHECK(there.booster_gradient == here.booster_gradient);
    });
    std::vector<float> gradient(3);
    const auto entropy = [&](const std::vector<float>& logits) {
      return cross_entropy(std::span<const float, 3>{logits}, 2, std::span<float, 3>{gradient});
    };
    CHECK(entropy(shifted(l, by)) == entropy(l));
  }
}

TEST_CASE("a hint that looks at softmax pulls no logit up or down as a whole", "[hints]") {
  const std::vector<double> l = normal_numbers<double>(10, 1), z = normal_numbers<double>(10, 2);
  const auto check = [&](const auto& hint) {
    const auto answer = ask<10>(hint, l, z);
    CHECK(std::abs(sum(answer.light_gradient)) < 1e-12);
    CHECK(std::abs(sum(answer.booster_gradient)) < 1e-12);
  };
  check(SoftmaxMse{});
  check(Kl{});
  check(HardLabel{});
}

TEST_CASE("the pull of KL at a high temperature is that of logit MSE over classes, thanks to T^2", "[hints]") {
  const std::vector<double> l{1, -2, 1}, z{-1, 0.5, 0.5};  // of mean 0
  const auto hot = ask<3>(Kl{1e4}, l, z), mse = ask<3>(LogitMse{}, l, z);
  for (std::size_t c = 0; c < 3; ++c)
    CHECK(hot.light_gradient[c] == Approx(mse.light_gradient[c] / (2 * 3)).epsilon(1e-3));
}

TEST_CASE("the scale-free hint doesn't see the scale of the logits", "[hints]") {
  constexpr int batch = 6, classes = 4;
  const std::vector<double> l = normal_numbers<double>(batch * classes, 1),
                            z = normal_numbers<double>(batch * classes, 2);
  const auto scale_of = [](const std::vector<double>& light, const std::vector<double>& booster, double floor = 1e-6) {
    return ScaleFreeLogitMse{floor}.batch_scale(HintBatch<double, classes>{{light.data()}, {booster.data()}, batch});
  };
  CHECK(scale_of(l, z) == Approx(reference::batch_scale(ScaleFreeLogitMse{}, z)));

  std::vector<double> large = z;
  for (double& logit : large) logit *= 100;
  CHECK(scale_of(l, large) == Approx(scale_of(l, z) / 1e4));  // what LogitMse grows by
  CHECK(scale_of(l, std::vector<double>(z.size(), 7.0), 0.25) == Approx(4));
}

namespace {

// A pair of 10 classes whose gradients can be read off the biases: those are the sums over the batch.
constexpr int classes = 10;
using TwoHeads = Launch<Input<3>, Sequential<>, Dense<classes>, Dense<classes>, double>;

constexpr int batch = 128;

template <class Net>
std::span<const double> named(std::string_view name, std::span<const double> vector) {
  for (const Array& array : Net::parameter_table())
    if (array.name_of(0) == name) return vector.subspan(array.offset, array.size());
  FAIL("no array of that name");
  return {};
}

template <class Net>
std::vector<double> logits_of(const Net& net, const std::vector<double>& features) {
  InferenceWorkspace<Net> workspace{batch};
  workspace.forward(net, features.data(), batch);
  const double* logits = workspace.logits().data;
  return {logits, logits + batch * classes};
}

}  // namespace

TEST_CASE("the hint is a sum over classes and a mean over the batch: 0.03 * sum / 128, as in the paper's code",
          "[hints]") {
  const TwoHeads net{Seed{1}};
  const RandomSamples<TwoHeads> samples{batch};
  const std::vector<double> l = logits_of(net.launch_light(), samples.features);
  const std::vector<double> z = logits_of(net.launch_booster(), samples.features);

  Trainer trainer{net, LogitMse{}, LossWeights{.light = 0, .booster = 0, .hint = 0.03}};
  const Losses losses = trainer.step(samples.features, samples.labels);
  CHECK(losses.hint == Approx(reference::squared_distance(l, z) / 128));

  std::vector<double> paper(classes);
  for (std::size_t i = 0; i < l.size(); ++i) paper[i % classes] += 0.03 * 2 * (l[i] - z[i]) / 128;
  CHECK(relative_error(named<TwoHeads>("light.bias", trainer.gradients()), paper) <= 1e-12);
}

TEST_CASE("every term is a mean: a batch that holds each sample twice gives the same losses and gradients", "[hints]") {
  const RandomSamples<TwoHeads> once{batch};
  std::vector<double> features = once.features;
  std::vector<int> labels = once.labels;
  features.insert(features.end(), once.features.begin(), once.features.end());
  labels.insert(labels.end(), once.labels.begin(), once.labels.end());

  for_each_hint([&](const auto& hint) {
    Trainer one{TwoHeads{Seed{1}}, hint, GradientBlock::none};
    Trainer two{TwoHeads{Seed{1}}, hint, GradientBlock::none};
    const Losses a = one.step(once.features, once.labels), b = two.step(features, labels);
    CHECK(b.light == Approx(a.light));
    CHECK(b.booster == Approx(a.booster));
    CHECK(b.hint == Approx(a.hint));
    CHECK(relative_error(one.gradients(), two.gradients()) <= 1e-12);
  });
}

TEST_CASE("the authors' distillation weight on the element mean is 2 alpha / classes on ours", "[hints]") {
  using Net = TwoHeads::light;
  constexpr double alpha = 0.9, T = 4;
  const Net net{Seed{1}};
  const Net teacher{Seed{2}};
  const RandomSamples<Net> samples{batch};
  const std::vector<double> l = logits_of(net, samples.features), z = logits_of(teacher, samples.features);

  Trainer trainer{net, Teacher{teacher, Kl{T}, 2 * alpha / classes}, LossWeights{.light = 1 - alpha}};
  const Losses losses = trainer.step(samples.features, samples.labels);

  double element_sum = 0;
  std::vector<double> gradient(classes);
  for (std::size_t i = 0; i < batch; ++i) {
    const auto row = [&](const std::vector<double>& logits) { return std::span{logits}.subspan(i * classes, classes); };
    const std::vector<double> p = reference::softmax(row(l), T), q = reference::softmax(row(z), T);
    const std::vector<double> cool = reference::softmax(row(l));
    for (std::size_t c = 0; c < classes; ++c) {
      const double label = static_cast<std::size_t>(samples.labels[i]) == c ? 1 : 0;
      element_sum += q[c] * std::log(q[c] / p[c]);
      gradient[c] += (2 * alpha * T * T * (p[c] - q[c]) / T / classes + (1 - alpha) * (cool[c] - label)) / batch;
    }
  }
  const double authors_term = element_sum / (batch * classes) * 2 * alpha * T * T;
  CHECK(2 * alpha / classes * losses.teacher == Approx(authors_term));
  CHECK(relative_error(named<Net>("light.bias", trainer.gradients()), gradient) <= 1e-12);
}
