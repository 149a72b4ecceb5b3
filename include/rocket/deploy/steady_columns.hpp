/// \file
/// Which numbers on the way through a net are the same for all candidates of a request, given which numbers of its
/// input are: an analysis of the layers' types, made while the program is compiled.
#pragma once
#include <algorithm>
#include <array>
#include <cstddef>

#include "rocket/layers/slice.hpp"
#include "rocket/net/concat.hpp"
#include "rocket/net/named.hpp"
#include "rocket/net/part.hpp"
#include "rocket/net/sequential.hpp"

namespace rocket::detail {

/// One entry a number of a sample: whether all candidates have the same there.
template <int Numbers>
using Steady = std::array<bool, static_cast<std::size_t>(Numbers)>;

/// Neighbours in a row of numbers: [begin, end).
struct Columns {
  int begin = 0, end = 0;
};

/// What a layer makes of them. Where nothing is known of it: all of its outputs are the same if all of its inputs are.
template <class Layer, Shape In>
struct SteadyBehind {
  static constexpr auto of(const Steady<In.size()>& in) {
    Steady<Node<Layer, In>::output.size()> out{};
    out.fill(std::find(in.begin(), in.end(), false) == in.end());
    return out;
  }
};
template <int Begin, int... Extents, Shape In>
struct SteadyBehind<Slice<Begin, Extents...>, In> {
  static constexpr auto of(const Steady<In.size()>& in) {
    Steady<(Extents * ...)> out{};
    std::copy_n(in.begin() + Begin, out.size(), out.begin());
    return out;
  }
};
template <Shape In>
struct SteadyBehind<Sequential<>, In> {
  static constexpr auto of(const Steady<In.size()>& in) { return in; }
};
template <class First, class... Rest, Shape In>
struct SteadyBehind<Sequential<First, Rest...>, In> {
  static constexpr auto of(const Steady<In.size()>& in) {
    return SteadyBehind<Sequential<Rest...>, First::output(In)>::of(SteadyBehind<First, In>::of(in));
  }
};
template <FixedString Word, class... Layers, Shape In>
struct SteadyBehind<Part<Word, Layers...>, In> : SteadyBehind<Sequential<Layers...>, In> {};
template <FixedString Name, class... Layers, Shape In>
struct SteadyBehind<Named<Name, Layers...>, In> : SteadyBehind<Sequential<Layers...>, In> {};
template <class... Branches, Shape In>
struct SteadyBehind<Concat<Branches...>, In> {
  static constexpr auto of(const Steady<In.size()>& in) {
    Steady<Concat<Branches...>::output(In).size()> out{};
    auto next = out.begin();
    const auto append = [&](const auto& of_branch) { next = std::copy(of_branch.begin(), of_branch.end(), next); };
    (append(SteadyBehind<Branches, In>::of(in)), ...);
    return out;
  }
};

/// Whether a run of neighbours that all are `so` begins at i.
template <std::size_t N>
constexpr bool run_begins(const std::array<bool, N>& steady, bool so, std::size_t i) {
  return steady[i] == so && (i == 0 || steady[i - 1] != so);
}
template <std::size_t N>
constexpr std::size_t count_runs(const std::array<bool, N>& steady, bool so) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < N; ++i) count += run_begins(steady, so, i);
  return count;
}
/// All of them, in their order.
template <std::size_t Count, std::size_t N>
constexpr std::array<Columns, Count> runs(const std::array<bool, N>& steady, bool so) {
  std::array<Columns, Count> found{};
  std::size_t next = 0;
  for (std::size_t i = 0; i < N; ++i)
    if (run_begins(steady, so, i)) {
      std::size_t end = i;
      while (end < N && steady[end] == so) ++end;
      found[next++] = {static_cast<int>(i), static_cast<int>(end)};
    }
  return found;
}

template <class N>
struct LayersOfNode;
template <class L, Shape In>
struct LayersOfNode<Node<L, In>> {
  using type = L;
};
/// The layers that a node was made for.
template <class N>
using LayersOf = typename LayersOfNode<N>::type;

}  // namespace rocket::detail
