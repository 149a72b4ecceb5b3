// Recomputed changes what is kept, and nothing else.
#include <algorithm>
#include <span>
#include <string_view>
#include <vector>

#include <rocket/layers/layers.hpp>
#include <rocket/net/launch.hpp>
#include <rocket/net/training_workspace.hpp>

#include "support/catch.hpp"
#include "support/layer_gradients.hpp"
#include "support/random_numbers.hpp"

using namespace rocket;

namespace {

constexpr Window same{.size = 3, .stride = 1, .padding = 1};
using Conv = Conv2d<4, same, Bias::no>;
using Image = Input<5, 4, 3>;

// Gradient after one step on 40 samples, on three threads.
template <class Layers>
std::vector<float> gradient_of() {
  using Net = Plain<Image, Layers>;
  Net net{Seed{1}};
  fill_normal(net.parameter_vector(), 4, 0.5);
  constexpr int batch = 40;
  const auto x = normal_numbers<float>(batch * Net::input.size(), 2);
  const auto pull = normal_numbers<float>(batch * Net::outputs[0], 3);
  TrainingWorkspace<Net, Edge{0}> workspace{batch};
  workspace.forward(net, x.data(), batch, Context{.threads = 3, .seed = Seed{9}});
  std::copy(pull.begin(), pull.end(), workspace.template logit_gradient<0>().data);
  std::vector<float> gradient(Net::parameters);
  workspace.backward(net, gradient);
  workspace.absorb(net);
  const std::span<const float> statistics = net.statistic_vector();
  gradient.insert(gradient.end(), statistics.begin(), statistics.end());
  return gradient;
}

template <class... Layers>
constexpr std::size_t kept = TrainingWorkspace<Plain<Image, Sequential<Layers...>>, Edge{0}>::bytes(32);

}  // namespace

TEST_CASE("Recomputed activations give the same bits") {
  using Again = Recomputed<BatchNorm<>, Relu>;
  using Kept = Sequential<BatchNorm<>, Relu>;
  CHECK(gradient_of<Sequential<Conv, Again, Conv, Again, Dense<3>>>() ==
        gradient_of<Sequential<Conv, Kept, Conv, Kept, Dense<3>>>());
}

TEST_CASE("Recomputed activations give the same bits inside blocks, and with random numbers") {
  using Again = Recomputed<Part<"bn", BatchNorm<>>, Relu, Dropout<0.3>>;
  using Kept = Part<"", Part<"bn", BatchNorm<>>, Relu, Dropout<0.3>>;
  CHECK(gradient_of<Sequential<Conv, Repeat<3, Residual<Sequential<Again, Conv>>>, Dense<3>>>() ==
        gradient_of<Sequential<Conv, Repeat<3, Residual<Sequential<Kept, Conv>>>, Dense<3>>>());
  CHECK(gradient_of<Sequential<Conv, Again, Part<"", Residual<Conv, Conv>>, Dense<3>>>() ==
        gradient_of<Sequential<Conv, Kept, Part<"", Residual<Conv, Conv>>, Dense<3>>>());
  CHECK(gradient_of<Sequential<Conv, Named<"a", Again>, Conv, Dense<3>>>() ==
        gradient_of<Sequential<Conv, Named<"a", Kept>, Conv, Dense<3>>>());
}

TEST_CASE("Recomputed activations have the right gradients") {
  using namespace layer_gradients;
  CHECK(gradient_error<Image, Recomputed<Tanh>, Dense<3>>() <= tolerance);
  CHECK(gradient_error<Image, Conv, Recomputed<BatchNorm<>, Tanh>, Conv, Recomputed<Tanh>, Dense<3>>() <= tolerance);
  CHECK(gradient_error<Image, Conv, Recomputed<BatchNorm<>>, Tanh, Conv, Recomputed<Conv>>() <= tolerance);
}

TEST_CASE("Recomputed activations are not kept") {
  using Activation = Sequential<BatchNorm<>, Tanh>;
  using Again = Recomputed<Activation>;
  constexpr std::size_t activation = 32 * 5 * 4 * 4 * sizeof(float);
  constexpr std::size_t all = kept<Conv, Activation, Conv, Activation, Conv, Activation, Conv>;
  // Three outputs fewer are kept; one place is for the one that is computed again.
  STATIC_REQUIRE(all - kept<Conv, Again, Conv, Again, Conv, Again, Conv> == (3 - 1) * activation);
  // A wrapper is what it wraps.
  STATIC_REQUIRE(all - kept<Conv, Part<"a", Again>, Conv, Sequential<Again>, Conv, Named<"b", Again>, Conv> ==
                 (3 - 1) * activation);
}

TEST_CASE("Recomputed around one layer changes no name") {
  const auto names = []<class... Layers>(Sequential<Layers...>) {
    std::vector<std::string_view> all;
    for (const auto& entry : Plain<Image, Sequential<Layers...>>::parameter_table()) all.push_back(entry.key.view());
    return all;
  };
  CHECK(names(Sequential<Conv, Recomputed<BatchNorm<>>, Relu, Recomputed<Conv>, Dense<3>>{}) ==
        names(Sequential<Conv, BatchNorm<>, Relu, Conv, Dense<3>>{}));
}
