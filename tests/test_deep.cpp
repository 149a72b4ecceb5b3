// Nets as deep as the paper's: what is worked out while compiling must not grow out of hand with them.
#include <rocket/rocket.hpp>

#include "support/catch.hpp"

using namespace rocket;

namespace {

// The structure of the paper's interval pair, WRN-16-1 and WRN-40-1, with products in place of convolutions.
template <int Width>
using Body = Sequential<BatchNorm<>, Relu, Dense<Width, Bias::no>, BatchNorm<>, Relu, Dense<Width, Bias::no>>;
template <int Width>
using First = Residual<Body<Width>, Dense<Width, Bias::no>>;
template <int Width>
using Rest = Residual<Body<Width>>;
template <int Blocks>
using Stack = Sequential<Named<"g0", First<16>, Repeat<Blocks - 1, Rest<16>>>,
                         Named<"g1", First<32>, Repeat<Blocks - 1, Rest<32>>>,
                         Named<"g2", First<64>, Repeat<Blocks - 1, Rest<64>>>, BatchNorm<>, Relu, Dense<10>>;
using Interval = Launch<Input<8>, Dense<8, Bias::no>, Stack<2>, Stack<6>>;

template <class Indices>
struct Many;
template <std::size_t... I>
struct Many<std::index_sequence<I...>> {
  template <std::size_t>
  using Layer = Residual<Sequential<Dense<4>, Relu>>;
  using Layers = Sequential<Layer<I>...>;
};
using Long = Plain<Input<4>, Many<std::make_index_sequence<64>>::Layers>;

}  // namespace

TEST_CASE("the light net of an interval pair owns its normalisation and its classifier", "[deep]") {
  constexpr std::size_t normalisation = [] {
    std::size_t numbers = 0;
    for (const Array& array : Interval::parameter_table())
      if (array.owner == Text{"light"}) numbers += array.size();
    return numbers;
  }();
  STATIC_REQUIRE(Interval::parameters == Interval::booster::parameters + normalisation);
  CHECK(Interval{Seed{1}}.parameter("g2.1.4.2.weight").size() == 64 * 64);
}

TEST_CASE("a list of 64 residual layers compiles", "[deep]") { STATIC_REQUIRE(Long::parameters == 64 * 20); }
