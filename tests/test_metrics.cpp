// Metrics against values worked out by hand and against their definitions, and what measures them on a net.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <rocket/rocket.hpp>

#include "support/catch.hpp"
#include "support/random_numbers.hpp"
#include "support/reference_losses.hpp"
#include "support/throws.hpp"

using namespace rocket;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

// Some samples of one head.
struct Predictions {
  std::size_t classes = 0;
  std::vector<double> logits;  // row by row
  std::vector<int> labels;
  std::span<const double> row(std::size_t i) const { return std::span{logits}.subspan(i * classes, classes); }
};

// Numbers on a coarse grid where ties are wanted.
Predictions random_predictions(std::size_t classes, std::size_t samples, bool ties = false) {
  Predictions made{classes, normal_numbers<double>(static_cast<int>(classes * samples), 11), {}};
  for (double& logit : made.logits) logit = ties ? std::round(logit) : 2 * logit;
  for (std::size_t i = 0; i < samples; ++i) {
    const auto drawn = static_cast<std::size_t>(Random{5}.bits(i)[0]);
    made.labels.push_back(static_cast<int>(drawn % classes));
    made.logits[i * classes + drawn % classes] += ties ? 1 : 0.7;  // better than chance
  }
  return made;
}

template <class Metric>
Metric fed(Metric metric, const Predictions& all) {
  for (std::size_t i = 0; i < all.labels.size(); ++i) metric.add(all.row(i), all.labels[i]);
  return metric;
}
template <class Metric>
double value_of(const Metric& metric, const Predictions& all) {
  return fed(metric, all).value();
}

// AUC as it is defined: over all pairs of a positive and a negative.
double area_by_pairs(const std::vector<double>& scores, const std::vector<int>& labels, int positive) {
  double in_order = 0, pairs = 0;
  for (std::size_t i = 0; i < labels.size(); ++i)
    for (std::size_t j = 0; j < labels.size(); ++j)
      if (labels[i] == positive && labels[j] != positive) {
        in_order += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0;
        ++pairs;
      }
  return in_order / pairs;
}

}  // namespace

TEST_CASE("the top-k error is the fraction of labels that aren't among the k largest", "[metrics]") {
  const Predictions four{4, {9, 5, 7, 1, 0, 3, 2, 1, -1, -2, -3, -4}, {2, 1, 3}};  // second, first, last
  CHECK(value_of(TopKError{1}, four) == Approx(2. / 3));
  CHECK(value_of(TopKError{2}, four) == Approx(1. / 3));
  CHECK(value_of(TopKError{3}, four) == Approx(1. / 3));
  CHECK(value_of(TopKError{4}, four) == 0);

  for (const bool ties : {false, true}) {
    const Predictions all = random_predictions(7, 200, ties);
    for (int k = 1; k <= 7; ++k) {
      std::size_t wrong = 0;
      for (std::size_t i = 0; i < all.labels.size(); ++i) {
        std::vector<int> order{0, 1, 2, 3, 4, 5, 6};
        const auto larger = [&, row = all.row(i)](int a, int b) {
          return row[static_cast<std::size_t>(a)] > row[static_cast<std::size_t>(b)];
        };
        std::stable_sort(order.begin(), order.end(), larger);
        wrong += std::find(order.begin(), order.begin() + k, all.labels[i]) == order.begin() + k;
      }
      CHECK(fed(TopKError{k}, all).wrong == wrong);
    }
  }
}

TEST_CASE("of equal logits the first count as larger, NaN as the smallest", "[metrics]") {
  CHECK(value_of(TopKError{1}, {3, {2, 2, 2}, {0}}) == 0);
  CHECK(value_of(TopKError{1}, {3, {2, 2, 2}, {1}}) == 1);
  CHECK(value_of(TopKError{2}, {3, {2, 2, 2}, {1}}) == 0);
  CHECK(value_of(TopKError{2}, {3, {not_a_number, 2, 1}, {0}}) == 1);
  CHECK(value_of(TopKError{2}, {3, {not_a_number, 2, 1}, {2}}) == 0);
  CHECK(value_of(TopKError{1}, {3, {not_a_number, -infinity, not_a_number}, {0}}) == 0);
  CHECK(value_of(TopKError{1}, {3, {0, infinity, 1e4}, {1}}) == 0);
}

