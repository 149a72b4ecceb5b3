// The modes of the paper on real digits: what they reach in a few epochs, far below the 90 % of guessing.
#include <utility>

#include <rocket/rocket.hpp>

#include "support/catch.hpp"

using namespace rocket;

namespace {

using Trunk = Sequential<Dense<16>, BatchNorm<>, Relu>;
using Booster = Sequential<Dense<32>, Relu, Dense<10>>;
using Pair = Launch<Input<64>, Trunk, Dense<10>, Booster>;
using Unshared = LaunchUnshared<Input<64>, Trunk, Dense<10>, Booster>;

const Dataset& train() {
  static const Dataset part = split(digits(), 600, Seed{1}).first;
  return part;
}

template <class Net, class... Options>
Net trained(Net net, const Options&... options) {
  Trainer trainer{std::move(net), Sgd{.rate = 0.1, .momentum = 0.9}, options...};
  trainer.fit(train(), {.epochs = 5, .batch_size = 50});
  for (const HeadReport& head : trainer.evaluate(train()).heads) CHECK(head.error < 0.5);
  return trainer.net();
}

}  // namespace

TEST_CASE("every mode of the paper learns", "[modes]") {
  const Seed seed{7};
  const Pair::booster booster = trained(Pair::booster{seed});
  const Teacher teacher{booster, Kl{}, 0.1};

  trained(Pair::light{seed});       // base
  trained(Pair{seed}, NoHint{});    // joint training without hint
  trained(Pair{seed}, LogitMse{});  // rocket
  trained(Pair{seed}, SoftmaxMse{});
  trained(Pair{seed}, HardLabel{});
  trained(Pair{seed}, ScaleFreeLogitMse{});
  trained(Pair{seed}, GradientBlock::none);
  trained(Pair{seed}, GradientBlock::booster_parameters);
  trained(Pair{seed}, GradientBlock::light_input);
  trained(Unshared{seed});                                         // no sharing
  trained(Pair::light{seed}, teacher, LossWeights{.light = 0.1});  // KD
  trained(Pair{seed}, teacher);                                    // rocket + KD
}

TEST_CASE("no joint training starts the light net from the booster's layers and follows the booster's logits",
          "[modes]") {
  const Pair::booster booster = trained(Pair::booster{Seed{7}});
  Pair::light light{Seed{8}};
  const CopyReport report = copy_by_name(light, booster);
  CHECK(report.taken == 6);  // the trunk: weight, bias, scale, shift, running mean and variance
  CHECK(report.left == 2);   // the light head
  CHECK(light.parameter_vector()[0] == booster.parameter_vector()[0]);

  struct Distances {
    void on_epoch(const EpochReport& report) { (report.epoch == 0 ? first : last) = report.losses.teacher; }
    double first = 0, last = 0;
  } distances;
  Trainer trainer{light, Teacher{booster, LogitMse{}, 0.03}};
  trainer.fit(train(), {.epochs = 5, .batch_size = 50}, distances);
  CHECK(distances.last < distances.first / 2);
}
