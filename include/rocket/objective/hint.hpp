/// \file
/// What a hint loss is. A hint compares a row of numbers of the light net with one of the booster, for one sample; the
/// rows are the logits l and z:
///
///     struct MyHint {
///       template <class T, std::size_t C, class BoosterGradient>
///       T operator()(std::span<const T, C> light, std::span<const T, C> booster, std::span<T, C> light_gradient,
///                    BoosterGradient booster_gradient) const;
///     };
///
/// It returns its value, summed over classes as its docstring says, and *writes* the gradients with respect to l and z.
/// The mean over the batch and the weight LossWeights::hint are the objective's. Where a gradient block closes the edge
/// to the booster, booster_gradient is NoGradient: ask `wanted<BoosterGradient>`. A hint may leave that argument out;
/// then it works only with blocks that close the edge.
///
/// A hint may have `batch_scale`, which looks at the whole batch and returns a factor on value and gradients.
///
/// Nets with one logit, the log-odds of class 1, look to a hint like nets with two, the first of which is always 0;
/// only `batch_scale` sees the one. A hint that means nothing at two classes says
/// `static constexpr int least_classes = 3;`, and isn't compiled there.
///
/// A hint that says `static constexpr Compares compares = Compares::side_outputs;` is called with side outputs instead
/// (layers/layer.hpp): once for every pair of them, in their order, and the values are added. It is for a Teacher.
#pragma once
#include <array>
#include <concepts>
#include <cstddef>
#include <span>
#include <type_traits>

#include "rocket/kernels/class_logits.hpp"
#include "rocket/layers/layer.hpp"

namespace rocket {

/// Stands where nobody wants a gradient.
struct NoGradient {};

/// Whether a hint must write that gradient.
template <class Gradient>
inline constexpr bool wanted = !std::is_same_v<Gradient, NoGradient>;

/// Which rows of the two nets a hint is called with; by default the logits.
enum class Compares { logits, side_outputs };

/// All rows of a batch, for hints that need more than one sample.
template <class T, int Classes>
struct HintBatch {
  Rows<const T, Classes> light;    ///< size x Classes
  Rows<const T, Classes> booster;  ///< size x Classes
  int size = 0;                    ///< samples
};

/// No hint: joint training only, which tells sharing from hinting.
struct NoHint {};

namespace detail {

template <class Hint, class T, std::size_t C>
concept HintToLight = std::invocable<const Hint&, std::span<const T, C>, std::span<const T, C>, std::span<T, C>> ||
    std::invocable<const Hint&, std::span<const T, C>, std::span<const T, C>, std::span<T, C>, NoGradient>;
template <class Hint, class T, std::size_t C>
concept HintToBoth =
    std::invocable<const Hint&, std::span<const T, C>, std::span<const T, C>, std::span<T, C>, std::span<T, C>>;

template <class Hint>
inline constexpr Compares compares = [] {
  if constexpr (requires { Hint::compares; })
    return Hint::compares;
  else
    return Compares::logits;
}();

/// Calls a hint that may or may not take the last argument.
template <class Hint, class T, std::size_t C, class BoosterGradient>
T call_hint(const Hint& hint, std::span<const T, C> light, std::span<const T, C> booster,
            std::span<T, C> light_gradient, BoosterGradient booster_gradient) {
  if constexpr (std::invocable<const Hint&, std::span<const T, C>, std::span<const T, C>, std::span<T, C>,
                               BoosterGradient>)
    return static_cast<T>(hint(light, booster, light_gradient, booster_gradient));
  else
    return static_cast<T>(hint(light, booster, light_gradient));
}

/// The same on logits: of nets with one, the hint sees two, 0 and that one (class_logits).
template <class Hint, class T, std::size_t C, class BoosterGradient>
T call_hint_on_logits(const Hint& hint, std::span<const T, C> light, std::span<const T, C> booster,
                      std::span<T, C> light_gradient, BoosterGradient booster_gradient) {
  if constexpr (C == 1) {
    const std::array<T, 2> of_light = kernels::class_logits(light), of_booster = kernels::class_logits(booster);
    std::array<T, 2> to_light, to_booster{};
    const auto booster_span = [&] {
      if constexpr (wanted<BoosterGradient>)
        return std::span<T, 2>{to_booster};
      else
        return NoGradient{};
    }();
    const T value = call_hint(hint, std::span<const T, 2>{of_light}, std::span<const T, 2>{of_booster},
                              std::span<T, 2>{to_light}, booster_span);
    light_gradient[0] = to_light[1];
    if constexpr (wanted<BoosterGradient>) booster_gradient[0] = to_booster[1];
    return value;
  } else {
    return call_hint(hint, light, booster, light_gradient, booster_gradient);
  }
}

template <class Hint, class T, int Classes>
T hint_scale(const Hint& hint, const HintBatch<T, Classes>& batch) {
  if constexpr (requires { hint.batch_scale(batch); })
    return static_cast<T>(hint.batch_scale(batch));
  else
    return T{1};
}

}  // namespace detail
}  // namespace rocket
