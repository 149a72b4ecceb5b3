#pragma once
#include "rocket/net/sequential.hpp"

namespace rocket {

/// Layers under a word instead of a number in the names of their parameters: `Part<"conv0", Conv2d<...>>` makes
/// "conv0.weight". It is for readers; unlike Named it shares nothing. An empty word adds no level: the layers inside
/// stand in the names as if they stood outside.
template <FixedString Word, class... Layers>
struct Part {
  static constexpr std::string_view name = Word.view();  ///< a part of its parameters' names
  static constexpr Shape output(Shape in) { return Sequential<Layers...>::output(in); }
};

namespace detail {

template <FixedString Word, class... Layers, Shape In>
struct Node<Part<Word, Layers...>, In> : Node<Sequential<Layers...>, In> {
  static constexpr bool names_itself = true;

  template <class Listing>
  static constexpr void list(Listing& listing, const Scope& scope) {
    Node<Sequential<Layers...>, In>::list_alone(listing, Word.view().empty() ? scope : scope / Word.view());
  }
};

}  // namespace detail
}  // namespace rocket
