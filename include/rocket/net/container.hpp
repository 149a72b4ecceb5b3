#pragma once
#include "rocket/net/listing.hpp"

namespace rocket::detail {

/// What nodes declare besides their sizes, for containers of layers: none of it, unless one hides a member by its own.
struct Container {
  static constexpr bool reads_output = false, clobbers = false, in_place = false, recomputed = false;
  static constexpr bool names_itself = false;
  static constexpr bool adds_to_output = false, adds_to_gradient = false;
  static constexpr bool is_view = false, reads_views = false;
  static constexpr Elements view_room{};
};

/// Lists the child at a place under that number, or under the name that it has itself.
template <class Child, class Listing>
constexpr void list_child(Listing& listing, const Scope& scope, int place) {
  if constexpr (Child::names_itself)
    Child::list(listing, scope);
  else
    Child::list(listing, scope / place);
}

}  // namespace rocket::detail
