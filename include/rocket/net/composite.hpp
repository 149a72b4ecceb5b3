#pragma once
#include "rocket/net/node.hpp"

namespace rocket {

/// A layer that is made of others, which ones depending on the shape of its input, such as a residual block with a
/// projection where the channel count changes:
///
///     template <int Channels>
///     struct Block {
///       static constexpr std::string_view name = "Block";
///       static constexpr Shape output(Shape in);
///       template <Shape In>
///       using layers = std::conditional_t<In.channels() == Channels, Residual<...>, Residual<..., Projection>>;
///     };
template <class Layer, Shape In>
concept Composite = requires {
  typename Layer::template layers<In>;
};

namespace detail {

template <class L, Shape In>
requires Composite<L, In>
struct Node<L, In> : Node<typename L::template layers<In>, In> {
};

}  // namespace detail
}  // namespace rocket
