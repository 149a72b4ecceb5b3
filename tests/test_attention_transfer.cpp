// Side outputs of a net, the layer AttentionMap that makes them, and AttentionTransfer, the hint that looks at them:
// values and gradients against their definitions, wherever in a net a map is made.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <rocket/rocket.hpp>

#include "support/catch.hpp"
#include "support/checksum.hpp"
#include "support/count_allocations.hpp"
#include "support/finite_difference.hpp"
#include "support/random_numbers.hpp"
#include "support/reference_losses.hpp"

using namespace rocket;

namespace {

using Image = Input<4, 4, 3>;
using Norm = Sequential<BatchNorm<>, Tanh>;

// One side output of one sample each.
using Maps = std::vector<std::vector<double>>;

double reference_value(const std::vector<double>& light, const std::vector<double>& booster) {
  const auto norm = [](const std::vector<double>& map) {
    double sum = 0;
    for (const double number : map) sum += number * number;
    return std::sqrt(sum);
  };
  double sum = 0;
  for (std::size_t i = 0; i < light.size(); ++i)
    sum += std::pow(light[i] / norm(light) - booster[i] / norm(booster), 2) / static_cast<double>(light.size());
  return sum;
}

// Side outputs after a forward: maps[k * batch + i] is the k-th of sample i.
template <class Net, class Workspace>
Maps side_outputs(const Workspace& workspace, int batch) {
  Maps maps;
  detail::for_each_index<Net::template side_shapes<0>.size()>([&](auto k) {
    const auto rows = workspace.template side_output<0, k>();
    for (int i = 0; i < batch; ++i) maps.emplace_back(rows[i].begin(), rows[i].end());
  });
  return maps;
}

// A net and its frozen teacher of one kind at points where no parameter is 0 or 1, with a batch.
template <class Net, class TeacherNet>
struct Lesson {
  static constexpr int batch = 9;

  Lesson() {
    std::vector<double> shift(Net::parameters);
    fill_normal(std::span{shift}, 4, 0.3);
    for (std::size_t i = 0; i < Net::parameters; ++i) net.parameter_vector()[i] += shift[i];
    fill_normal(teacher.parameter_vector(), 5, 0.7);
    InferenceWorkspace<TeacherNet> inference{batch};
    inference.forward(teacher, samples.features.data(), batch);
    taught = side_outputs<TeacherNet>(inference, batch);
  }
  void forward() { workspace.forward(net, samples.features.data(), batch, context); }
  // Mean over the batch, before the weight.
  double attention_loss() {
    forward();
    const Maps maps = side_outputs<Net>(workspace, batch);
    double sum = 0;
    for (std::size_t i = 0; i < maps.size(); ++i) sum += reference_value(maps[i], taught[i]) / batch;
    return sum;
  }
  double cross_entropies() {
    forward();
    double sum = 0;
    detail::for_each_index<Net::heads>([&](auto h) {
      for (int i = 0; i < batch; ++i)
        sum += reference::cross_entropy(workspace.template logits<h>()[i], samples.labels[static_cast<std::size_t>(i)]);
    });
    return sum / batch;
  }