TEST_CASE("a decision is the same whether the compiler knows the number of classes or not", "[metrics]") {
  constexpr std::array numbers{-infinity, not_a_number, 0., 1., infinity};
  for (const double a : numbers)
    for (const double b : numbers)
      for (const double c : numbers) {
        const std::array<double, 3> row{a, b, c};
        CAPTURE(a, b, c);
        CHECK(kernels::argmax(std::span<const double>{row}) == kernels::argmax(std::span<const double, 3>{row}));
        const int decision = kernels::argmax(std::span<const double>{row});
        CHECK(value_of(TopKError{1}, {3, {a, b, c}, {decision}}) == 0);
      }
}

TEST_CASE("the log loss is the mean of -log of the label's probability", "[metrics]") {
  CHECK(value_of(LogLoss{}, {2, {0, 0}, {0}}) == Approx(std::log(2)));
  CHECK(value_of(LogLoss{}, {2, {0, std::log(3.), 0, std::log(3.)}, {0, 1}}) ==
        Approx((std::log(4) + std::log(4. / 3)) / 2));
  const Predictions all = random_predictions(6, 100);
  double sum = 0;
  for (std::size_t i = 0; i < 100; ++i) sum += reference::cross_entropy(all.row(i), all.labels[i]);
  CHECK(value_of(LogLoss{}, all) == Approx(sum / 100).epsilon(1e-12));
}

TEST_CASE("the calibration error is the gap between confidence and accuracy, bin by bin", "[metrics]") {
  // Confidences 0.8, 0.8, 0.6 and 0.5 in the bins (0.75, 1] (one right of two), (0.5, 0.75] (right), (0.25, 0.5]
  // (wrong).
  const Predictions four{2, {std::log(4.), 0, 0, std::log(4.), std::log(1.5), 0, 0, 0}, {0, 0, 0, 1}};
  CHECK(value_of(CalibrationError{.bins = 4}, four) == Approx((std::abs(1 - 1.6) + 0.4 + 0.5) / 4));
  CHECK(value_of(CalibrationError{.bins = 1}, four) == Approx(std::abs(2 - 2.7) / 4));
  const CalibrationError quarters = fed(CalibrationError{.bins = 4}, four);
  CHECK(quarters.filled[0].samples == 0);
  CHECK(quarters.filled[1].samples == 1);
  CHECK(quarters.filled[3].right == 1);
  CHECK(quarters.filled[3].confidence == Approx(1.6));

  for (const int bins : {1, 2, 15, 49, 100}) {
    const Predictions all = random_predictions(5, 500);
    double error = 0;
    for (int bin = 0; bin < bins; ++bin) {
      double right = 0, confidence = 0;
      for (std::size_t i = 0; i < all.labels.size(); ++i) {
        const std::vector<double> p = reference::softmax(all.row(i));
        const auto largest = std::max_element(p.begin(), p.end());
        if (*largest <= bin / static_cast<double>(bins) || *largest > (bin + 1) / static_cast<double>(bins)) continue;
        right += largest - p.begin() == all.labels[i];
        confidence += *largest;
      }
      error += std::abs(right - confidence) / 500;
    }
    CHECK(value_of(CalibrationError{bins}, all) == Approx(error).epsilon(1e-10));
  }
}

TEST_CASE("a net that is sure is in the last bin, one that knows nothing in the one that ends there", "[metrics]") {
  for (const int bins : {1, 3, 7, 15, 49, 1000}) {
    CHECK(fed(CalibrationError{bins}, {2, {1e4, -1e4}, {0}}).filled.back().samples == 1);
    CHECK(value_of(CalibrationError{bins}, {2, {1e4, -1e4}, {0}}) == 0);
    CHECK(value_of(CalibrationError{bins}, {2, {1e4, -1e4}, {1}}) == 1);
  }
  CHECK(fed(CalibrationError{3}, {3, {5, 5, 5}, {0}}).filled[0].samples == 1);
  CHECK(fed(CalibrationError{2}, {2, {5, 5}, {0}}).filled[0].samples == 1);
}

