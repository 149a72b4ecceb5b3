#pragma once

namespace rocket {

/// Where the hint's gradient goes when it reaches the booster's logits.
enum class HintPath {
  closed,           ///< nowhere: the booster's logits are constants to the hint
  joins_booster,    ///< through the booster like its own loss, into all its parameters
  past_parameters,  ///< through the booster as it stands, into what the two nets share and no parameter of the
                    ///< booster's
};

/// What a gradient may not touch: a type that says which edges there are. With W_S the shared parameters, W_L and W_B
/// those of light and booster, a term updates
///
///     | term                     | W_S          | W_L | W_B |
///     |--------------------------|--------------|-----|-----|
///     | H(y, p), light           | yes          | yes | no  |
///     | H(y, q), booster         | yes          | no  | yes |
///     | hint, none               | via l and z  | yes | yes |
///     | hint, booster_parameters | via l and z  | yes | no  |
///     | hint, logits             | via l        | yes | no  |
///     | hint, light_input        | no           | yes | no  |
///
/// and light_input also keeps H(y, p) from W_S: the light head reads the trunk, and only the booster shapes it
/// (Zhou et al. 2018 for the first three; EasyRec for the last). A block of one's own is a struct with the same
/// members.
struct GradientBlock {
  /// The hint goes back through both nets.
  struct None {
    static constexpr HintPath hint_path = HintPath::joins_booster;
    static constexpr bool light_trains_shared = true;
  };
  /// The hint goes back through both nets, but moves no parameter of the booster's own.
  struct BoosterParameters {
    static constexpr HintPath hint_path = HintPath::past_parameters;
    static constexpr bool light_trains_shared = true;
  };
  /// The hint goes back through the light net alone.
  struct Logits {
    static constexpr HintPath hint_path = HintPath::closed;
    static constexpr bool light_trains_shared = true;
  };
  /// Nothing of the light net goes back into what is shared.
  struct LightInput {
    static constexpr HintPath hint_path = HintPath::closed;
    static constexpr bool light_trains_shared = false;
  };
  static constexpr None none{};                             ///< no block
  static constexpr BoosterParameters booster_parameters{};  ///< the paper's words
  static constexpr Logits logits{};                         ///< the paper's code, the default
  static constexpr LightInput light_input{};                ///< the light head's input is a constant to it
};

}  // namespace rocket
