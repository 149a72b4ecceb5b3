#pragma once
#include <cstddef>
#include <type_traits>
#include <utility>

#include "rocket/core/check.hpp"
#include "rocket/core/fields.hpp"
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
template <class TeacherNet, class Taught, bool sound>
struct TeacherReadsTheSameFields {
  static_assert(holds<sound, TeacherNet, Taught>,
                "rocket: Teacher: its fields are others than those of the taught net, by name, table or length");
  static constexpr bool ok = true;
};
template <class A, class B>
constexpr bool same_fields() {
  if constexpr (requires { A::NetTables::Inputs::list, B::NetTables::Inputs::list; })
    return same_records(A::NetTables::Inputs::list, B::NetTables::Inputs::list);
  else
    return std::is_same_v<typename A::Feature, typename B::Feature> ||
           !(A::NetTables::looks_up || B::NetTables::looks_up);
}
template <class Hint, class ExpectedShapes, class GotShapes, bool sound>
struct TeacherShowsTheSameSides {
  static_assert(holds<sound, Hint, ExpectedShapes, GotShapes>,
                "rocket: Teacher: its hint compares side outputs: the teacher (got) must show side outputs of the same"
                " shapes, in the same order, as the taught net (expected), and at least one");
  static constexpr bool ok = true;
};
/// The shapes of all side outputs on the way to a net's first head: Expected<Shape...> or Got<Shape...>.
template <template <auto...> class List, class Net, std::size_t... K>
List<Net::template side_shapes<0>[K]...> shapes_of_sides(std::index_sequence<K...>);
template <template <auto...> class List, class Net>
using SideShapes =
    decltype(shapes_of_sides<List, Net>(std::make_index_sequence<Net::template side_shapes<0>.size()>{}));

template <class Hint, class Taught, class TeacherNet>
constexpr bool sides_fit() {
  if constexpr (compares<Hint> == Compares::side_outputs) {
    using Wanted = SideShapes<Expected, Taught>;
    using Found = SideShapes<Got, TeacherNet>;
    constexpr bool sound = agree<Wanted, Found> && !std::is_same_v<Wanted, Expected<>>;
    return TeacherShowsTheSameSides<Hint, Wanted, Found, sound>::ok;
  } else {
    return true;
  }
}
}  // namespace detail

/// A frozen net whose logits, or side outputs, the light net (or the only head) is taught by, besides whatever else it
/// learns from: knowledge distillation or attention transfer when it is a trained booster. It runs in evaluation mode
/// and nothing of it changes. A hint on side outputs compares those of trunk and head in their order, so both nets must
/// have the same ones.
///
///     Trainer{light, Teacher{booster, Kl{.temperature = 4}, 0.9}, ...}
///     Trainer{light, Teacher{booster, AttentionTransfer{}, 1e3}, ...}
template <class Net, class TeacherHint>
struct Teacher {
  Net net;            ///< with one head
  TeacherHint hint;   ///< how it pulls
  double weight = 1;  ///< of the teacher's hint; the weight of H(y, p) is LossWeights::light

  /// Net, hint and weight, in this order.
  Teacher(Net frozen, TeacherHint how, double how_much = 1)
      : net{std::move(frozen)}, hint{std::move(how)}, weight{how_much} {}

  template <class Taught>
  static constexpr bool fits =
      detail::TeacherFitsTheNet<Net, Expected<Taught::record, Taught::outputs[0], std::size_t{1}>,
                                Got<Net::record, Net::outputs[0], Net::heads>>::ok&&
              detail::TeacherReadsTheSameFields<Net, Taught, detail::same_fields<Net, Taught>()>::ok
          ? detail::sides_fit<TeacherHint, Taught, Net>()
          : false;
};

/// No teacher.
struct NoTeacher {
  NoHint hint;        ///< none
  double weight = 0;  ///< none

  template <class Taught>
  static constexpr bool fits = true;
};

}  // namespace rocket
