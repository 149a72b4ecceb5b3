// A light and a booster net that share what two nets can share, each in its own way.
#pragma once

#include <rocket/layers/layers.hpp>
#include <rocket/net/launch.hpp>

namespace pairs {

using namespace rocket;

using Wide = Sequential<Dense<6>, BatchNorm<>, Dropout<0.2>, LeakyRelu<0.3>>;
using Block = Sequential<BatchNorm<>, Tanh, Dense<6>>;

/// The trunk, with its activations.
template <class T>
using SharedTrunk = Launch<Input<5>, Wide, Dense<3>, Sequential<Dense<7>, BatchNorm<>, Gelu, Dense<3>>, T>;

/// By name the first two of the booster's four blocks; the first block reads another shape, BatchNorm stays private.
template <class T>
using SharedName = Launch<Input<5>, Sequential<>, Sequential<Named<"blocks", Repeat<2, Block>>, Dropout<0.2>, Dense<3>>,
                          Sequential<Named<"blocks", Repeat<4, Block>>, Gelu, Dense<3>>, T>;

/// The trunk, and behind it the first of three blocks by name.
template <class T>
using SharedBoth = Launch<Input<5>, Wide, Sequential<Named<"blocks", Residual<Block>>, Dense<3>>,
                          Sequential<Named<"blocks", Residual<Block>>, Repeat<2, Residual<Block>>, Dense<3>>, T>;

/// Nothing, although there are a trunk and a name.
template <class T>
using Unshared = LaunchUnshared<Input<5>, Wide, Sequential<Named<"blocks", Residual<Block>>, Dense<3>>,
                                Sequential<Named<"blocks", Residual<Block>>, Repeat<2, Residual<Block>>, Dense<3>>, T>;

}  // namespace pairs
