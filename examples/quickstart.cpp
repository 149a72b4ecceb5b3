#include <cstdio>
#include <rocket/rocket.hpp>
using namespace rocket;

using Trunk = Sequential<Dense<16>, BatchNorm<>, Relu>;
using Light = Sequential<Dense<10>>;
using Booster = Sequential<Dense<128>, BatchNorm<>, Relu, Dense<64>, Relu, Dense<10>>;
using Net = Launch<Input<64>, Trunk, Light, Booster>;

int main() {
  const auto [train, test] = split(digits(), 0.7, Seed{1});
  Trainer trainer{Net{Seed{7}}, LogitMse{}, GradientBlock::logits, Sgd{.rate = 0.1, .momentum = 0.9}};
  trainer.fit(train, {.epochs = 30, .batch_size = 128}, ProgressBar{});
  const auto report = trainer.evaluate(test);
  std::printf("test error: light %.1f %%, booster %.1f %%\n", 100 * report.light().error, 100 * report.booster().error);
  Predictor light{trainer.light()};  // what ships: no booster code, no booster bytes
  std::printf("%zu of %zu parameters ship; test sample 0 is a %d\n", Net::light::parameters, Net::parameters,
              light.classify(test.row(0)));
}
