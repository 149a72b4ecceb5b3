#pragma once
#include "rocket/net/multi_head.hpp"

namespace rocket {

/// One head on a trunk: the light net alone, the booster alone, a frozen teacher. Parameters are named as in Launch, so
/// they start from the same values.
template <class InputShape, class Trunk, class RoleHead, class T = float>
struct Solo : MultiHead<T, InputShape, true, Trunk, RoleHead> {
  using Base = MultiHead<T, InputShape, true, Trunk, RoleHead>;
  using Base::Base;
};

/// A net of its own, without roles.
template <class InputShape, class Layers, class T = float>
using Plain = Solo<InputShape, Sequential<>, Head<"net", Layers>, T>;

namespace detail {

template <class LightLayers, class ExpectedClasses, class GotClasses>
struct HeadsEndInOneClassCount {
  static_assert(holds<agree<ExpectedClasses, GotClasses>, LightLayers, ExpectedClasses, GotClasses>,
                "rocket: Launch: light (got) and booster (expected) must end in the same number of classes");
  static constexpr bool ok = true;
};

/// Layers under the path they have elsewhere, so that they start from the same values.
template <FixedString Path, class Layers>
struct Placed {
  static constexpr std::string_view name = "Placed";
  static constexpr Shape output(Shape in) { return Layers::output(in); }
};
template <FixedString Path, class Layers, Shape In>
struct Node<Placed<Path, Layers>, In> : Node<Layers, In> {
  static constexpr bool names_itself = true;

  template <class Listing>
  static constexpr void list(Listing& listing, Scope scope) {
    scope.path = Text{Path.view()};
    Node<Layers, In>::list(listing, scope);
  }
};

/// The two-headed face of MultiHead: roles for its heads.
template <class Base, class LightNet, class BoosterNet, class LightLayers>
struct Pair : Base {
  static constexpr std::size_t light_head = 0;
  static constexpr std::size_t booster_head = 1;
  using light = LightNet;      ///< the light net alone, ready to ship
  using booster = BoosterNet;  ///< the booster alone
  static_assert(HeadsEndInOneClassCount<LightLayers, Expected<BoosterNet::outputs[0]>, Got<LightNet::outputs[0]>>::ok);

  using Base::Base;

  /// Copies the light net out: its parameters and statistics, and nothing of the booster.
  light launch_light() const { return extract<light, light_head>(); }
  /// Copies the booster out.
  booster launch_booster() const { return extract<booster, booster_head>(); }

 private:
  template <class Alone, std::size_t H>
  Alone extract() const {
    Alone alone{this->seed(), this->tables()};
    alone.template take_head<H>(*this);
    return alone;
  }
};

}  // namespace detail

template <class InputShape, class Trunk, class Light, class Booster, class T = float>
struct LaunchUnshared;

/// A light and a booster net on one trunk: its parameters and its activations are shared, and so are the parameters of
/// Named layers that both heads have.
///
/// \tparam InputShape rocket::Input<...>   \tparam T  float, or double for checks
template <class InputShape, class Trunk, class Light, class Booster, class T = float>
struct Launch : detail::Pair<MultiHead<T, InputShape, true, Trunk, Head<"light", Light>, Head<"booster", Booster>>,
                             Solo<InputShape, Trunk, Head<"light", Light>, T>,
                             Solo<InputShape, Trunk, Head<"booster", Booster>, T>, Light> {
  using unshared = LaunchUnshared<InputShape, Trunk, Light, Booster, T>;  ///< the same two nets with nothing shared
  using Launch::Pair::Pair;
};

/// The same two nets with nothing shared, each with a trunk of its own: the paper's "no sharing". Both start from the
/// values they have alone.
template <class InputShape, class Trunk, class Light, class Booster, class T>
struct LaunchUnshared
    : detail::Pair<
          MultiHead<T, InputShape, false, Sequential<>,
                    Head<"light", Sequential<detail::Placed<"trunk", Trunk>, detail::Placed<"light", Light>>>,
                    Head<"booster", Sequential<detail::Placed<"trunk", Trunk>, detail::Placed<"booster", Booster>>>>,
          Solo<InputShape, Trunk, Head<"light", Light>, T>, Solo<InputShape, Trunk, Head<"booster", Booster>, T>,
          Light> {
  static_assert(LaunchUnshared::NetTables::count == 0,
                "rocket: LaunchUnshared: a net of Fields has one set of tables, which light and booster share");
  using LaunchUnshared::Pair::Pair;
};

}  // namespace rocket
