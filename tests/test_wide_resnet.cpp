// The paper's nets: sizes, sharing, names.
#include <algorithm>
#include <cstddef>
#include <map>
#include <span>
#include <utility>
#include <string>

#include <rocket/models/wide_resnet.hpp>
#include <rocket/net/copy_by_name.hpp>
#include <rocket/net/summary.hpp>

#include "support/catch.hpp"

using namespace rocket;

namespace {

using Cifar = Input<32, 32, 3>;
template <int Width, int Classes>
using IntervalPair = Interval<Cifar, Classes, WideResNet<16, Width>, WideResNet<40, Width>>;
template <int Width, int Classes>
using BottomPair = Bottom<Cifar, Classes, WideResNet<40, Width>>;

// Trainable parameters, as in the paper's tables.
static_assert(IntervalPair<1, 10>::light::parameters == 175'066);
static_assert(IntervalPair<1, 100>::light::parameters == 180'916);
static_assert(IntervalPair<2, 10>::light::parameters == 691'674);
static_assert(IntervalPair<2, 100>::light::parameters == 703'284);
static_assert(IntervalPair<1, 10>::booster::parameters == 563'930);
static_assert(IntervalPair<1, 100>::booster::parameters == 569'780);
static_assert(IntervalPair<2, 10>::booster::parameters == 2'243'546);
static_assert(IntervalPair<2, 100>::booster::parameters == 2'255'156);
static_assert(BottomPair<1, 10>::light::parameters == 136'090);
static_assert(BottomPair<1, 100>::light::parameters == 139'060);
static_assert(BottomPair<2, 10>::light::parameters == 535'898);
static_assert(BottomPair<2, 100>::light::parameters == 541'748);
static_assert(IntervalPair<1, 10>::parameters == 565'508);
static_assert(IntervalPair<1, 100>::parameters == 577'208);
static_assert(IntervalPair<2, 10>::parameters == 2'246'660);
static_assert(IntervalPair<2, 100>::parameters == 2'269'880);
static_assert(BottomPair<1, 10>::parameters == 565'444);
static_assert(BottomPair<1, 100>::parameters == 574'264);
static_assert(BottomPair<2, 10>::parameters == 2'246'532);
static_assert(BottomPair<2, 100>::parameters == 2'263'992);

// Multiply-adds an image: 26.7, 83.3 and 56.0 million.
static_assert(IntervalPair<1, 10>::light::multiply_adds == 26'657'408);
static_assert(IntervalPair<1, 10>::booster::multiply_adds == 83'280'512);
static_assert(BottomPair<1, 10>::light::multiply_adds == 56'017'216);

// With nothing shared, conv0 is there twice, too.
static_assert(IntervalPair<1, 10>::unshared::parameters == 175'066 + 563'930);

// Nets of different widths make a pair where no name means two shapes: the first convolution has 16 channels whatever
// the width, and nothing else is shared here.
static_assert(
    LaunchUnshared<Cifar, WideResNet<16>::Stem, WideResNet<16>::Body<10>, WideResNet<40, 2>::Body<10>>::parameters ==
    175'066 + 2'243'546);
using NarrowAlone = Sequential<Part<"narrow", Repeat<2, WideBlock<8>>>, GlobalAveragePool, Dense<10>>;
static_assert(Launch<Cifar, WideResNet<40>::Stem, NarrowAlone, WideResNet<40, 2>::Body<10>>::parameters > 2'243'546);

// Attention maps have no parameters and change no name.
using Watched = Interval<Cifar, 10, WideResNet<16, 1, 3, Shows::attention>, WideResNet<40, 1, 3, Shows::attention>>;
static_assert(Watched::parameters == 565'508);

// Trainable numbers by who uses them.
template <class Net>
std::map<std::string, std::size_t> shared_numbers() {
  std::map<std::string, std::size_t> of_layer;
  for (const LayerRow& row : layer_table<Net>()) of_layer[row.part + ' ' + std::string{row.layer}] += row.shared;
  return of_layer;
}

}  // namespace

TEST_CASE("An interval pair shares all convolutions of the light net, and no BatchNorm") {
  auto shared = shared_numbers<IntervalPair<1, 10>>();
  CHECK(shared["trunk Conv2d"] == 432);
  CHECK(shared["light BatchNorm"] == 0);
  CHECK(shared["light Dense"] == 0);
  std::size_t convolutions = 0;
  for (const LayerRow& row : layer_table<IntervalPair<1, 10>>())
    if (row.part == "light" && row.layer == "Conv2d") {
      CHECK(row.shared == row.parameters);
      convolutions += row.parameters;
    }
  // 2 x 3 blocks of two 3x3 convolutions, and two projections.
  CHECK(convolutions == 9 * (4 * 16 * 16 + 16 * 32 + 3 * 32 * 32 + 32 * 64 + 3 * 64 * 64) + 16 * 32 + 32 * 64);
  CHECK(shared["booster Conv2d"] == convolutions);
}

TEST_CASE("A bottom pair shares the convolutions of the first two groups") {
  for (const LayerRow& row : layer_table<BottomPair<1, 10>>()) {
    const bool in_first_groups = row.name.starts_with("group0") || row.name.starts_with("group1");
    const bool shared = row.part == "trunk" || (row.layer == "Conv2d" && in_first_groups);
    CAPTURE(row.part, row.name);
    CHECK(row.shared == (shared ? row.parameters : 0));
  }
}

TEST_CASE("The layer table adds up") {
  using Net = IntervalPair<1, 10>;
  std::size_t parameters = 0, shared = 0;
  long multiply_adds = 0;
  for (const LayerRow& row : layer_table<Net>()) {
    parameters += row.parameters;
    shared += row.part == "light" ? row.shared : 0;
    multiply_adds += row.multiply_adds;
  }
  CHECK(parameters - shared == Net::parameters);
  CHECK(multiply_adds == Net::multiply_adds);
  const auto rows = layer_table<Net>();
  const auto repeated =
      std::find_if(rows.begin(), rows.end(), [](const LayerRow& r) { return r.name == "group1.{1-5}.conv1"; });
  REQUIRE(repeated != rows.end());
  CHECK(repeated->part == "booster");
  CHECK(repeated->copies == 5);
  CHECK(repeated->input == Shape{16, 16, 32});
  CHECK(repeated->parameters == 5 * 9 * 32 * 32);
  CHECK(repeated->shared == 9 * 32 * 32);
}

TEST_CASE("Blocks are named the same whether they begin a group or continue it") {
  const IntervalPair<1, 10> net{Seed{1}};
  CHECK(net.parameter("trunk.conv0.weight").size() == 9 * 3 * 16);
  CHECK(net.parameter("group1.0.conv0.weight").size() == 9 * 16 * 32);
  CHECK(net.parameter("group1.5.conv0.weight").size() == 9 * 32 * 32);
  CHECK(net.parameter("group1.0.shortcut.weight").size() == 16 * 32);
  CHECK(net.parameter("booster.group2.5.bn1.scale").size() == 64);
  CHECK(net.parameter("light.group2.1.bn1.shift").size() == 64);
  CHECK(net.parameter("light.classifier.bias").size() == 10);
}

TEST_CASE("Scales start uniform in [0, 1), and alike alone and in a pair") {
  using Net = IntervalPair<1, 10>;
  const Net pair{Seed{3}};
  const Net::booster alone{Seed{3}};
  const auto scale = pair.parameter("booster.group0.3.bn0.scale");
  CHECK(*std::min_element(scale.begin(), scale.end()) >= 0);
  CHECK(*std::max_element(scale.begin(), scale.end()) < 1);
  CHECK(scale.front() != scale.back());
  const auto same = alone.parameter("booster.group0.3.bn0.scale");
  CHECK(std::equal(scale.begin(), scale.end(), same.begin(), same.end()));
}

TEST_CASE("Attention maps change no name") {
  const IntervalPair<1, 10>::booster trained{Seed{5}};
  Watched::booster watched{Seed{6}};
  CHECK(copy_by_name(watched, trained).left == 0);
  CHECK(std::ranges::equal(std::as_const(watched).parameter_vector(), trained.parameter_vector()));
}

TEST_CASE("A light net takes the convolutions of a trained booster by their names") {
  using Net = IntervalPair<1, 10>;
  const Net::booster booster{Seed{5}};
  Net::light light{Seed{6}};
  copy_by_name(light, booster);
  for (const char* name : {"trunk.conv0.weight", "group0.1.conv1.weight", "group2.0.shortcut.weight"}) {
    const std::span<const float> from = booster.parameter(name), to = light.parameter(name);
    CAPTURE(name);
    CHECK(std::equal(from.begin(), from.end(), to.begin(), to.end()));
  }
}
