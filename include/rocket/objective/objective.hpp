#pragma once
#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "rocket/core/check.hpp"
#include "rocket/kernels/row.hpp"
#include "rocket/net/training_workspace.hpp"
#include "rocket/objective/cross_entropy.hpp"
#include "rocket/objective/gradient_block.hpp"
#include "rocket/objective/hint.hpp"
#include "rocket/objective/losses.hpp"

namespace rocket {

/// The weights of the loss, by the role of what they weigh:
/// L = light H(y, p) + booster H(y, q) + hint * hint loss, each term a mean over the batch.
struct LossWeights {
  double light = 1;    ///< of H(y, p)
  double booster = 1;  ///< of H(y, q)
  double hint = 0.03;  ///< of the hint between the heads; that of a teacher's hint is Teacher::weight
};

namespace detail {

/// In a compiler's message: the logits a hint writes gradients for.
enum class Gradients { light, light_and_booster };
template <class Hint, class ExpectedGradients, class GotGradients>
struct HintHasTheGradients {
  static_assert(holds<agree<ExpectedGradients, GotGradients>, Hint, ExpectedGradients, GotGradients>,
                "rocket: hint: this gradient block lets the hint reach the booster, so the hint must write the"
                " gradient with respect to the booster's logits, too (or use GradientBlock::logits)");
  static constexpr bool ok = true;
};
template <class Hint, class ExpectedHeads, class GotHeads, bool sound>
struct HintHasTwoHeads {
  static_assert(holds<sound, Hint, ExpectedHeads, GotHeads>,
                "rocket: hint: a net with one head has no booster to be hinted by: give a Teacher, or train a Launch");
  static constexpr bool ok = true;
};
template <class Hint, bool sound>
struct HintIsCallable {
  static_assert(holds<sound, Hint>,
                "rocket: hint: it must be callable as hint(light, booster, light_gradient) on spans of logits");
  static constexpr bool ok = true;
};
template <class Hint, class ExpectedAtLeast, class GotClasses, bool sound>
struct HintHasEnoughClasses {
  static_assert(holds<sound, Hint, ExpectedAtLeast, GotClasses>,
                "rocket: hint: this one means nothing for so few classes");
  static constexpr bool ok = true;
};
template <class Hint>
inline constexpr int least_classes = [] {
  if constexpr (requires { Hint::least_classes; })
    return Hint::least_classes;
  else
    return 2;
}();
template <class Hint, class ExpectedRows, class GotRows>
struct HintBetweenHeadsComparesLogits {
  static_assert(holds<agree<ExpectedRows, GotRows>, Hint, ExpectedRows, GotRows>,
                "rocket: hint: this one compares side outputs, so it needs a frozen net: give it to a Teacher");
  static constexpr bool ok = true;
};
}  // namespace detail

/// The loss of one training step: cross-entropy of every head, the hint between them, the hint from a frozen teacher.
/// One pass over the logits computes all values and writes the gradients of all edges.
///
/// \tparam Hint        a hint loss, or NoHint
/// \tparam Block       a gradient block
/// \tparam TeacherHint a hint loss, or NoHint
template <class Net, class Hint, class Block, class TeacherHint>
class Objective {
  using T = typename Net::Scalar;
  static constexpr bool pair = Net::heads == 2;
  static constexpr bool hints = pair && !std::is_same_v<Hint, NoHint>;
  static constexpr bool teaches = !std::is_same_v<TeacherHint, NoHint>;
  static constexpr HintPath path = hints ? Block::hint_path : HintPath::closed;
  static constexpr int logits = Net::outputs[0];
  static constexpr int classes = Net::classes;
  using Row = std::span<T, static_cast<std::size_t>(logits)>;
  using At = detail::LossPlace;  // in the sums over a batch
  static constexpr auto& terms = detail::loss_terms;

  static_assert(Net::heads <= 2, "rocket: Objective: nets with more than two heads want an objective of their own");
  static_assert(!pair || (Net::head_names[0] == std::string_view{"light"} &&
                          Net::head_names[Net::heads - 1] == std::string_view{"booster"}),
                "rocket: Objective: the heads of a pair are called light and booster, in this order");
  template <class AnyHint>
  static constexpr bool callable = std::same_as<AnyHint, NoHint> || detail::HintToLight<AnyHint, T, classes>;
  static constexpr bool hint_is_callable = !hints || callable<Hint>;
  static_assert(detail::HintIsCallable<Hint, hint_is_callable>::ok);
  static constexpr bool hint_has_two_heads = pair || std::is_same_v<Hint, NoHint>;
  static_assert(detail::HintHasEnoughClasses<Hint, Expected<detail::least_classes<Hint>>, Got<classes>,
                                             classes >= detail::least_classes<Hint>>::ok);
  static_assert(detail::HintHasEnoughClasses<TeacherHint, Expected<detail::least_classes<TeacherHint>>, Got<classes>,
                                             classes >= detail::least_classes<TeacherHint>>::ok);
  static_assert(detail::HintHasTwoHeads<Hint, Expected<2>, Got<static_cast<int>(Net::heads)>, hint_has_two_heads>::ok);
  static_assert(detail::HintIsCallable<TeacherHint, callable<TeacherHint>>::ok);
  static_assert(
      detail::HintBetweenHeadsComparesLogits<Hint, Expected<Compares::logits>, Got<detail::compares<Hint>>>::ok);
  static constexpr bool sides_are_taught = detail::compares<TeacherHint> == Compares::side_outputs;
  /// How many pairs of rows the teacher's hint compares, and how many numbers of side outputs.
  static constexpr std::size_t taught_pairs = sides_are_taught ? Net::template side_shapes<0>.size() : teaches ? 1 : 0;
  static constexpr int side_numbers = [] {
    int numbers = 0;
    for (const Shape& shape : Net::template side_shapes<0>) numbers += sides_are_taught ? shape.size() : 0;
    return numbers;
  }();