  const RandomSamples<Net> samples{batch};
  Net net{Seed{3}};
  TeacherNet teacher{Seed{7}};
  Maps taught;
  const Context context{.seed = net.seed()};
  TrainingWorkspace<Net, Edge{0}> workspace{batch};
};

// Every number of the parameter vector, and the value that is reported.
template <class Net, class TeacherNet = Net>
void check_gradients(std::size_t sides) {
  CHECK(Net::template side_shapes<0>.size() == sides);
  Lesson<Net, TeacherNet> lesson;
  const double weight = 50;
  Trainer trainer{lesson.net, Teacher{lesson.teacher, AttentionTransfer{}, weight}, Sgd{.rate = 0}, NoHint{},
                  Threads{1}};
  const Losses losses = trainer.step(lesson.samples.features, lesson.samples.labels);
  CHECK(losses.teacher == Approx(lesson.attention_loss()).epsilon(1e-12));
  CHECK(losses.teacher > 1e-4);
  const auto expected = finite_differences(lesson.net.parameter_vector(),
                                           [&] { return lesson.cross_entropies() + weight * lesson.attention_loss(); });
  CHECK(relative_error(trainer.gradients(), expected) <= 1e-6);
}

template <class... Layers>
using Double = Plain<Image, Sequential<Layers...>, double>;

// For questions of bits: large enough to wake a team.
using LargeImage = Input<16, 16, 8>;
using LargeLayers = Sequential<Norm, AttentionMap, Residual<Norm>, AttentionMap, Dense<3>>;
using Large = Plain<LargeImage, LargeLayers>;
constexpr int large_batch = 300;
static_assert(0.5 * LargeImage::shape.size() * large_batch >= nanoseconds_worth_a_team);

template <class... Options>
std::uint64_t trained(const Options&... options) {
  Trainer trainer{Large{Seed{3}}, Sgd{.rate = 0.05, .momentum = 0.9}, options...};
  const RandomSamples<Large> samples{2 * large_batch};
  trainer.fit(samples.view(), {.epochs = 1, .batch_size = large_batch});
  return checksum(trainer.net());
}
auto large_teacher(double weight) { return Teacher{Large{Seed{8}}, AttentionTransfer{}, weight}; }

constexpr std::size_t lines(int batch) { return (static_cast<std::size_t>(batch) + 15) / 16 * 16; }

}  // namespace

TEST_CASE("AttentionMap passes its input on and shows the mean of its squares", "[attention]") {
  using Net = Plain<Input<2, 3, 5>, Sequential<AttentionMap, Dense<2>>>;
  using Without = Plain<Input<2, 3, 5>, Sequential<Sequential<>, Dense<2>>>;
  static_assert(Net::side_shapes<0>.size() == 1 && Net::side_shapes<0>[0] == Shape{2, 3});
  static_assert(Without::side_shapes<0>.empty());
  constexpr int batch = 40;
  const Net net{Seed{1}};
  const Without without{Seed{1}};
  const RandomSamples<Net> samples{batch};
  InferenceWorkspace<Net> inference{batch};
  InferenceWorkspace<Without> inference_without{batch};
  TrainingWorkspace<Net, Edge{0}> training{batch};
  inference.forward(net, samples.features.data(), batch);
  inference_without.forward(without, samples.features.data(), batch);
  training.forward(net, samples.features.data(), batch, Context{});
  for (int i = 0; i < batch; ++i) {
    for (std::size_t c = 0; c < 2; ++c) CHECK(inference.logits()[i][c] == inference_without.logits()[i][c]);
    for (std::size_t p = 0; p < 6; ++p) {
      double mean = 0;
      for (std::size_t c = 0; c < 5; ++c)
        mean += std::pow(samples.view().row(static_cast<std::size_t>(i))[5 * p + c], 2) / 5;
      CHECK(inference.side_output<0, 0>()[i][p] == Approx(mean).epsilon(1e-6));
      CHECK(training.side_output<0, 0>()[i][p] == inference.side_output<0, 0>()[i][p]);
    }
  }
}

TEST_CASE("attention transfer has the value and the gradient of its definition", "[attention]") {
  const auto check = [](auto positions) {
    constexpr std::size_t size = positions;
    std::vector<double> light = normal_numbers<double>(size, 1), booster = normal_numbers<double>(size, 2);
    for (std::size_t i = 0; i < size; ++i) light[i] *= light[i], booster[i] *= 100 * booster[i];
    std::vector<double> gradient(size);
    const double value = AttentionTransfer{}(std::span<const double, size>{light},
                                             std::span<const double, size>{booster}, std::span<double, size>{gradient});
    CHECK(value == Approx(reference_value(light, booster)).epsilon(1e-12));
    CHECK(relative_error(gradient, finite_differences(light, [&] { return reference_value(light, booster); })) <= 1e-6);

    const std::vector<float> light_float(light.begin(), light.end()), booster_float(booster.begin(), booster.end());
    std::vector<float> gradient_float(size);
    const float value_float =
        AttentionTransfer{}(std::span<const float, size>{light_float}, std::span<const float, size>{booster_float},
                            std::span<float, size>{gradient_float});
    CHECK(value_float == Approx(value).epsilon(1e-5));
    CHECK(relative_error(gradient_float, gradient) <= 1e-5);
  };
  check(std::integral_constant<std::size_t, 6>{});
  check(std::integral_constant<std::size_t, 256>{});
}

