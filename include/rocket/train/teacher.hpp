#pragma once
#include <utility>

#include "rocket/objective/hint.hpp"

namespace rocket {

/// A frozen net whose logits the light net (or the only head) is taught by, besides whatever else it learns from:
/// knowledge distillation when it is a trained booster. It runs in evaluation mode and nothing of it changes.
///
///     Trainer{light, Teacher{booster, Kl{.temperature = 4}, 0.9}, ...}
template <class Net, class TeacherHint>
struct Teacher {
  Net net;
  TeacherHint hint;
  double weight = 1;  ///< of the teacher's hint; the weight of H(y, p) is LossWeights::light

  Teacher(Net frozen, TeacherHint how, double how_much = 1)
      : net{std::move(frozen)}, hint{std::move(how)}, weight{how_much} {}
};

/// No teacher.
struct NoTeacher {
  NoHint hint;
  double weight = 0;
};

}  // namespace rocket
