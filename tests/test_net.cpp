// What a net is made of: its parameters and their names, what two nets share, initial values, copies, workspaces.
#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <set>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include <rocket/core/error.hpp>
#include <rocket/layers/layers.hpp>
#include <rocket/net/copy_by_name.hpp>
#include <rocket/net/inference_workspace.hpp>
#include <rocket/net/launch.hpp>
#include <rocket/net/training_workspace.hpp>

#include "support/catch.hpp"
#include "support/pairs.hpp"
#include "support/random_numbers.hpp"
#include "support/throws.hpp"

using namespace rocket;

namespace {

using Names = std::set<std::string>;

Names names_in(std::span<const Array> table) {
  Names names;
  for (const Array& array : table)
    for (int copy = 0; copy < array.copies; ++copy) names.insert(array.name_of(copy));
  return names;
}
template <class Net>
Names parameter_names() {
  return names_in(Net::parameter_table());
}

// The numbers of one parameter, by its name.
template <class Net>
std::vector<double> numbers_of(const Net& net, const std::string& name) {
  for (const Array& array : Net::parameter_table())
    for (int copy = 0; copy < array.copies; ++copy)
      if (array.name_of(copy) == name) {
        const auto numbers = net.parameter_vector().subspan(
            array.offset + array.copy_size() * static_cast<std::size_t>(copy), array.copy_size());
        return {numbers.begin(), numbers.end()};
      }
  FAIL("no parameter " << name);
  return {};
}

// Parameters as after some training: no two alike, variances positive.
template <class Net>
Net trained(Seed seed = {1}) {
  Net net{seed};
  fill_normal(net.parameter_vector(), 2);
  fill_normal(net.statistic_vector(), 3);
  for (auto& number : net.statistic_vector()) number = number * number;
  return net;
}

template <std::size_t Head = 0, class Net>
std::vector<typename Net::Scalar> logits(const Net& net, std::span<const typename Net::Scalar> x) {
  const int batch = static_cast<int>(x.size()) / Net::input.size();
  InferenceWorkspace<Net> workspace{batch};
  workspace.forward(net, x.data(), batch);
  const auto* y = workspace.template logits<Head>().data;
  return {y, y + batch * Net::outputs[Head]};
}

using Digits =
    Launch<Input<64>, Sequential<Dense<16>, Relu>, Dense<10>, Sequential<Dense<32>, BatchNorm<>, Relu, Dense<10>>>;

static_assert(Digits::parameters == (64 * 16 + 16) + (16 * 10 + 10) + (16 * 32 + 32 + 2 * 32 + 32 * 10 + 10));
static_assert(Digits::statistics == 2 * 32);
static_assert(Digits::multiply_adds == 64 * 16 + 16 * 10 + 16 * 32 + 32 * 10);
static_assert(Digits::light::parameters == 64 * 16 + 16 + 16 * 10 + 10);
static_assert(Digits::light::multiply_adds == 64 * 16 + 16 * 10);
static_assert(Digits::light::statistics == 0);
static_assert(Digits::booster::multiply_adds == 64 * 16 + 16 * 32 + 32 * 10);
static_assert(Digits::heads == 2 && Digits::outputs == std::array{10, 10});

// Only layers of one shape are compiled again: depth adds copies, not arrays.
using Shallow = Plain<Input<8>, Repeat<3, Residual<Sequential<Dense<8>, Relu>>>>;
using Deep = Plain<Input<8>, Repeat<100, Residual<Sequential<Dense<8>, Relu>>>>;
static_assert(Shallow::parameter_table().size() == 2 && Deep::parameter_table().size() == 2);
static_assert(Deep::parameters == 100 * (8 * 8 + 8) && Deep::multiply_adds == 100 * 8 * 8);

template <class Workspace>
constexpr bool bytes_grow =
    Workspace::bytes(1) > 0 && Workspace::bytes(1) <= Workspace::bytes(16) &&
    Workspace::bytes(16) < Workspace::bytes(17) && Workspace::bytes(32) < Workspace::bytes(33) &&
    Workspace::bytes(128) < Workspace::bytes(1024);
static_assert(bytes_grow<InferenceWorkspace<Digits>>);
static_assert(bytes_grow<TrainingWorkspace<Digits, Edge{0}, Edge{1}>>);
// What no edge needs has no bytes: logit gradients of the second edge, and the trunk's gradient added from there.
static_assert(TrainingWorkspace<Digits, Edge{0}, Edge{1}>::bytes(16) - TrainingWorkspace<Digits, Edge{0}>::bytes(16) ==
              16 * (10 + 16) * sizeof(float));
static_assert(InferenceWorkspace<Digits::light>::bytes(64) < InferenceWorkspace<Digits>::bytes(64));

}  // namespace

