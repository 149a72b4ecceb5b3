// Where the time of a step goes: every layer counts what it does, and looking at the clock changes no result.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string_view>
#include <thread>
#include <vector>

#include <rocket/models/wide_resnet.hpp>
#include <rocket/rocket.hpp>

#include "support/catch.hpp"
#include "support/checksum.hpp"
#include "support/random_numbers.hpp"

using namespace rocket;

namespace {

constexpr int batch = 20;

/// Takes its time, forward and backward.
template <int ForwardMilliseconds, int BackwardMilliseconds>
struct Sleep {
  static constexpr std::string_view name = "Sleep";
  static constexpr Shape output(Shape in) { return in; }
  template <class Pass>
  static void forward(const Pass& pass) {
    std::this_thread::sleep_for(std::chrono::milliseconds{ForwardMilliseconds});
    std::copy_n(pass.input.data, pass.batch * Pass::in.size(), pass.output.data);
  }
  template <class Pass>
  static void backward(const Pass& pass) {
    std::this_thread::sleep_for(std::chrono::milliseconds{BackwardMilliseconds});
    if constexpr (Pass::wants_input_gradient)
      std::copy_n(pass.output_gradient.data, pass.batch * Pass::in.size(), pass.input_gradient.data);
  }
};

template <class Net, class... Options>
LayerTimes times_of_step(const Options&... options) {
  const RandomSamples<Net> samples{batch};
  Trainer trainer{Net{Seed{1}}, Sgd{}, Threads{1}, options...};
  LayerTimes times;
  trainer.time_layers(&times);
  trainer.step(samples.features, samples.labels);
  return times;
}

/// Multiply-adds a sample, forward and backward.
struct Work {
  long forward, backward;
};
std::vector<Work> work_of(const LayerTimes& times) {
  std::vector<Work> work;
  for (const LayerTime& layer : times.layers)
    work.push_back({layer.forward.multiply_adds / batch, layer.backward.multiply_adds / batch});
  return work;
}
void check_work(const std::vector<Work>& found, const std::vector<Work>& expected) {
  REQUIRE(found.size() == expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    CAPTURE(i);
    CHECK(found[i].forward == expected[i].forward);
    CHECK(found[i].backward == expected[i].backward);
  }
}

}  // namespace

TEST_CASE("a layer's time is its own, and none is lost", "[layer_times]") {
  using Net = Plain<Input<4>, Sequential<Dense<4>, Repeat<3, Sleep<2, 4>>, Dense<3>, Sleep<5, 0>>>;
  const LayerTimes times = times_of_step<Net>();
  REQUIRE(times.layers.size() == 4);
  CHECK(times.layers[1].forward.seconds >= 0.006);  // three copies
  CHECK(times.layers[1].backward.seconds >= 0.012);
  CHECK(times.layers[3].forward.seconds >= 0.005);
  for (const LayerTime& layer : times.layers) {
    CHECK(layer.forward.seconds > 0);
    CHECK(layer.backward.seconds > 0);
  }
  for (const double part : {times.objective, times.statistics, times.update}) CHECK(part > 0);
  CHECK(times.teacher == 0);
  CHECK(times.drawing == 0);
  CHECK(times.rest() > 0);
  CHECK(times.total() == times.in_steps);
  CHECK(times.steps == 1);
  CHECK(times.samples == batch);
}

TEST_CASE("multiply-adds are those that were done", "[layer_times]") {
  using Trunk = Sequential<Dense<5>, Relu>;
  using Net = Launch<Input<4>, Trunk, Named<"both", Dense<3>>, Sequential<Named<"both", Dense<3>>, Dense<3>>>;
  // The first layer needs no gradient of its input, all others both gradients.
  check_work(work_of(times_of_step<Net>(NoHint{})), {{20, 20}, {0, 0}, {15, 30}, {15, 30}, {9, 18}});
  // The hint's way back through the booster trains what is shared and goes through the rest.
  check_work(work_of(times_of_step<Net>(GradientBlock::booster_parameters)),
             {{20, 20}, {0, 0}, {15, 30}, {15, 60}, {9, 27}});
  // All that the light head has is shared: nothing goes back into it.
  check_work(work_of(times_of_step<Net>(GradientBlock::light_input)), {{20, 20}, {0, 0}, {15, 0}, {15, 30}, {9, 18}});
}

