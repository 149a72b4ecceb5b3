#pragma once
#include "rocket/net/sequential.hpp"

namespace rocket {

/// Layers under a name. Two nets of one launch that use the same name share the parameters under it, and run
/// separately: in `Named<"group0", Repeat<6, Block>>` and `Named<"group0", Repeat<2, Block>>` the first two blocks.
/// What is private to its net (BatchNorm) isn't shared. One net that uses a name twice uses the same numbers twice: its
/// weights are tied. A name inside a name is only a part of the parameters' names.
template <FixedString Name, class... Layers>
struct Named {
  static constexpr std::string_view name = Name.view();  ///< the first part of its parameters' names
  static constexpr Shape output(Shape in) { return Sequential<Layers...>::output(in); }
};

namespace detail {

template <FixedString Name, class... Layers, Shape In>
struct Node<Named<Name, Layers...>, In> : Node<Sequential<Layers...>, In> {
  using Inner = Node<Sequential<Layers...>, In>;

  static constexpr bool names_itself = true;
  static constexpr Wants inside(Wants wants) { return {wants.input, wants.trains, true}; }
  static constexpr bool trainable(Wants wants) { return Inner::trainable(inside(wants)); }

  template <class Listing>
  static constexpr void list(Listing& listing, const Scope& scope) {
    Inner::list_alone(listing, scope.inside(Name.view(), ++listing.namings));
  }
  template <Wants W, class T, class... View>
  static void backward(const Cursor<T>& at, const T* x, const T* y, T* dy, T* dx, const View&... view) {
    Inner::template backward<inside(W)>(at, x, y, dy, dx, view...);
  }
};

}  // namespace detail
}  // namespace rocket
