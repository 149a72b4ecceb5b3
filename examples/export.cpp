// The light net alone, for programs that know nothing of Rocket: as a header of C++17, and as an ONNX model.
#include <cstdio>

#include <rocket/deploy/header.hpp>
#include <rocket/deploy/onnx.hpp>  // needs Debian's libprotozero-dev; in CMake the target rocket::onnx
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
  const auto light = trainer.light();

  write_header(light, "light_net.hpp", {.name = "digit_net"}, test.row(0));  // the row is what self_test will run
  std::puts(
      "light_net.hpp: `digit_net::logits(features, out)` of 64 numbers writes 10; `digit_net::self_test()` checks it");

  write_onnx(light, "light.onnx");
  std::puts("light.onnx: `features`, batch x 64 floats, become `logits`, batch x 10");
  return 0;
}