TEST_CASE("the confusion matrix counts labels by decisions", "[metrics]") {
  const Predictions all{3, {1, 2, 0, 1, 2, 0, 5, 0, 0, 0, 0, 1}, {0, 0, 0, 2}};
  const Confusion confusion = fed(Confusion{}, all);
  CHECK(confusion.counts.classes() == 3);
  std::vector<std::size_t> counts;
  for (int label = 0; label < 3; ++label)
    for (int decision = 0; decision < 3; ++decision) counts.push_back(confusion.counts(label, decision));
  CHECK(counts == std::vector<std::size_t>{1, 2, 0, 0, 0, 0, 0, 0, 1});
  CHECK(thrown_by<ValueError>([&] { confusion.counts(0, 3); }).argument() == "label");
  CHECK(thrown_by<ValueError>([&] { confusion.counts(-1, 0); }).argument() == "label");
  CHECK(thrown_by<ValueError>([&] { Confusion{}.counts(0, 0); }).argument() == "label");
}

TEST_CASE("AUC is the fraction of pairs that are in order, ties counted half", "[metrics]") {
  const auto by_gap = [](const std::vector<double>& gaps, const std::vector<int>& labels) {
    Predictions made{2, {}, labels};
    for (const double gap : gaps) made.logits.insert(made.logits.end(), {0.25, 0.25 + gap});
    return value_of(Auc{}, made);
  };
  CHECK(by_gap({1, 2, 3, 4}, {0, 0, 1, 1}) == 1);
  CHECK(by_gap({1, 2, 3, 4}, {1, 1, 0, 0}) == 0);
  CHECK(by_gap({1, 2, 3, 4}, {0, 1, 0, 1}) == 0.75);
  CHECK(by_gap({1, 1, 1}, {0, 1, 1}) == 0.5);
  CHECK(by_gap({1, 2, 2, 3}, {0, 0, 1, 1}) == 0.875);
  CHECK(by_gap({100, 200, 300}, {0, 0, 1}) == 1);  // whose probabilities are all 1

  for (const bool ties : {false, true}) {
    const Predictions all = random_predictions(2, 150, ties);
    std::vector<double> gaps;
    for (std::size_t i = 0; i < 150; ++i) gaps.push_back(all.row(i)[1] - all.row(i)[0]);
    const double expected = area_by_pairs(gaps, all.labels, 1);
    CHECK((0.55 < expected && expected < 0.95));
    CHECK(value_of(Auc{}, all) == Approx(expected).epsilon(1e-14));
    for (const int k : {0, 1}) CHECK(fed(Auc{}, all).of(k) == value_of(Auc{}, all));
  }
}

TEST_CASE("AUC of more classes is the mean of each against the rest", "[metrics]") {
  for (const std::size_t classes : {3U, 8U}) {
    const Predictions all = random_predictions(classes, 120);
    double sum = 0;
    for (std::size_t k = 0; k < classes; ++k) {
      std::vector<double> probabilities;
      for (std::size_t i = 0; i < 120; ++i) probabilities.push_back(reference::softmax(all.row(i))[k]);
      const double one = area_by_pairs(probabilities, all.labels, static_cast<int>(k));
      CHECK(fed(Auc{}, all).of(static_cast<int>(k)) == Approx(one).epsilon(1e-14));
      sum += one;
    }
    CHECK(value_of(Auc{}, all) == Approx(sum / static_cast<double>(classes)).epsilon(1e-14));
  }
  // Probabilities of class 2 are 1, 1, 0, 0, and two pairs would be tied.
  const Predictions sure{3, {0, 0, 300, 0, 0, 200, 0, 0, -1e4, 0, 0, -2e4}, {2, 0, 2, 1}};
  CHECK(fed(Auc{}, sure).of(2) == 0.75);
}

TEST_CASE("what has no value throws", "[metrics]") {
  CHECK(thrown_by<ValueError>([] { TopKError{}.value(); }).argument() == "samples");
  CHECK(thrown_by<ValueError>([] { LogLoss{}.value(); }).argument() == "samples");
  CHECK(thrown_by<ValueError>([] { CalibrationError{}.value(); }).argument() == "samples");
  CHECK(thrown_by<ValueError>([] { Agreement{}.value(); }).argument() == "samples");
  CHECK(thrown_by<ValueError>([] { Auc{}.value(); }).argument() == "samples");
  CHECK(thrown_by<ValueError>([] { Auc{}.of(0); }).argument() == "label");
  for (const int label : {0, 1}) {
    const Auc one_class = fed(Auc{}, {2, {0, 1, 1, 0}, {label, label}});
    CHECK(thrown_by<ValueError>([&] { one_class.value(); }).argument() == "labels");
  }
  const Auc without_2 = fed(Auc{}, {3, {1, 0, 0, 0, 1, 0}, {0, 1}});
  const auto error = thrown_by<ValueError>([&] { without_2.value(); });
  CHECK(error.expected() == "samples of class 2 and of others");
  CHECK(error.found() == "0 and 2");
  CHECK(without_2.of(0) == 1);
  CHECK(thrown_by<ValueError>([&] { without_2.of(3); }).argument() == "label");
}

