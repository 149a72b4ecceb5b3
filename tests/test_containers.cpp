// Layers that hold layers: their gradients, which tell a wrong place for an activation or a gradient.
#include <algorithm>
#include <vector>

#include <rocket/layers/layers.hpp>
#include <rocket/net/inference_workspace.hpp>
#include <rocket/net/launch.hpp>
#include <rocket/net/training_workspace.hpp>

#include "support/catch.hpp"
#include "support/layer_gradients.hpp"

using namespace layer_gradients;

TEST_CASE("gradients of Residual are those of central differences", "[layers]") {
  using Shape5 = Input<5>;
  SECTION("around the identity") {
    check_gradients<Residual<Tanh>>();
    CHECK(gradient_error<Shape5, Residual<Sequential<Dense<5>, BatchNorm<>>>>() <= tolerance);
  }
  SECTION("whose body ends in a layer that works in place") {
    CHECK(gradient_error<Shape5, Residual<Sequential<Dense<5>, Relu>>>() <= tolerance);
    CHECK(gradient_error<Shape5, Residual<Sequential<Dense<5>, Sigmoid, Dropout<0.3>>>, Relu>() <= tolerance);
    CHECK(gradient_error<Shape5, Dense<5>, Residual<Sequential<Dense<5>, Dropout<0.3>, Tanh>>, Tanh, Dense<2>>() <=
          tolerance);
  }
  SECTION("with a projection") {
    CHECK(gradient_error<Shape5, Residual<Dense<4>, Dense<4, Bias::no>>>() <= tolerance);
    CHECK(gradient_error<Shape5, Residual<Sequential<Dense<4>, Relu>, Sequential<Dense<4>, Sigmoid>>, Relu>() <=
          tolerance);
    CHECK(gradient_error<Shape5, Residual<Sequential<Dense<4>, Dropout<0.3>>, Sequential<Dense<4>, Dropout<0.3>>>>() <=
          tolerance);
  }
  SECTION("inside a Residual") {
    using Inner = Residual<Sequential<Dense<5>, Relu>, Sequential<Dense<5>, Tanh>>;
    CHECK(gradient_error<Shape5, Residual<Inner>, Relu>() <= tolerance);
    CHECK(gradient_error<Shape5, Residual<Sequential<Inner, Relu>>, Dense<2>>() <= tolerance);
  }
}

TEST_CASE("gradients of Repeat are those of central differences", "[layers]") {
  SECTION("once, twice, often") {
    check_gradients<Repeat<1, Dense<5>>>();
    check_gradients<Repeat<2, Dense<5>, Tanh>>();
    check_gradients<Repeat<5, Residual<Sequential<BatchNorm<>, Relu, Dense<4>>, Dense<4>>>>();
  }
  SECTION("of layers without parameters") { check_gradients<Repeat<3, Tanh>>(); }
  SECTION("whose first copy reads another shape") {
    CHECK(gradient_error<Input<5>, Repeat<4, Dense<6>, Gelu>, Dense<2>>() <= tolerance);
    CHECK(gradient_error<Input<2, 3>, Repeat<3, Dense<4>, Relu>>() <= tolerance);
  }
  SECTION("inside a Repeat") {
    CHECK(gradient_error<Input<5>, Repeat<3, Repeat<2, Dense<4>, Tanh>, Dense<5>>>() <= tolerance);
    CHECK(gradient_error<Input<4>, Repeat<2, Repeat<3, Residual<Dense<4>>>, Relu>, Dense<2>>() <= tolerance);
  }
}

TEST_CASE("gradients of Named are those of central differences", "[layers]") {
  check_gradients<Named<"name", Dense<4>, Relu>>();
  CHECK(gradient_error<Input<5>, Named<"outer", Dense<4>, Named<"inner", Repeat<2, Dense<4>>, Tanh>>, Relu>() <=
        tolerance);
}

TEST_CASE("gradients of a deep list are those of central differences, whoever works in place", "[layers]") {
  CHECK(gradient_error<Input<6>, Dense<5>, Dropout<0.2>, Relu, Dense<7>, Sigmoid, Dropout<0.2>, BatchNorm<>,
                       LeakyRelu<>, Tanh, Dense<4>, Relu, Relu, Gelu, Dropout<0.2>, Tanh, Sequential<Dense<6>, Relu>,
                       Dropout<0.1>, Dense<3>, Tanh>() <= tolerance);
}

namespace {

// Outside of training activations share two places; layers that do the same in both modes must not notice.
template <class InputShape, class... Layers>
void check_evaluation() {
  using Net = Plain<InputShape, Sequential<Layers...>, double>;
  constexpr int batch = 17, numbers = batch * Net::outputs[0];
  const Net net{Seed{3}};
  const std::vector<double> x = normal_numbers<double>(batch * Net::input.size(), 4);
  TrainingWorkspace<Net, Edge{0}> training{batch};
  InferenceWorkspace<Net> inference{batch};
  training.forward(net, x.data(), batch, Context{});
  inference.forward(net, x.data(), batch);
  CHECK(std::equal(training.template logits<0>().data, training.template logits<0>().data + numbers,
                   inference.logits().data));
}

}  // namespace

TEST_CASE("layers that know no modes compute the same in evaluation as in training", "[layers]") {
  using Keep = Dropout<0.0>;
  check_evaluation<Input<5>, Dense<4>, Relu, Keep, Dense<7>, Keep, Tanh, Dense<2>, Dense<9>, Gelu>();
  check_evaluation<Input<5>, Repeat<1, Dense<4>, Tanh>, Repeat<2, Dense<6>>, Repeat<5, Dense<3>, Relu>>();
  check_evaluation<Input<5>, Repeat<3, Repeat<2, Dense<4>, Tanh>, Dense<5>>, Keep>();
  check_evaluation<Input<5>, Residual<Sequential<Dense<5>, Relu, Dense<5>, Keep>>, Relu, Residual<Tanh>>();
  check_evaluation<Input<5>, Residual<Sequential<Dense<8>, Tanh, Dense<4>>, Sequential<Dense<4>, Keep>>, Tanh>();
  check_evaluation<Input<5>, Residual<Residual<Dense<4>, Repeat<3, Dense<4>>>, Dense<4>>>();
}
