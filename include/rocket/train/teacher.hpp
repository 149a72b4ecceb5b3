#pragma once
#include <utility>

#include "rocket/core/check.hpp"
#include "rocket/objective/hint.hpp"

namespace rocket {

namespace detail {
template <class TeacherNet, class ExpectedInputClassesHeads, class GotInputClassesHeads>
struct TeacherFitsTheNet {
  static_assert(holds<agree<ExpectedInputClassesHeads, GotInputClassesHeads>, TeacherNet, ExpectedInputClassesHeads,
                      GotInputClassesHeads>,
                "rocket: Teacher: it must read what the taught net reads, and have one head with as many classes");
  static constexpr bool ok = true;
};
}  // namespace detail

/// A frozen net whose logits the light net (or the only head) is taught by, besides whatever else it learns from:
/// knowledge distillation when it is a trained booster. It runs in evaluation mode and nothing of it changes.
///
///     Trainer{light, Teacher{booster, Kl{.temperature = 4}, 0.9}, ...}
template <class Net, class TeacherHint>
struct Teacher {
  Net net;            ///< with one head
  TeacherHint hint;   ///< how its logits pull
  double weight = 1;  ///< of the teacher's hint; the weight of H(y, p) is LossWeights::light

  /// Net, hint and weight, in this order.
  Teacher(Net frozen, TeacherHint how, double how_much = 1)
      : net{std::move(frozen)}, hint{std::move(how)}, weight{how_much} {}

  template <class Taught>
  static constexpr bool fits =
      detail::TeacherFitsTheNet<Net, Expected<Taught::input, Taught::outputs[0], std::size_t{1}>,
                                Got<Net::input, Net::outputs[0], Net::heads>>::ok;
};

/// No teacher.
struct NoTeacher {
  NoHint hint;        ///< none
  double weight = 0;  ///< none

  template <class Taught>
  static constexpr bool fits = true;
};

}  // namespace rocket