TEST_CASE("amounts and samples that make no sense are refused", "[metrics]") {
  const Predictions three{3, {1, 2, 3}, {1}};
  CHECK(thrown_by<ValueError>([&] { fed(TopKError{0}, three); }).argument() == "TopKError::k");
  CHECK(thrown_by<ValueError>([&] { fed(TopKError{}, three); }).expected() == "1 to 3 (the classes)");
  CHECK(thrown_by<ValueError>([&] { fed(CalibrationError{0}, three); }).argument() == "CalibrationError::bins");
  CHECK(thrown_by<ValueError>([&] { fed(Auc{}, {1, {2}, {0}}); }).argument() == "logits");
  const auto check_refuses = [&](const auto& metric) {
    for (const int label : {-1, 3})
      CHECK(thrown_by<ValueError>([&] { fed(metric, {3, {1, 2, 3}, {label}}); }).argument() == "label");
  };
  check_refuses(TopKError{1});
  check_refuses(LogLoss{});
  check_refuses(CalibrationError{});
  check_refuses(Confusion{});
  check_refuses(Auc{});
  CHECK(thrown_by<ValueError>([&] { fed(fed(Confusion{}, three), {2, {1, 2}, {1}}); }).argument() == "logits");
  CHECK(thrown_by<ValueError>([&] { fed(fed(Auc{}, three), {2, {1, 2}, {1}}); }).argument() == "logits");
}

TEST_CASE("metrics survive logits of +-1e4, and say where there is no number", "[metrics]") {
  const Predictions extreme{3, {1e4, -1e4, 0, -1e4, 1e4, 1e4}, {1, 2}};
  CHECK(value_of(LogLoss{}, extreme) == Approx((2e4 + std::log(2)) / 2));
  CHECK(value_of(CalibrationError{}, extreme) == Approx((1 + 0.5) / 2));
  CHECK(value_of(LogLoss{}, {2, {0, -infinity}, {0}}) == 0);
  CHECK(value_of(LogLoss{}, {2, {0, -infinity}, {1}}) == infinity);
  for (const double bad : {not_a_number, infinity})
    for (const std::size_t place : {0U, 1U}) {
      Predictions some{2, {0, 1, 1, 0, 3, 2}, {0, 1, 0}};
      some.logits[place] = bad;
      CHECK(std::isnan(value_of(LogLoss{}, some)));
      CHECK(std::isnan(value_of(CalibrationError{}, some)));
      CHECK(std::isnan(value_of(Auc{}, some)));
    }
  CHECK(std::isnan(value_of(LogLoss{}, {2, {not_a_number, not_a_number}, {0}})));
  CHECK(std::isnan(value_of(Auc{}, {2, {0, -infinity, 0, 0}, {0, 1}})));
  CHECK(fed(Confusion{}, {2, {not_a_number, -5}, {0}}).counts(0, 1) == 1);
}

TEST_CASE("agreement and the confusion of heads look at what the heads say, whatever the label", "[metrics]") {
  const std::array<double, 3> one{1, 0, 0}, same{5, 5, 0}, other{0, 0, 2};
  using Heads = HeadLogits<double, 2>;
  Agreement agreement;
  HeadConfusion confusion;
  for (const auto& [light, booster] : {std::pair{one, same}, {one, other}, {one, other}, {other, one}}) {
    agreement.add(Heads{light, booster}, 1);
    confusion.add(Heads{light, booster}, 1);
  }
  CHECK(agreement.value() == 0.25);
  CHECK(confusion.counts(0, 0) == 1);
  CHECK(confusion.counts(0, 2) == 2);
  CHECK(confusion.counts(2, 0) == 1);
  CHECK(confusion.counts(2, 2) == 0);

  Agreement three, alone;
  three.add(HeadLogits<double, 3>{one, same, other}, 0);
  three.add(HeadLogits<double, 3>{one, same, one}, 0);
  CHECK(three.value() == 0.5);
  alone.add(HeadLogits<double, 1>{one}, 2);
  CHECK(alone.value() == 1);
}