TEST_CASE("what is computed again counts as backward", "[layer_times]") {
  using Net = Plain<Input<4>, Sequential<Dense<5>, Recomputed<Dense<6>, Relu>, Dense<3>>>;
  check_work(work_of(times_of_step<Net>()), {{20, 20}, {30, 90}, {0, 0}, {18, 36}});
}

TEST_CASE("what is looked at through a view has times of its own", "[layer_times]") {
  using Net = Interval<Input<8, 8, 3>, 10, WideResNet<10>, WideResNet<16>>;
  const LayerTimes times = times_of_step<Net>();
  for (const TimedLayer& row : timed_layer_table<Net>(times)) {
    CAPTURE(row.layer.name, row.layer.layer);
    CHECK(row.time.forward.seconds > 0);
    CHECK(row.time.backward.seconds > 0);
    CHECK(row.time.forward.multiply_adds == batch * row.layer.multiply_adds);
  }
}

TEST_CASE("fit times the drawing, a teacher its forward, and the results are the same bits", "[layer_times]") {
  using Net = Plain<Input<4>, Sequential<Dense<6>, BatchNorm<>, Relu, Dropout<0.1>, Dense<3>>>;
  const RandomSamples<Net> samples{75};
  const auto trained = [&](LayerTimes* times) {
    Trainer trainer{Net{Seed{3}}, Teacher{Net{Seed{4}}, Kl{}, 0.5}, ClipNorm{1}, Threads{2}};
    trainer.time_layers(times);
    trainer.fit(samples.view(), {.epochs = 2, .batch_size = 32});
    return checksum(trainer.net());
  };
  LayerTimes times;
  CHECK(trained(&times) == trained(nullptr));
  CHECK(times.drawing > 0);
  CHECK(times.teacher > 0);
  CHECK(times.steps == 6);
  CHECK(times.samples == 150);
  CHECK(times.total() == times.drawing + times.in_steps);
  // Others are added, until the caller begins anew.
  trained(&times);
  CHECK(times.steps == 12);
  times = {};
  trained(&times);
  CHECK(times.steps == 6);
}

TEST_CASE("null stops the clock", "[layer_times]") {
  using Net = Plain<Input<4>, Dense<3>>;
  const RandomSamples<Net> samples{batch};
  Trainer trainer{Net{Seed{1}}, Sgd{}};
  LayerTimes times;
  trainer.time_layers(&times);
  trainer.step(samples.features, samples.labels);
  trainer.time_layers(nullptr);
  trainer.step(samples.features, samples.labels);
  CHECK(times.steps == 1);
}

TEST_CASE("times of a net with another number of layers are thrown away, all of them", "[layer_times]") {
  using First = Plain<Input<4>, Sequential<Dense<4>, Relu, Dense<3>>>;
  using Second = Plain<Input<4>, Dense<3>>;
  LayerTimes times = times_of_step<First>();
  times.drawing = times.teacher = 1e9;  // and what only some runs have
  const RandomSamples<Second> samples{batch};
  Trainer trainer{Second{Seed{1}}, Sgd{}, Threads{1}};
  trainer.time_layers(&times);
  CHECK(times.steps == 0);
  CHECK(times.samples == 0);
  CHECK(times.total() == 0);
  CHECK(times.teacher + times.objective + times.statistics + times.update == 0);
  REQUIRE(times.layers.size() == 1);
  CHECK(times.layers[0].forward.seconds == 0);
  trainer.fit(samples.view(), {.epochs = 1, .batch_size = batch});
  CHECK(times.steps == 1);
  CHECK(times.samples == batch);
  CHECK(times.drawing > 0);  // that of the first step, too
  CHECK(times.total() < 1e9);
  CHECK(times.rest() > 0);
  // Begun anew between steps: there is room for the layers again.
  times = {};
  trainer.step(samples.features, samples.labels);
  CHECK(times.steps == 1);
  CHECK(timed_layer_table<Second>(times).size() == 1);
}

TEST_CASE("times of another net make no table", "[layer_times]") {
  using Net = Plain<Input<4>, Dense<3>>;
  CHECK_THROWS_AS(timed_layer_table<Net>(LayerTimes{}), ValueError);
}