TEST_CASE("maps of zeros, and very small and large ones, are no trouble", "[attention]") {
  using Map = std::vector<float>;
  const auto ask = [](const Map& light, const Map& booster) {
    Map gradient(4, 7);
    const float value = AttentionTransfer{}(std::span<const float, 4>{light}, std::span<const float, 4>{booster},
                                            std::span<float, 4>{gradient});
    return std::pair{value, gradient};
  };
  const Map zero(4), one{1, 0, 2, 3}, none(4);
  CHECK(ask(zero, one) == std::pair{ask(zero, {2, 0, 4, 6}).first, none});
  CHECK(ask(zero, one).first == Approx(0.25));
  CHECK(ask(one, zero).first == Approx(0.25));
  CHECK(ask(zero, zero) == std::pair{0.f, none});
  for (const float size : {1e-35f, 1e-20f, 1e-10f, 1e20f, 1e37f}) {
    const auto [value, gradient] = ask({size, 2 * size, 0, size}, one);
    CHECK(std::isfinite(value));
    for (const float number : gradient) CHECK(std::isfinite(number));
  }
  const auto [value, gradient] = ask({2, 0, 4, 6}, one);
  CHECK(value == Approx(0).margin(1e-12));
  for (const float number : gradient) CHECK(number == Approx(0).margin(1e-7));
}

TEST_CASE("a map of zeros inside a net sends nothing back", "[attention]") {
  using Net = Plain<Image, Sequential<BatchNorm<>, Relu, AttentionMap, Dense<3>>>;
  Net net{Seed{1}};
  const std::size_t dead = 6;  // scale and shift: whatever comes in, Relu stops it
  std::fill_n(net.parameter("net.0.scale").begin(), 3, 0.f);
  std::fill_n(net.parameter("net.0.shift").begin(), 3, -1.f);
  Trainer trainer{net, Teacher{Net{Seed{2}}, AttentionTransfer{}, 1e3}};
  const RandomSamples<Net> samples{40};
  for (int step = 0; step < 3; ++step) CHECK(std::isfinite(trainer.step(samples.features, samples.labels).teacher));
  for (const float number : trainer.net().parameter_vector()) CHECK(std::isfinite(number));
  CHECK(std::ranges::equal(trainer.net().parameter_vector().first(dead), net.parameter_vector().first(dead)));
}

