#pragma once
#include "rocket/net/sequential.hpp"

namespace rocket {

/// Layers whose output isn't kept from forward to backward: the list around computes it again when the layer behind
/// asks for it. Memory for time (Chen, Xu, Zhang, Guestrin 2016: "Training deep nets with sublinear memory cost"), and
/// the same bits, given the same names. Worth it where the output is large and cheap: `Recomputed<BatchNorm<>, Relu>`.
///
/// Also known as gradient checkpointing, or activation checkpointing. As the last of a list of several it has no
/// effect: there the output lies with the caller. Around a single layer, or layers that are called by words (Part), it
/// adds no number to the names of their parameters.
template <class... Layers>
struct Recomputed {
  static constexpr std::string_view name = "Recomputed";
  static constexpr Shape output(Shape in) { return Sequential<Layers...>::output(in); }
};

namespace detail {

template <class... Layers, Shape In>
struct Node<Recomputed<Layers...>, In> : Node<Sequential<Layers...>, In> {
  using List = Node<Sequential<Layers...>, In>;
  static constexpr bool names_itself = List::all_named;
  static constexpr bool recomputed = true;

  template <class Listing>
  static constexpr void list(Listing& listing, const Scope& scope) {
    List::list_alone(listing, scope);
  }
};

}  // namespace detail
}  // namespace rocket