TEST_CASE("parameters are named by the place of their layer", "[net]") {
  CHECK(parameter_names<Digits>() == Names{"trunk.0.weight", "trunk.0.bias", "light.weight", "light.bias",
                                           "booster.0.weight", "booster.0.bias", "booster.1.scale", "booster.1.shift",
                                           "booster.3.weight", "booster.3.bias"});
  CHECK(names_in(Digits::statistic_table()) == Names{"booster.1.running_mean", "booster.1.running_variance"});
}

TEST_CASE("the arrays fill the parameter vector one behind the other", "[net]") {
  const auto check = []<class Net>(const Net&) {
    std::size_t end = 0;
    for (const Array& array : Net::parameter_table()) {
      CHECK(array.offset == end);
      end += array.size();
    }
    CHECK(end == Net::parameters);
    CHECK(Net{Seed{1}}.parameter_vector().size() == Net::parameters);
  };
  check(Digits{Seed{1}});
  check(Deep{Seed{1}});
  check(pairs::SharedName<float>{Seed{1}});
}

TEST_CASE("copies made by Repeat are numbered, and so are layers inside", "[net]") {
  CHECK(parameter_names<Plain<Input<4>, Repeat<2, Dense<4, Bias::no>>>>() == Names{"net.0.weight", "net.1.weight"});
  CHECK(parameter_names<Plain<Input<4>, Sequential<Tanh, Repeat<2, Dense<4, Bias::no>, Tanh>>>>() ==
        Names{"net.1.0.0.weight", "net.1.1.0.weight"});
  SECTION("on, where the first copy reads another shape") {
    CHECK(parameter_names<Plain<Input<9>, Repeat<3, Dense<4, Bias::no>>>>() ==
          Names{"net.0.weight", "net.1.weight", "net.2.weight"});
  }
  SECTION("inside a Repeat") {
    CHECK(parameter_names<Plain<Input<4>, Repeat<2, Repeat<2, Dense<4, Bias::no>>>>>() ==
          Names{"net.0.0.weight", "net.0.1.weight", "net.1.0.weight", "net.1.1.weight"});
  }
}

TEST_CASE("every copy reads parameters of its own", "[net]") {
  using Net = Plain<Input<4>, Repeat<2, Repeat<3, Dense<4>, Tanh>, Dense<4>>>;
  const std::vector<float> x = normal_numbers<float>(4, 1);
  const auto before = logits(Net{Seed{1}}, x);
  for (std::size_t i = 0; i < Net::parameters; ++i) {
    CAPTURE(i);
    Net net{Seed{1}};
    net.parameter_vector()[i] += 0.5f;
    CHECK(logits(net, x) != before);
  }
}