TEST_CASE("gradients through side outputs are those of central differences", "[attention]") {
  SECTION("in a list") {
    check_gradients<Double<Norm, AttentionMap, Norm, Dense<3>>>(1);
    check_gradients<Double<BatchNorm<>, AttentionMap, Norm, AttentionMap, Tanh, Dense<3>>>(2);
    check_gradients<Double<BatchNorm<>, Sequential<Tanh, AttentionMap>, LeakyRelu<0.3>, Dense<3>>>(1);
    check_gradients<Double<AttentionMap, Norm, Sequential<AttentionMap>, AttentionMap, Dense<3>>>(3);
  }
  SECTION("of two shapes, inside and outside of a list") {
    check_gradients<Double<Sequential<Norm, AttentionMap, AttentionMap>, Named<"group", Norm, AttentionMap>, Dense<3>>>(
        3);
  }
  SECTION("in layers that are recomputed") {
    check_gradients<Double<Norm, Recomputed<BatchNorm<>, Tanh, AttentionMap>, BatchNorm<>, Norm, Dense<3>>>(1);
    check_gradients<Double<Norm, AttentionMap, Recomputed<Norm, AttentionMap>, Norm, AttentionMap, Dense<3>>>(3);
  }
  SECTION("in Repeat") {
    check_gradients<Double<Repeat<3, Norm, AttentionMap>, Dense<3>>>(3);
    check_gradients<Double<Repeat<2, AttentionMap, Repeat<2, Norm, AttentionMap>>, AttentionMap, Dense<3>>>(7);
  }
  SECTION("in a Repeat whose copies have maps of two shapes") {
    using Halved = AveragePool<Window{.size = 2, .stride = 2}>;
    using Net = Double<Norm, Repeat<2, BatchNorm<>, AttentionMap, Repeat<2, Norm>, Halved, AttentionMap>, Dense<3>>;
    static_assert(Net::side_shapes<0> == std::array{Shape{4, 4}, Shape{2, 2}, Shape{2, 2}, Shape{1, 1}});
    check_gradients<Net>(4);
  }
  SECTION("in Residual") {
    check_gradients<Double<BatchNorm<>, Residual<Sequential<Norm, AttentionMap>>, Dense<3>>>(1);
    check_gradients<Double<BatchNorm<>, Residual<AttentionMap>, Norm, Dense<3>>>(1);
    check_gradients<Double<BatchNorm<>, Residual<Sequential<AttentionMap, Norm>, Sequential<BatchNorm<>, AttentionMap>>,
                           AttentionMap, Dense<3>>>(3);
    check_gradients<
        Double<BatchNorm<>, Repeat<2, Residual<Sequential<Norm, AttentionMap, BatchNorm<>>>, AttentionMap>, Dense<3>>>(
        4);
  }
  SECTION("in trunk and head") {
    using Trunk = Sequential<Norm, AttentionMap, BatchNorm<>, AttentionMap>;
    using LightHead = Sequential<Norm, AttentionMap, Dense<3>>;
    check_gradients<Solo<Image, Trunk, Head<"light", LightHead>, double>>(3);
    check_gradients<Solo<Image, Trunk, Head<"light", Dense<3>>, double>>(2);
    check_gradients<Solo<Image, Norm, Head<"light", LightHead>, double>>(1);
    using Booster =
        Plain<Image, Sequential<Norm, AttentionMap, Norm, AttentionMap, Norm, Norm, AttentionMap, Dense<3>>, double>;
    check_gradients<Solo<Image, Trunk, Head<"light", LightHead>, double>, Booster>(3);
  }
  SECTION("in the light net of a pair, whose booster shows other ones") {
    using Trunk = Sequential<Norm, AttentionMap>;
    using LightHead = Sequential<Named<"blocks", Repeat<2, Residual<Norm>, AttentionMap>>, Dense<3>>;
    using BoosterHead = Sequential<Named<"blocks", Repeat<4, Residual<Norm>, AttentionMap>>, Dense<3>>;
    using Pair = Launch<Image, Trunk, LightHead, BoosterHead, double>;
    check_gradients<Pair, Pair::light>(3);
    check_gradients<Pair::unshared, Pair::light>(3);
  }
}

TEST_CASE("GradientBlock::light_input keeps attention transfer from the trunk", "[attention]") {
  using Pair = Launch<Image, Sequential<Norm, AttentionMap>, Sequential<Norm, AttentionMap, Dense<3>>,
                      Sequential<Norm, AttentionMap, Norm, Dense<3>>>;
  const RandomSamples<Pair> samples{40};
  const auto gradient = [&](double weight) {
    Trainer trainer{Pair{Seed{1}}, GradientBlock::light_input,
                    Teacher{Pair::light{Seed{2}}, AttentionTransfer{}, weight}};
    trainer.step(samples.features, samples.labels);
    return std::vector<float>(trainer.gradients().begin(), trainer.gradients().end());
  };
  const auto with = gradient(100), without = gradient(0);
  for (const Array& array : Pair::parameter_table())
    for (std::size_t i = array.offset; i < array.offset + array.size(); ++i)
      if (!array.name_of(0).starts_with("light.")) CHECK(with[i] == without[i]);
  CHECK(with != without);
}