namespace {

template <class T>
using Pair =
    Launch<Input<6>, Sequential<Dense<8>, BatchNorm<>, Relu>, Dense<4>, Sequential<Dense<9>, Relu, Dense<4>>, T>;

template <class T>
Trainer<Pair<T>, Threads> trained(int threads = 1) {
  const RandomSamples<Pair<T>> samples{200, 3};
  Trainer trainer{Pair<T>{Seed{3}}, Threads{threads}};
  trainer.fit(samples.view(), {.epochs = 2});
  return trainer;
}

// Of the user's own: not a template, and with an amount.
struct Margin {
  double scale = 1;
  double sum = 0;
  void add(std::span<const float> logits, int label) {
    sum += scale * (logits[static_cast<std::size_t>(label)] - *std::max_element(logits.begin(), logits.end()));
  }
};
struct Labels {
  std::vector<int> seen;
  template <class T, std::size_t Heads>
  void add(const HeadLogits<T, Heads>&, int label) {
    seen.push_back(label);
  }
};

}  // namespace

static_assert(OneHeadMetric<Margin, float> && !OneHeadMetric<Margin, double> && !AllHeadsMetric<Margin, float, 2>);
static_assert(OneHeadMetric<Auc, float> && OneHeadMetric<TopKError, double> && !AllHeadsMetric<Auc, float, 2>);
static_assert(AllHeadsMetric<HeadConfusion, float, 2> && !AllHeadsMetric<HeadConfusion, float, 1>);
static_assert(AllHeadsMetric<Agreement, float, 1> && !OneHeadMetric<Agreement, float>);

TEMPLATE_TEST_CASE("measured metrics say what evaluate reports", "[metrics]", float, double) {
  auto trainer = trained<TestType>();
  const RandomSamples<Pair<TestType>> samples{700, 9};
  const auto report = trainer.evaluate(samples.view());
  const auto [error, loss, agreement, confusion] =
      trainer.measure(samples.view(), TopKError{1}, LogLoss{}, Agreement{}, HeadConfusion{});
  STATIC_REQUIRE(std::is_same_v<decltype(agreement), const Agreement>);
  CHECK(error.light().value() == report.light().error);
  CHECK(error.booster().value() == report.booster().error);
  CHECK(loss.light().value() == Approx(report.light().loss).epsilon(1e-6));
  CHECK(loss.heads[1].value() == Approx(report.booster().loss).epsilon(1e-6));
  CHECK(agreement.value() == report.agreement);
  std::size_t diagonal = 0;
  for (int k = 0; k < 4; ++k) diagonal += confusion.counts(k, k);
  CHECK(static_cast<double>(diagonal) / 700 == report.agreement);
}

TEMPLATE_TEST_CASE("evaluate adds up sample by sample, to the bit", "[metrics]", float, double) {
  using Net = Pair<TestType>;
  auto trainer = trained<TestType>();
  const RandomSamples<Net> samples{100, 9};
  const auto report = trainer.evaluate(samples.view());
  InferenceWorkspace<Net> workspace{100};
  workspace.forward(trainer.net(), samples.features);
  double error = 0, loss = 0, agreeing = 0;
  for (int i = 0; i < 100; ++i) {
    const int label = samples.labels[static_cast<std::size_t>(i)];
    const auto logits = workspace.template logits<1>()[i];
    const int light = kernels::argmax(workspace.template logits<0>()[i]), booster = kernels::argmax(logits);
    std::array<TestType, 4> unused;
    const auto log_softmax = kernels::softmax<TestType, 4>(logits, unused);
    error += booster != label;
    loss += static_cast<double>(-log_softmax(logits[static_cast<std::size_t>(label)]));
    agreeing += light == booster;
  }
  CHECK(report.samples == 100);
  CHECK(report.booster().error == error / 100);
  CHECK(report.booster().loss == loss / 100);
  CHECK(report.agreement == agreeing / 100);
}

