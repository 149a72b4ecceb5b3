#pragma once
#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "rocket/core/parallel.hpp"
#include "rocket/kernels/add.hpp"
#include "rocket/net/container.hpp"
#include "rocket/net/sequential.hpp"

namespace rocket {

/// Branches that read the same input, their outputs side by side in one flat row: a deep stack beside a Cross or a
/// FactorizationMachine. Sequential<> as a branch is the input itself.
///
///     Concat<Sequential<Dense<64>, Relu>, Cross<3>, Sequential<>>
template <class... Branches>
struct Concat {
  static_assert(sizeof...(Branches) >= 1, "rocket: Concat: at least one branch");
  static_assert((detail::LayerHasAShapeRule<Branches>::ok && ...));
  static constexpr std::string_view name = "Concat";
  static constexpr Shape output(Shape in) { return Shape{(0 + ... + Branches::output(in).size())}; }
};

namespace detail {

/// A branch writes its output to a place of its own, from where it is copied into its columns; backward its columns of
/// the gradient are copied out, and what it asks of the input is added to what those before it did.
template <class... Branches, Shape In>
struct Node<Concat<Branches...>, In> : Container {
 private:
  static constexpr std::size_t size = sizeof...(Branches);
  template <std::size_t I>
  using Child = Node<At<I, Branches...>, In>;
  template <class R, class Property>
  static constexpr std::array<R, size> of_children(Property property) {
    return {property.template operator()<Node<Branches, In>>()...};
  }
  static constexpr auto widths = of_children<int>([]<class C>() { return C::output.size(); });
  template <std::size_t I>
  static constexpr bool identity = std::is_same_v<At<I, Branches...>, Sequential<>>;
  /// Whether backward reads the output, so that it is kept.
  static constexpr auto keeps = of_children<bool>([]<class C>() { return C::reads_output; });
  static constexpr auto child_leaves = of_children<int>([]<class C>() { return C::leaves; });
  static constexpr auto child_kept = of_children<Elements>([]<class C>() { return C::kept; });
  static constexpr auto child_side_room = of_children<Elements>([]<class C>() { return room_of(C::side_shapes); });

  static constexpr int widest = *std::max_element(widths.begin(), widths.end());
  static constexpr Elements kept_output(std::size_t i) {
    return keeps[i] ? Elements::each_sample(widths[i]) : Elements{};
  }
  static constexpr Elements kept_outputs(std::size_t count) {
    Elements sum;
    for (std::size_t i = 0; i < count; ++i) sum = sum + kept_output(i);
    return sum;
  }
  /// Forward: an output that isn't kept. Backward: the columns of the gradient, and a branch's input gradient.
  static constexpr Elements columns_place = Elements::each_sample(widest);
  static constexpr Elements own_scratch = columns_place + Elements::each_sample(In.size());

  template <std::size_t I, class T>
  static Cursor<T> child(const Cursor<T>& at) {
    return at.advanced(sum(child_leaves, I), kept_outputs(size) + sum(child_kept, I), own_scratch,
                       sum(child_side_room, I));
  }
  template <std::size_t I, class T>
  static T* result(const Cursor<T>& at) {
    return keeps[I] && at.kept ? at.kept + kept_outputs(I).count(at.batch) : at.scratch;
  }
  /// copy(row i of the branch, its columns in row i of them all, how many)
  template <std::size_t I, class T, class Copy>
  static void each_row(const Cursor<T>& at, T* narrow, T* wide, const Copy& copy) {
    constexpr int width = widths[I], before = sum(widths, I);
    parallel_chunks(at.batch, at.context->threads, 0.25 * width * at.batch, [&](int, int begin, int end) {
      for (long i = begin; i < end; ++i) copy(narrow + i * width, wide + i * output.size() + before, width);
    });
  }

 public:
  static constexpr Shape output = Concat<Branches...>::output(In);
  static constexpr int leaves = sum(child_leaves);
  static constexpr int parameter_arrays = sum(of_children<int>([]<class C>() { return C::parameter_arrays; }));
  static constexpr int statistic_arrays = sum(of_children<int>([]<class C>() { return C::statistic_arrays; }));
  static constexpr long multiply_adds = sum(of_children<long>([]<class C>() { return C::multiply_adds; }));
  static constexpr Elements kept = kept_outputs(size) + sum(child_kept);
  static constexpr Elements scratch = [] {
    Elements most;
    for (const Elements s : of_children<Elements>([]<class C>() { return C::scratch; })) most = larger(most, s);
    return own_scratch + most;
  }();
  static constexpr auto side_shapes =
      joined<sum(of_children<std::size_t>([]<class C>() { return C::side_shapes.size(); }))>(
          of_children<std::span<const Shape>>([]<class C>() { return std::span<const Shape>{C::side_shapes}; }));

  static constexpr bool trainable(Wants wants) { return (... || Node<Branches, In>::trainable(wants)); }

  template <class Listing>
  static constexpr void list(Listing& listing, const Scope& scope) {
    for_each_index<size>([&](auto i) { list_child<Child<i>>(listing, scope, i); });
  }

  template <Mode M, class T>
  static void forward(const Cursor<T>& at, const T* x, T* y) {
    for_each_index<size>([&](auto i) {
      T* const branch = identity<i> ? const_cast<T*>(x) : result<i>(at);
      if constexpr (!identity<i>) Child<i>::template forward<M>(child<i>(at), x, branch);
      each_row<i>(at, branch, y, [](const T* from, T* to, int width) { std::copy_n(from, width, to); });
    });
  }

  template <Wants W, class T>
  static void backward(const Cursor<T>& at, const T* x, const T* /*y*/, T* dy, T* dx) {
    bool first = true;
    for_each_index<size>([&](auto i) {
      using C = Child<i>;
      if constexpr (W.input || C::trainable(W)) {
        T* const columns = identity<i> && first ? dx : at.scratch;
        each_row<i>(at, columns, dy, [](T* to, const T* from, int width) { std::copy_n(from, width, to); });
        T* into = columns;
        if constexpr (!identity<i>) {
          into = !W.input ? nullptr : first ? dx : at.scratch + columns_place.count(at.batch);
          C::template backward<W>(child<i>(at), x, result_after_forward<i>(at), columns, into);
        }
        if (W.input && !first) kernels::add(at.batch, In.size(), at.context->threads, dx, into, dx);
        first = false;
      }
    });
  }

  template <Stored How, class T>
  static void prepare(const Cursor<T>& at, T* prepared) {
    for_each_index<size>([&](auto i) { Child<i>::template prepare<How>(child<i>(at), prepared); });
  }
  template <class T, class Graph, class Value>
  static Value describe(const Cursor<T>& at, Graph& graph, Value x) {
    std::vector<Value> branches;
    for_each_index<size>([&](auto i) { branches.push_back(Child<i>::describe(child<i>(at), graph, x)); });
    return graph.concat(std::move(branches));
  }
  template <class T>
  static void absorb(const Cursor<T>& at, T* statistics) {
    for_each_index<size>([&](auto i) { Child<i>::absorb(child<i>(at), statistics); });
  }

 private:
  /// Where a kept output lies; nobody asks for one that isn't.
  template <std::size_t I, class T>
  static T* result_after_forward(const Cursor<T>& at) {
    if constexpr (keeps[I])
      return result<I>(at);
    else
      return nullptr;
  }
};

}  // namespace detail
}  // namespace rocket