TEST_CASE("attention transfer of weight 0 leaves the same bits as no teacher", "[attention]") {
  CHECK(trained(large_teacher(0), Threads{1}) == trained(Threads{1}));
  CHECK(trained(large_teacher(100), Threads{1}) != trained(Threads{1}));
}

TEST_CASE("attention transfer gives the same bits on any number of threads", "[attention]") {
  const std::uint64_t on_one = trained(large_teacher(100), Threads{1});
  for (int threads = 8; threads >= 2; --threads) CHECK(trained(large_teacher(100), Threads{threads}) == on_one);
}

TEST_CASE("workspaces count side outputs, and their gradients where a loss looks at them", "[attention]") {
  using With = Plain<Image, Sequential<BatchNorm<>, AttentionMap, BatchNorm<>, Dense<3>>>;
  using Without = Plain<Image, Sequential<BatchNorm<>, BatchNorm<>, Dense<3>>>;
  constexpr Edge looks{.sides = true};
  for (const int batch : {1, 16, 33}) {
    const std::size_t map = 16 * lines(batch) * sizeof(float);
    CHECK(InferenceWorkspace<With>::bytes(batch) == InferenceWorkspace<Without>::bytes(batch) + map);
    CHECK(TrainingWorkspace<With, Edge{}>::bytes(batch) == TrainingWorkspace<Without, Edge{}>::bytes(batch) + map);
    CHECK(TrainingWorkspace<With, looks>::bytes(batch) == TrainingWorkspace<Without, looks>::bytes(batch) + 2 * map);
    CHECK(TrainingWorkspace<Without, looks>::bytes(batch) == TrainingWorkspace<Without, Edge{}>::bytes(batch));

    const std::size_t before = allocated_bytes;
    const TrainingWorkspace<With, looks> workspace{batch};
    CHECK(allocated_bytes - before == TrainingWorkspace<With, looks>::bytes(batch));
  }
  Trainer taught{With{Seed{1}}, Teacher{With{Seed{2}}, AttentionTransfer{}}};
  CHECK(taught.workspace_bytes(33) == TrainingWorkspace<With, looks>::bytes(33));
  Trainer told{With{Seed{1}}, Teacher{With{Seed{2}}, Kl{}}};
  CHECK(told.workspace_bytes(33) == TrainingWorkspace<With, Edge{}>::bytes(33));

  const RandomSamples<With> samples{33};
  taught.reserve(33);
  const long before = allocations;
  taught.step(samples.features, samples.labels);
  CHECK(allocations == before);
}

TEST_CASE("a net learns to look where its teacher looks", "[attention]") {
  using Net = Plain<Image, Sequential<BatchNorm<>, LeakyRelu<0.1>, AttentionMap, Dense<3>>>;
  Net teacher{Seed{2}};
  fill_normal(teacher.parameter_vector(), 5);
  const RandomSamples<Net> samples{200};
  struct Log {
    void on_epoch(const EpochReport& report) { teacher.push_back(report.losses.teacher); }
    std::vector<double> teacher;
  };
  const auto losses_with = [&](double weight) {
    Log log;
    Trainer trainer{Net{Seed{1}}, Teacher{teacher, AttentionTransfer{}, weight}, Sgd{.rate = 0.05, .momentum = 0.9}};
    trainer.fit(samples.view(), {.epochs = 20, .batch_size = 50}, log);
    return log.teacher;
  };
  const std::vector<double> taught = losses_with(1e2), alone = losses_with(0);
  CHECK(taught.back() < 0.2 * taught.front());
  CHECK(taught.back() < 0.2 * alone.back());
}