TEST_CASE("a name in both nets shares the copies both have, but no BatchNorm", "[net]") {
  using Block = Sequential<BatchNorm<>, Relu, Dense<6, Bias::no>>;
  using Net = Launch<Input<6>, Sequential<>, Sequential<Named<"group0", Repeat<2, Block>>, Dense<3, Bias::no>>,
                     Sequential<Named<"group0", Repeat<4, Block>>, Dense<3, Bias::no>>>;
  const Names shared{"group0.0.2.weight", "group0.1.2.weight"};
  CHECK(parameter_names<Net::light>() == Names{"group0.0.2.weight", "group0.1.2.weight", "light.1.weight",
                                               "light.group0.0.0.scale", "light.group0.0.0.shift",
                                               "light.group0.1.0.scale", "light.group0.1.0.shift"});
  Names both;
  const Names light = parameter_names<Net::light>(), booster = parameter_names<Net::booster>();
  std::set_intersection(light.begin(), light.end(), booster.begin(), booster.end(), std::inserter(both, both.end()));
  CHECK(both == shared);
  CHECK(parameter_names<Net>().size() == light.size() + booster.size() - shared.size());
  STATIC_REQUIRE(Net::parameters == Net::light::parameters + Net::booster::parameters - 2 * 6 * 6);
  STATIC_REQUIRE(Net::statistics == Net::light::statistics + Net::booster::statistics);

  Net net{Seed{1}};
  const std::vector<float> x = normal_numbers<float>(5 * 6, 1);
  const auto light_before = logits<0>(net, x), booster_before = logits<1>(net, x);
  const Array& weight = *std::find_if(Net::parameter_table().begin(), Net::parameter_table().end(),
                                      [](const Array& array) { return array.copies == 4 && array.owner.empty(); });
  SECTION("a shared copy changes both") {
    net.parameter_vector()[weight.offset + weight.copy_size()] += 1;
    CHECK(logits<0>(net, x) != light_before);
    CHECK(logits<1>(net, x) != booster_before);
  }
  SECTION("a copy that only the booster has changes the booster") {
    net.parameter_vector()[weight.offset + 2 * weight.copy_size()] += 1;
    CHECK(logits<0>(net, x) == light_before);
    CHECK(logits<1>(net, x) != booster_before);
  }
}

TEST_CASE("an unshared pair owns everything twice", "[net]") {
  using Net = pairs::Unshared<float>;
  STATIC_REQUIRE(Net::parameters == Net::light::parameters + Net::booster::parameters);
  STATIC_REQUIRE(Net::statistics == Net::light::statistics + Net::booster::statistics);
  STATIC_REQUIRE(Net::multiply_adds == Net::light::multiply_adds + Net::booster::multiply_adds);
  const Names names = parameter_names<Net>();
  CHECK(names.contains("light.trunk.0.weight"));
  CHECK(names.contains("booster.trunk.0.weight"));
  CHECK(names.contains("light.blocks.2.weight"));
  CHECK(names.contains("booster.blocks.2.weight"));
}

namespace {

// The light and booster nets of a pair start as they do alone.
template <class Pair>
void check_initial_values() {
  const Pair pair{Seed{7}};
  const auto check = []<class Alone>(const Alone& launched) {
    CHECK(std::ranges::equal(launched.parameter_vector(), Alone{Seed{7}}.parameter_vector()));
    CHECK(std::ranges::equal(launched.statistic_vector(), Alone{Seed{7}}.statistic_vector()));
  };
  check(pair.launch_light());
  check(pair.launch_booster());
}

// What is launched says what it said in the pair.
template <class Pair>
void check_launched() {
  const auto pair = trained<Pair>();
  const auto x = normal_numbers<typename Pair::Scalar>(7 * Pair::input.size(), 1);
  CHECK(logits(pair.launch_light(), x) == logits<0>(pair, x));
  CHECK(logits(pair.launch_booster(), x) == logits<1>(pair, x));
}

}  // namespace

TEST_CASE("initial values depend on the seed and the parameter's name alone", "[net]") {
  SECTION("not on the net around") {
    check_initial_values<Digits>();
    check_initial_values<pairs::SharedTrunk<float>>();
    check_initial_values<pairs::SharedName<float>>();
    check_initial_values<pairs::SharedBoth<float>>();
    check_initial_values<pairs::Unshared<float>>();
  }
  SECTION("not on the type of numbers") {
    const pairs::SharedBoth<float> single{Seed{7}};
    const pairs::SharedBoth<double> twice{Seed{7}};
    CHECK(std::ranges::equal(single.parameter_vector(), twice.parameter_vector(), {}, {},
                             [](double number) { return static_cast<float>(number); }));
  }
  SECTION("but on those two") {
    const Digits net{Seed{7}};
    CHECK(numbers_of(net, "light.weight") == numbers_of(Digits{Seed{7}}, "light.weight"));
    CHECK(numbers_of(net, "light.weight") != numbers_of(Digits{Seed{8}}, "light.weight"));
    const Deep deep{Seed{7}};
    CHECK(numbers_of(deep, "net.0.0.weight") != numbers_of(deep, "net.1.0.weight"));
  }
}