TEST_CASE("what is measured depends neither on threads nor on batches nor on who holds the rows", "[metrics]") {
  ImageSet images{{}, {}, 1, 2, 3, 4, "made"};
  for (std::uint64_t i = 0; i < 300; ++i) images.labels.push_back(static_cast<int>(Random{7}.bits(i, 1)[0] % 4));
  for (std::uint64_t i = 0; i < 300 * 6; ++i) images.pixels.push_back(static_cast<std::uint8_t>(Random{7}.bits(i)[0]));
  struct Slow : ImageSamples {  // wakes a team
    double nanoseconds_per_sample() const { return 1e6; }
  };
  const Slow slow{{images, Normalization::of(images)}};
  const auto values = [&](const auto& found) {
    const auto& [top2, auc, calibration, labels] = found;
    std::vector<double> all;
    for (std::size_t h = 0; h < 2; ++h)
      for (const double value : {top2.heads[h].value(), auc.heads[h].value(), calibration.heads[h].value()})
        all.push_back(value);
    CHECK(labels.seen == images.labels);  // in their order
    return all;
  };
  const auto measured = [&](int threads) {
    return values(trained<float>(threads).measure(slow, TopKError{2}, Auc{}, CalibrationError{}, Labels{}));
  };
  const auto one = measured(1);
  CHECK(measured(2) == one);
  CHECK(measured(3) == one);
  auto trainer = trained<float>();
  InferenceWorkspace<Pair<float>> workspace{64};
  for (const int threads : {1, 2, 3})
    CHECK(values(measure(trainer.net(), slow, workspace, threads, TopKError{2}, Auc{}, CalibrationError{}, Labels{})) ==
          one);
}

TEST_CASE("a metric of one's own is fed as those here are, and keeps its amounts", "[metrics]") {
  auto trainer = trained<float>();
  const RandomSamples<Pair<float>> samples{50, 9};
  const auto once = trainer.measure(samples.view(), Margin{});  // a single one comes by itself
  const auto [twice, again] = trainer.measure(samples.view(), Margin{.scale = 2}, Margin{});
  CHECK(once.light().sum < 0);
  CHECK(once.light().sum != once.booster().sum);
  CHECK(twice.light().sum == Approx(2 * once.light().sum));
  CHECK(again.booster().sum == once.booster().sum);
  const auto more = trainer.measure(samples.view(), once.light());  // goes on with what it had been fed
  CHECK(more.light().sum == Approx(2 * once.light().sum));
}

TEST_CASE("a net with one head is measured, too", "[metrics]") {
  using Net = Plain<Input<6>, Dense<4>>;
  const RandomSamples<Net> samples{60, 9};
  Trainer trainer{Net{Seed{3}}};
  const auto [confusion, agreement] = trainer.measure(samples.view(), Confusion{}, Agreement{});
  std::size_t right = 0;
  for (int k = 0; k < 4; ++k) right += confusion.heads[0].counts(k, k);
  CHECK(1 - static_cast<double>(right) / 60 == Approx(trainer.evaluate(samples.view()).heads[0].error));
  CHECK(agreement.value() == 1);
  Trainer alone{trained<float>().light()};
  CHECK(alone.measure(samples.view(), LogLoss{}).light().samples == 60);
}

TEST_CASE("predictions are shown one by one, in order", "[metrics]") {
  using Net = Pair<float>;
  const RandomSamples<Net> samples{70, 9};
  auto trainer = trained<float>();
  InferenceWorkspace<Net> workspace{32};
  Predictor booster{trainer.booster()};
  std::size_t i = 0;
  for_each_prediction(trainer.net(), samples.view(), workspace, 1, [&](const HeadLogits<float, 2>& logits, int label) {
    CHECK(label == samples.labels[i]);
    const auto expected = booster(samples.view().row(i++));
    for (std::size_t c = 0; c < 4; ++c) CHECK(logits[1][c] == Approx(expected[c]).margin(1e-5));
  });
  CHECK(i == 70);
}

TEST_CASE("measure refuses what evaluate refuses, and hands on what a metric throws", "[metrics]") {
  auto trainer = trained<float>(2);
  const RandomSamples<Pair<float>> samples{2000, 9};
  CHECK(thrown_by<ValueError>([&] { trainer.measure(Samples<float>{{}, {}, 6, 4}, Auc{}); }).argument() == "samples");
  CHECK(thrown_by<ValueError>([&] { trainer.measure(samples.view(), TopKError{5}); }).argument() == "TopKError::k");
  InferenceWorkspace<Pair<float>> workspace{32};
  CHECK(thrown_by<ValueError>([&] { measure(trainer.net(), samples.view(), workspace, 0, Auc{}); }).argument() ==
        "threads");
  CHECK(trainer.measure(samples.view(), LogLoss{}).light().samples == 2000);
}