  static constexpr auto gradients_needed =
      path == HintPath::closed ? detail::Gradients::light : detail::Gradients::light_and_booster;
  static constexpr auto gradients_written = [] {
    if constexpr (path == HintPath::closed)
      return gradients_needed;
    else
      return detail::HintToBoth<Hint, T, classes> ? detail::Gradients::light_and_booster : detail::Gradients::light;
  }();
  static_assert(detail::HintHasTheGradients<Hint, Expected<gradients_needed>, Got<gradients_written>>::ok);

  static constexpr std::size_t light_edge = 0, booster_edge = 1, hint_edge = 2;
  static constexpr auto edges = [] {
    if constexpr (!pair) {
      return std::array{Edge{0, Trains::everything, true, sides_are_taught}};
    } else {
      constexpr Edge light{0, Block::light_trains_shared ? Trains::everything : Trains::own, Block::light_trains_shared,
                           sides_are_taught};
      constexpr Edge booster{1, Trains::everything, true};
      if constexpr (path == HintPath::past_parameters)
        return std::array{light, booster, Edge{1, Trains::shared, true}};
      else
        return std::array{light, booster};
    }
  }();
  template <std::size_t... E>
  static TrainingWorkspace<Net, edges[E]...> workspace_along(std::index_sequence<E...>);

 public:
  /// Memory for exactly the edges that this hint and this block leave open.
  using Workspace = decltype(workspace_along(std::make_index_sequence<edges.size()>{}));

  Hint hint;                  ///< between the heads
  TeacherHint teacher_hint;   ///< from the teacher to the light net, or to the only head
  double teacher_weight = 0;  ///< of teacher_hint

  /// Values, and the gradients of all edges into `workspace`, after its forward.
  /// \param teacher     the workspace of the teacher's forward, nullptr without a teacher
  /// \param labels      batch, each in [0, classes)
  /// \param hint_weight the weight at this step; a hint of weight 0 isn't computed, so it leaves the same bits as no
  ///                    hint
  /// \param partial     room for chunk_count(batch) * sums numbers
  /// \param counts      how much each sample counts, a factor on all its terms; null: 1. The means are still over the
  ///                    batch
  template <class TeacherWorkspace>
  Losses operator()(const Workspace& workspace, const TeacherWorkspace& teacher, const int* labels, int batch,
                    const LossWeights& weights, double hint_weight, Workers workers, double* partial,
                    const T* counts = nullptr) const {
    const Rows<const T, logits> light = workspace.template logits<0>();
    const bool hinting = hints && hint_weight != 0;
    T hint_scale = 0;
    std::array<T, taught_pairs> teacher_scale{};
    if constexpr (hints) {
      if (hinting)
        hint_scale = detail::hint_scale(hint, HintBatch<T, logits>{light, workspace.template logits<1>(), batch});
    }
    detail::for_each_index<taught_pairs>([&](auto k) {
      const auto scale_of = [&]<int Width>(Rows<const T, Width> learning, Rows<const T, Width> taught) {
        return detail::hint_scale(teacher_hint, HintBatch<T, Width>{learning, taught, batch});
      };
      teacher_scale[k] = scale_of(compared<k>(workspace), compared<k>(teacher));
    });

    const T of_batch = T{1} / static_cast<T>(batch);
    const double nanoseconds = 40 + 2.0 * classes + 5.0 * side_numbers;
    parallel_chunks(batch, workers, nanoseconds * batch, [&](int chunk, int begin, int end) {
      double* sum = partial + static_cast<long>(chunk) * sums;
      std::fill_n(sum, sums, 0.0);
      for (int i = begin; i < end; ++i) {
        const int label = labels[i];
        const T count = counts ? counts[i] : T{1}, mean = of_batch * count;
        const auto summed = static_cast<double>(count);
        const auto light_says =
            detail::judge(light[i], label, workspace.template logit_gradient<light_edge>()[i],
                          mean * static_cast<T>(is_booster_alone ? weights.booster : weights.light));
        sum[At::light] += summed * static_cast<double>(light_says.loss);
        sum[At::light_error] += light_says.decision != label;

        detail::for_each_index<taught_pairs>([&](auto k) {
          sum[At::teacher] +=
              summed * add_teaching<k>(workspace, teacher, i, teacher_scale[k], mean * static_cast<T>(teacher_weight));
        });
        if constexpr (pair) {
          const auto booster_says = detail::judge(workspace.template logits<1>()[i], label,
                                                  workspace.template logit_gradient<booster_edge>()[i],
                                                  mean * static_cast<T>(weights.booster));
          sum[At::booster] += summed * static_cast<double>(booster_says.loss);
          sum[At::booster_error] += booster_says.decision != label;
          sum[At::agreement] += booster_says.decision == light_says.decision;
          if constexpr (hints)
            sum[At::hint] += hinting ? summed * add_hint(workspace, i, hint_scale, mean * static_cast<T>(hint_weight))
                                     : no_hint(workspace, i);
        }
      }
    });
    tree_sum(partial, chunk_count(batch), sums);
    Losses means;
    for (std::size_t k = 0; k < terms.size(); ++k) means.*terms[k] = partial[k] / static_cast<double>(batch);
    return means;
  }

