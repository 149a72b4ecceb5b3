// A hint loss of one's own: states its value and its gradients for one sample.
#include <rocket/rocket.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <span>
using namespace rocket;

/// The square of the gap l - z up to `knee`, a line beyond, summed over classes (Huber 1964): as LogitMse where the
/// nets nearly agree, but a booster whose logits grow pulls with a bounded force. With the gap cut off at +-knee
///
///     d/dl = 2 cut        d/dz = -2 cut
struct Huber {
  double knee = 1;

  template <class T, std::size_t C, class BoosterGradient>
  T operator()(std::span<const T, C> light, std::span<const T, C> booster, std::span<T, C> light_gradient,
               BoosterGradient booster_gradient) const {
    T value = 0;
    for (std::size_t c = 0; c < C; ++c) {
      const T gap = light[c] - booster[c];
      const T cut = std::clamp(gap, static_cast<T>(-knee), static_cast<T>(knee));
      value += cut * (2 * gap - cut);
      light_gradient[c] = 2 * cut;
      if constexpr (wanted<BoosterGradient>) booster_gradient[c] = -2 * cut;  // no code where the block is on
    }
    return value;
  }
};

using Trunk = Sequential<Dense<16>, BatchNorm<>, Relu>;
using Booster = Sequential<Dense<128>, BatchNorm<>, Relu, Dense<64>, Relu, Dense<10>>;
using Net = Launch<Input<64>, Trunk, Dense<10>, Booster>;

/// The largest difference between the hint's gradients and central differences.
double gradient_error() {
  constexpr std::size_t classes = 4;
  std::array<double, 2 * classes> logits{0.3, -1, 5, 0, 0.1, 2, -1, 0.9}, gradient{};  // light, booster
  const auto value = [&](std::span<double, 2 * classes> into) {
    const std::span<const double, 2 * classes> from{logits};
    return Huber{}(from.first<classes>(), from.last<classes>(), into.first<classes>(), into.last<classes>());
  };
  value(gradient);

  double largest = 0;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    std::array<double, 2 * classes> unused;
    const double middle = logits[i], step = 1e-5;
    logits[i] = middle + step;
    const double above = value(unused);
    logits[i] = middle - step;
    const double below = value(unused);
    logits[i] = middle;
    largest = std::max(largest, std::abs(gradient[i] - (above - below) / (2 * step)));
  }
  return largest;
}

template <class Hint, class Block>
void compare(const char* name, const Hint& hint, const Block& block) {
  const auto [train, test] = split(digits(), 0.7, Seed{1});
  Trainer trainer{Net{Seed{7}}, hint, block, LossWeights{.hint = 0.1}, Threads{1}, Sgd{.rate = 0.1, .momentum = 0.9}};
  trainer.fit(train, {.epochs = 20});
  const auto report = trainer.evaluate(test);
  std::printf("%-25s %6.1f %% %8.1f %% %10.1f %%\n", name, 100 * report.light().error, 100 * report.booster().error,
              100 * report.agreement);
}

int main() {
  const double error = gradient_error();
  std::printf("largest error of a gradient: %.1e\n\n", error);

  std::printf("error on the test part       light    booster    agreement\n");
  compare("no hint", NoHint{}, GradientBlock::logits);
  compare("logit MSE, block: logits", LogitMse{}, GradientBlock::logits);
  compare("Huber, block: logits", Huber{}, GradientBlock::logits);
  compare("Huber, block: none", Huber{}, GradientBlock::none);
  return error < 1e-8 ? 0 : 1;
}
