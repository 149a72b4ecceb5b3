// What must not change a single bit of a trained net: a hint without weight, a net beside that shares nothing, threads.
#include <cstdint>

#include <rocket/rocket.hpp>

#include "support/catch.hpp"
#include "support/checksum.hpp"
#include "support/pairs.hpp"
#include "support/random_numbers.hpp"

using namespace rocket;

namespace {

// A few epochs with everything that has a memory, and batches of two sizes; returns the net.
template <class Net, class... Options>
Net trained(const Options&... options) {
  const RandomSamples<Net> samples{76};
  Trainer trainer{Net{Seed{3}}, Sgd{.rate = 0.05, .momentum = 0.9, .weight_decay = 1e-3}, Threads{1}, options...};
  trainer.fit(samples.view(), {.epochs = 3, .batch_size = 32});
  return trainer.net();
}

template <class Net, class Block>
void check_a_hint_without_weight(const Block& block) {
  const std::uint64_t without = checksum(trained<Net>(NoHint{}, block));
  const LossWeights weightless{.hint = 0};
  CHECK(checksum(trained<Net>(LogitMse{}, block, weightless)) == without);
  CHECK(checksum(trained<Net>(Kl{}, block, weightless)) == without);
  CHECK(checksum(trained<Net>(LogitMse{}, block, HintSchedule{.start = 3})) == without);
  CHECK(checksum(trained<Net>(LogitMse{}, block, HintSchedule{.start = 2})) != without);
}

}  // namespace

TEMPLATE_TEST_CASE("a hint of weight 0 and a ramp that has not begun are no hint, to the bit", "[bits]",
                   pairs::SharedBoth<float>, pairs::Unshared<float>) {
  check_a_hint_without_weight<TestType>(GradientBlock::none);
  check_a_hint_without_weight<TestType>(GradientBlock::booster_parameters);
  check_a_hint_without_weight<TestType>(GradientBlock::logits);
  check_a_hint_without_weight<TestType>(GradientBlock::light_input);
}

TEST_CASE("without hint and sharing both nets train as they do alone, to the bit", "[bits]") {
  using Net = pairs::Unshared<float>;
  const Net pair = trained<Net>(LogitMse{}, LossWeights{.hint = 0});
  CHECK(checksum(pair.launch_light()) == checksum(trained<Net::light>()));
  CHECK(checksum(pair.launch_booster()) == checksum(trained<Net::booster>()));
}

TEST_CASE("a run repeats to the bit, and another seed is another run", "[bits]") {
  using Net = pairs::SharedBoth<float>;
  CHECK(checksum(trained<Net>()) == checksum(trained<Net>()));
  CHECK(checksum(Net{Seed{1}}) != checksum(Net{Seed{2}}));
}

namespace {

template <class Net, class... Options>
std::uint64_t trained_by(int threads, int batch, const Options&... options) {
  const RandomSamples<Net> samples{batch};
  Trainer trainer{Net{Seed{3}}, Threads{threads}, options...};
  trainer.fit(samples.view(), {.epochs = 2, .batch_size = batch});
  return checksum(trainer.net());
}

template <class Net, class... Options>
void check_threads(int batch, const Options&... options) {
  const std::uint64_t one = trained_by<Net>(1, batch, options...);
  for (const int threads : {8, 3, 2}) {
    CAPTURE(threads);
    CHECK(trained_by<Net>(threads, batch, options...) == one);
  }
}

}  // namespace

TEST_CASE("any number of threads gives the same bits", "[bits]") {
  SECTION("where the batch is so large that every layer and the loss are worth a team") {
    constexpr int batch = 2080, width = 512;
    using Trunk = Sequential<Dense<width>, BatchNorm<>, Relu, Dropout<0.2>>;
    using Net = Launch<Input<4>, Trunk, Dense<16>, Sequential<BatchNorm<>, Gelu, Dense<16>>>;
    STATIC_REQUIRE(0.25 * batch * width >= nanoseconds_worth_a_team);
    STATIC_REQUIRE(20.0 * batch * Net::outputs[0] >= nanoseconds_worth_a_team);
    check_threads<Net>(batch, GradientBlock::booster_parameters);
  }
  SECTION("where there are so many parameters that optimizer and clipping are worth a team") {
    using Net = Launch<Input<512>, Sequential<>, Dense<10>, Sequential<Dense<1024>, Relu, Dense<10>>>;
    STATIC_REQUIRE(0.5 * Net::parameters >= nanoseconds_worth_a_team);
    check_threads<Net>(32, Adam{}, ClipNorm{1e-3});
  }
}
