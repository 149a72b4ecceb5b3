#pragma once
#include <rocket/data/criteo.hpp>
#include <rocket/net/launch.hpp>
#include <rocket/rocket.hpp>

/// \file
/// The nets that rank: ten fields of one id each through tables that light and booster share, then a stack of their
/// own. A file whose lines have fewer fields leaves the last ones empty. Criteo's logs have 13 counts and 26 ids.

namespace ads {

/// \tparam Who   numbers in a row of the first two fields, which say who is shown what: the user and the item
/// \tparam When  in a row of the others, the context
template <int Who, int When>
using TenFields = rocket::Fields<rocket::Id<"user", Who>, rocket::Id<"item", Who>, rocket::Id<"daytime", When>,
                                 rocket::Id<"weekday", When>, rocket::Id<"weekend", When>, rocket::Id<"place", When>,
                                 rocket::Id<"cost", When>, rocket::Id<"weather", When>, rocket::Id<"country", When>,
                                 rocket::Id<"city", When>>;

template <int Units>
using Wide = rocket::Sequential<rocket::Dense<Units>, rocket::BatchNorm<>, rocket::Relu>;
template <int Units>
using Slim = rocket::Sequential<rocket::Dense<Units>, rocket::Relu>;

/// Small enough for a minute: 80 numbers a record, one logit.
struct Small {
  static constexpr const char* name = "small";
  static constexpr bool are_criteos = false;  ///< whether logs are in Criteo's format, which has no users
  using Inputs = TenFields<8, 8>;
  using Light = rocket::Sequential<Slim<32>, Slim<16>, rocket::Dense<1>>;
  using Booster = rocket::Sequential<Wide<256>, Wide<128>, Wide<64>, rocket::Dense<1>>;
};

/// The paper's Table 5: 576x200x80x2 and 576x720x360x240x180x90x2, the booster with BatchNorm.
struct Table5 {
  static constexpr const char* name = "table5";
  static constexpr bool are_criteos = false;
  using Inputs = TenFields<128, 40>;
  using Light = rocket::Sequential<Slim<200>, Slim<80>, rocket::Dense<2>>;
  using Booster = rocket::Sequential<Wide<720>, Wide<360>, Wide<240>, Wide<180>, Wide<90>, rocket::Dense<2>>;
  static_assert(Inputs::shape == rocket::Shape{576});
};

/// The small stacks on what Criteo's logs have: 221 numbers a record.
struct Criteo {
  static constexpr const char* name = "small";
  static constexpr bool are_criteos = true;
  using Inputs = rocket::CriteoFields<8>;
  using Light = Small::Light;
  using Booster = Small::Booster;
};

/// The embeddings are all that light and booster share.
template <class Stacks>
using Pair =
    rocket::Launch<typename Stacks::Inputs, rocket::Sequential<>, typename Stacks::Light, typename Stacks::Booster>;

}  // namespace ads
