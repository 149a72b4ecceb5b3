#pragma once
#include <rocket/deploy/scorer.hpp>
#include <rocket/layers/layers.hpp>
#include <rocket/net/launch.hpp>

/// \file
/// The net that serve scores with and train_ranker trains: types, of which the server uses the light net's only.

namespace serve {

using Inputs = rocket::Fields<rocket::Id<"user", 16>, rocket::Bag<"likes", 16, 20>, rocket::Numbers<"hour">,
                              rocket::Id<"item", 16>, rocket::Numbers<"price">>;
using Light = rocket::Sequential<rocket::Dense<64>, rocket::Relu, rocket::Dense<16>, rocket::Relu, rocket::Dense<1>>;
using Booster = rocket::Sequential<rocket::Dense<257>, rocket::BatchNorm<>, rocket::Relu, rocket::Dense<129>,
                                   rocket::BatchNorm<>, rocket::Relu, rocket::Dense<1>>;
using Pair = rocket::Launch<Inputs, rocket::Sequential<>, Light, Booster>;

/// What is served: a request says who asks and when, a candidate what may be shown.
using Ranker = rocket::Scorer<Pair::light, "user", "likes", "hour">;

}  // namespace serve
