// Metrics of one's own: of one head, and of both heads of a launch.
#include <rocket/rocket.hpp>

#include <cmath>
#include <cstddef>
#include <cstdio>
#include <span>
using namespace rocket;

/// The Brier score: the squared distance of the probabilities from what was true, mean over the samples. 0 is perfect,
/// 2 always sure and always wrong. Like the log loss it wants honest probabilities, but no single sample can ruin it.
struct Brier {
  double sum = 0;
  std::size_t samples = 0;

  template <class T>
  void add(std::span<const T> logits, int label) {
    const kernels::LogSumExp softmax{logits};
    for (std::size_t c = 0; c < logits.size(); ++c) {
      const double truth = static_cast<int>(c) == label ? 1 : 0;
      const double gap = std::exp(softmax.log_probability(logits[c])) - truth;
      sum += gap * gap;
    }
    ++samples;
  }
  double value() const { return sum / static_cast<double>(samples); }
};

/// The light net where it is sure, the booster elsewhere: how often the two together are wrong, and how often the
/// booster has to be asked.
struct Cascade {
  double sure = 0.9;  // the probability from which the light net decides
  std::size_t wrong = 0, asked = 0, samples = 0;

  template <class T>
  void add(const HeadLogits<T, 2>& logits, int label) {
    const bool ask = kernels::LogSumExp{logits[0]}.confidence() < sure;
    wrong += kernels::argmax(logits[ask ? 1 : 0]) != label;
    asked += ask;
    ++samples;
  }
  double error() const { return static_cast<double>(wrong) / static_cast<double>(samples); }
  double booster_share() const { return static_cast<double>(asked) / static_cast<double>(samples); }
};

using Trunk = Sequential<Dense<16>, BatchNorm<>, Relu>;
using Booster = Sequential<Dense<128>, BatchNorm<>, Relu, Dense<64>, Relu, Dense<10>>;
using Net = Launch<Input<64>, Trunk, Dense<10>, Booster>;

int main() {
  const auto [train, test] = split(digits(), 0.7, Seed{1});
  Trainer trainer{Net{Seed{7}}, LogitMse{}, Threads{1}, Sgd{.rate = 0.1, .momentum = 0.9}};
  trainer.fit(train, {.epochs = 20});

  const auto [error, brier, never, unsure, always] =
      trainer.measure(test, TopKError{1}, Brier{}, Cascade{.sure = 0}, Cascade{}, Cascade{.sure = 1.1});
  std::printf("            light   booster\n");
  std::printf("error     %5.2f %%   %5.2f %%\n", 100 * error.light().value(), 100 * error.booster().value());
  std::printf("Brier     %7.4f   %7.4f\n\n", brier.light().value(), brier.booster().value());
  std::printf("the light net where it is sure, the booster elsewhere:\n");
  std::printf("error     %5.2f %%, with the booster asked for %.1f %% of the samples\n", 100 * unsure.error(),
              100 * unsure.booster_share());

  // A cascade that never asks is the light net, one that always does is the booster.
  return never.error() == error.light().value() && always.error() == error.booster().value() ? 0 : 1;
}