TEST_CASE("weights start with variance 2 / fan-in, biases at 0", "[net]") {
  const Plain<Input<200>, Dense<100>> net{Seed{1}};
  const std::vector<double> weight = numbers_of(net, "net.weight");
  double square_sum = 0;
  for (const double w : weight) square_sum += w * w;
  CHECK(square_sum / 20'000 == Approx(2.0 / 200).epsilon(0.05));
  CHECK(numbers_of(net, "net.bias") == std::vector<double>(100, 0.0));
}

TEST_CASE("a launched net says what it said in the pair", "[net]") {
  check_launched<Digits>();
  check_launched<pairs::SharedTrunk<float>>();
  check_launched<pairs::SharedName<float>>();
  check_launched<pairs::SharedBoth<double>>();
  check_launched<pairs::Unshared<double>>();
}

TEST_CASE("copy_by_name fills what both nets have", "[net]") {
  using Net = pairs::SharedName<float>;
  const auto source = trained<Net::booster>();
  Net::light target{Seed{9}};
  const CopyReport report = copy_by_name(target, source);
  CHECK(report.taken == 4);                 // weight and bias of two blocks
  CHECK(report.left == 2 * 2 + 2 + 2 * 2);  // scale and shift, the classifier, running moments
  CHECK(numbers_of(target, "blocks.1.2.weight") == numbers_of(source, "blocks.1.2.weight"));
  CHECK(numbers_of(target, "light.2.weight") == numbers_of(Net::light{Seed{9}}, "light.2.weight"));

  SECTION("and nothing of another shape") {
    Plain<Input<3>, Dense<4>> other{Seed{9}};
    CHECK(copy_by_name(other, Plain<Input<4>, Dense<4>>{Seed{1}}).left == 1);
  }
}

TEST_CASE("a const net is run by several threads, each with a workspace", "[net]") {
  using Net = pairs::SharedBoth<float>;
  const auto net = trained<Net>();
  const std::vector<float> x = normal_numbers<float>(40 * Net::input.size(), 1);
  const std::vector<float> expected = logits<1>(net, x);
  std::array<std::vector<float>, 4> found;
  std::vector<std::jthread> threads;
  for (auto& mine : found) threads.emplace_back([&] { mine = logits<1>(net, x); });
  threads.clear();
  for (const auto& each : found) CHECK(each == expected);
}

TEST_CASE("a workspace runs batches of any size up to its capacity", "[net]") {
  using Net = pairs::SharedBoth<float>;
  const auto net = trained<Net>();
  const std::vector<float> x = normal_numbers<float>(40 * Net::input.size(), 1);
  InferenceWorkspace<Net> inference{40};
  TrainingWorkspace<Net, Edge{0}> training{40};
  for (const int batch : {40, 1, 33}) {
    inference.forward(net, x.data(), batch);
    const auto* y = inference.logits().data;
    CHECK(std::vector(y, y + batch * 3) == logits(net, std::span{x}.first(static_cast<std::size_t>(batch * 5))));
  }
  for (const int batch : {0, -1, 41}) {
    CAPTURE(batch);
    const auto error = thrown_by<ValueError>([&] { inference.forward(net, x.data(), batch); });
    CHECK(error.argument() == "batch");
    CHECK(error.found() == std::to_string(batch));
    CHECK_THROWS_AS(training.forward(net, x.data(), batch, Context{}), ValueError);
  }
  CHECK_THROWS_AS(InferenceWorkspace<Net>{0}, ValueError);
  CHECK_THROWS_AS((TrainingWorkspace<Net, Edge{0}>{-1}), ValueError);
}
