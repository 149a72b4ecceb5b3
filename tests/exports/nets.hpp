// Nets with every built-in layer and every kind of field, for those that judge what is written of them.
#pragma once

#include <cstdint>

#include <rocket/layers/layers.hpp>
#include <rocket/net/launch.hpp>

namespace exports {

using namespace rocket;

template <int Outputs, int Size, int Stride, int Groups = 1, Bias With = Bias::yes>
using Conv =
    Conv2d<Outputs, Window{.size = Size, .stride = Stride, .padding = Size / 2}, With, Groups, ConvolveBy::direct_sums>;

using Flat =
    Plain<Input<20>,
          Sequential<Dense<40>, LeakyRelu<0.1>, Dense<20, Bias::no>, Residual<Sequential<Dense<20>, Tanh>>,
                     Named<"tied", Dense<20>>, Gelu, Dropout<0.2>, Named<"tied", Dense<20>>, Sigmoid, Dense<5>>>;

using Convolutional = Plain<
    Input<9, 8, 3>,
    Sequential<Conv<8, 3, 1, 1, Bias::no>, BatchNormRelu<>,
               Residual<Sequential<Conv<8, 3, 1, 2>, BatchNorm<>, Recomputed<Relu>, AttentionMap>>,
               MaxPool<Window{.size = 3, .stride = 2, .padding = 1}>, Conv<8, 3, 1, depthwise>, LeakyRelu<>,
               Residual<Conv<12, 3, 2>, Conv<12, 1, 2>>, AveragePool<Window{.size = 3, .stride = 1, .padding = 1}>,
               Repeat<2, Conv<12, 3, 1>, Relu>, Concat<GlobalAveragePool, Dense<7>>, BatchNorm<>, Dense<4>>>;

using Inputs =
    Fields<Id<"user", 8>, Bag<"genres", 8, 5>, Bag<"class", 8, 4, Pool::weighted_sum>, Id<"item", 8>,
           Sequence<"seen", 8, 6, "item">, Bag<"tags", 5, 3, Pool::sum>, Numbers<"price">, Numbers<"time of day", 3>>;
using Ranking =
    Plain<Inputs, Sequential<Concat<Sequential<Slice<0, 4, 8>, FactorizationMachine<>>,
                                    Sequential<Slice<0, 4, 8>, FactorizationMachine<Interactions::by_dimension>>,
                                    Sequential<Slice<Inputs::field("item").begin_column, 7, 8>, AttentionPool<6>>,
                                    Cross<2>, Sequential<Dense<33>, Relu>>,
                             Dense<16>, Tanh, Dense<1>>>;
constexpr Ranking::NetTables::Rows ranking_rows{50, 12, 9, 40, 7};

// Numbers that no training would make, but with which every one of them counts.
template <class Net>
void shake(Net& net) {
  const Random random{7};
  std::uint64_t i = 0;
  for (float& x : net.parameter_vector()) x += static_cast<float>(0.1 * random.normal(i++));
  for (float& x : net.statistic_vector()) x += static_cast<float>(0.5 * random.uniform(i++));
}

}  // namespace exports
