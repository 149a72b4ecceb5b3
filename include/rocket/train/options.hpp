#pragma once
#include <concepts>
#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

#include "rocket/core/parallel.hpp"
#include "rocket/objective/objective.hpp"
#include "rocket/train/clip_norm.hpp"
#include "rocket/train/hint_schedule.hpp"
#include "rocket/train/label_weights.hpp"
#include "rocket/train/optimizer.hpp"
#include "rocket/train/teacher.hpp"

namespace rocket {

/// How many threads a step may use; the result doesn't depend on it.
struct Threads {
  int count = available_threads();  ///< at least 1, else the Trainer throws ValueError
};

namespace detail {

/// The kinds of things a Trainer is built from, told apart by what they can do; so they may come in any order.
// clang-format off
enum class Kind {
  optimizer, schedule, block, hint, teacher, weights, label_weights, hint_schedule, clip, threads, stranger
};
// clang-format on

template <class T>
inline constexpr bool is_teacher = false;
template <class Net, class Hint>
inline constexpr bool is_teacher<Teacher<Net, Hint>> = true;

template <class Option>
concept OptimizerLike = requires(const Option& o) {
  Option::states, o.rate, o.weight_decay, o.decays;
};
template <class Option>
concept ScheduleLike = requires(const Option& o) {
  o.factor(1.0, 1.0), o.stage(1.0);
};
template <class Option>
concept BlockLike = requires {
  Option::hint_path, Option::light_trains_shared;
};
template <class Option>
concept HintLike = std::same_as<Option, NoHint> || HintToLight<Option, float, 3> || HintToLight<Option, double, 3>;

template <class Option>
constexpr Kind kind_of() {
  if (std::same_as<Option, LossWeights>) return Kind::weights;
  if (std::same_as<Option, HintSchedule>) return Kind::hint_schedule;
  if (std::same_as<Option, ClipNorm>) return Kind::clip;
  if (std::same_as<Option, LabelWeights>) return Kind::label_weights;
  if (std::same_as<Option, Threads>) return Kind::threads;
  if (is_teacher<Option>) return Kind::teacher;
  if (OptimizerLike<Option>) return Kind::optimizer;
  if (ScheduleLike<Option>) return Kind::schedule;
  if (BlockLike<Option>) return Kind::block;
  if (HintLike<Option>) return Kind::hint;
  return Kind::stranger;
}

template <class Option>
struct TrainerKnowsThisOption {
  static_assert(
      holds<kind_of<Option>() != Kind::stranger, Option>,
      "rocket: Trainer: an option is none of: a hint loss, a GradientBlock, an optimizer, a schedule, a Teacher,"
      " LossWeights, LabelWeights, HintSchedule, ClipNorm, Threads");
  static constexpr bool ok = true;
};
template <class Option, class... All>
struct OptionIsAloneInItsKind {
  static_assert(holds<(0 + ... + (kind_of<All>() == kind_of<Option>() ? 1 : 0)) == 1, Option, All...>,
                "rocket: Trainer: two options of one kind");
  static constexpr bool ok = true;
};
template <class... Options>
struct OptionList {
  static_assert((TrainerKnowsThisOption<Options>::ok && ...));
  static_assert((OptionIsAloneInItsKind<Options, Options...>::ok && ...));

  template <Kind K>
  static constexpr std::size_t index = [] {
    const Kind kinds[]{kind_of<Options>()..., K};
    std::size_t i = 0;
    while (kinds[i] != K) ++i;
    return i;
  }();
  /// The option of that kind, or Default.
  template <Kind K, class Default>
  using Type = std::tuple_element_t<index<K>, std::tuple<Options..., Default>>;

  template <Kind K, class Default>
  static Type<K, Default> get(const std::tuple<Options...>& given, const Default& otherwise) {
    if constexpr (index<K> == sizeof...(Options))
      return otherwise;
    else
      return std::get<index<K>>(given);
  }
};

}  // namespace detail
}  // namespace rocket