  /// Numbers summed over the batch.
  static constexpr int sums = terms.size();

 private:
  static constexpr bool is_booster_alone = !pair && Net::head_names[0] == std::string_view{"booster"};

  /// The rows of a net, by its workspace, that stand in the k-th pair of the teacher's hint.
  template <std::size_t K, class AnyWorkspace>
  static auto compared(const AnyWorkspace& of) {
    if constexpr (sides_are_taught)
      return of.template side_output<0, K>();
    else
      return of.template logits<0>();
  }

  /// Adds the K-th pair of the teacher's hint on sample i to the gradient of its row, and returns its value. Nothing
  /// else looks at a side output, so there it is the whole gradient.
  template <std::size_t K, class TeacherWorkspace>
  double add_teaching(const Workspace& workspace, const TeacherWorkspace& teacher, int i, T hint_scale,
                      T weight) const {
    const auto learning = compared<K>(workspace)[i];
    const auto taught = compared<K>(teacher)[i];
    T value;
    if constexpr (sides_are_taught) {
      const auto gradient = workspace.template side_gradient<light_edge, K>()[i];
      value = detail::call_hint(teacher_hint, learning, taught, gradient, NoGradient{});
      scale(gradient, weight * hint_scale);
    } else {
      std::array<T, logits> pull;
      value = detail::call_hint_on_logits(teacher_hint, learning, taught, Row{pull}, NoGradient{});
      add(workspace.template logit_gradient<light_edge>()[i], weight * hint_scale, pull);
    }
    return static_cast<double>(hint_scale * value);
  }
  /// Adds the hint of sample i to the gradients of the edges that are open to it, and returns its value.
  double add_hint(const Workspace& workspace, int i, T hint_scale, T weight) const {
    std::array<T, logits> light_pull;
    std::array<T, path == HintPath::closed ? 0 : logits> booster_pull;
    const auto booster_pull_span = [&] {
      if constexpr (path == HintPath::closed)
        return NoGradient{};
      else
        return Row{booster_pull};
    }();
    const T value = detail::call_hint_on_logits(hint, workspace.template logits<0>()[i],
                                                workspace.template logits<1>()[i], Row{light_pull}, booster_pull_span);
    add(workspace.template logit_gradient<light_edge>()[i], weight * hint_scale, light_pull);
    if constexpr (path == HintPath::joins_booster)
      add(workspace.template logit_gradient<booster_edge>()[i], weight * hint_scale, booster_pull);
    if constexpr (path == HintPath::past_parameters) {
      const Row gradient = workspace.template logit_gradient<hint_edge>()[i];
      for (std::size_t c = 0; c < logits; ++c) gradient[c] = weight * hint_scale * booster_pull[c];
    }
    return static_cast<double>(value * hint_scale);
  }
  /// An edge of its own has a gradient of 0 while the hint weighs nothing.
  double no_hint(const Workspace& workspace, int i) const {
    if constexpr (path == HintPath::past_parameters)
      std::fill_n(workspace.template logit_gradient<hint_edge>()[i].data(), logits, T{0});
    return 0;
  }

  static void scale(std::span<T> row, T factor) {
    for (T& number : row) number *= factor;
  }
  static void add(Row row, T factor, const std::array<T, static_cast<std::size_t>(logits)>& term) {
    using Registers = kernels::RegisterRow<T, static_cast<std::size_t>(logits)>;
    Registers::each([&](auto r) {
      Registers::store(row.data(), r, Registers::load(row.data(), r) + factor * Registers::load(term.data(), r));
    });
  }
};

}  // namespace rocket
