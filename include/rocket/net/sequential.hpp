#pragma once
#include <algorithm>
#include <array>
#include <utility>

#include "rocket/core/type_list.hpp"
#include "rocket/net/container.hpp"
#include "rocket/net/node.hpp"

namespace rocket {

/// Layers one after the other. The list is flat: a Sequential of any length is one template, not a chain of them.
template <class... Layers>
struct Sequential {
  static_assert((detail::LayerHasAShapeRule<Layers>::ok && ...));
  static constexpr std::string_view name = "Sequential";
  static constexpr Shape output(Shape in) { return shapes(in).back(); }
  /// The input shape of every layer, and behind the last one the output shape.
  static constexpr std::array<Shape, sizeof...(Layers) + 1> shapes(Shape in) {
    std::array<Shape, sizeof...(Layers) + 1> each{in};
    [[maybe_unused]] std::size_t i = 0;
    ((each[i + 1] = Layers::output(each[i]), ++i), ...);
    return each;
  }
};

namespace detail {

template <class List, bool sound>
struct RecomputedHasAKeptInput {
  static_assert(holds<sound, List>,
                "rocket: Recomputed: two in a row: what is computed again needs an input that was kept; make them one");
  static constexpr bool ok = true;
};

/// Activations: every layer writes a buffer of its own, unless it can work in place on the output of the layer before.
/// Buffers are numbered from the end: the last output lies where the caller says, the ones before it in buffers 0, 1
/// and so on. In training all of them live until backward, but for those that are Recomputed: they take turns in one
/// place, or are never written, where the layer behind reads its input through a view (Declared::is_view).
/// Otherwise, and for gradients, only two neighbours live at a time: even and odd numbers share two places.
template <class... Layers, Shape In>
struct Node<Sequential<Layers...>, In> : Container {
  static constexpr std::size_t size = sizeof...(Layers);

  static constexpr std::array<Shape, size + 1> shapes = Sequential<Layers...>::shapes(In);
  template <std::size_t I>
  using Child = Node<At<I, Layers...>, shapes[I]>;

 private:
  /// {property of child 0, property of child 1, ...}; a property is a lambda `<class Child>`.
  template <class R, class Property>
  static constexpr std::array<R, size> of_children(Property property) {
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
      return std::array<R, size>{property.template operator()<Child<I>>()...};
    }
    (std::make_index_sequence<size>{});
  }
  static constexpr auto child_leaves = of_children<int>([]<class C>() { return C::leaves; });
  static constexpr auto child_kept = of_children<Elements>([]<class C>() { return C::kept; });
  static constexpr auto child_scratch = of_children<Elements>([]<class C>() { return C::scratch; });
  static constexpr auto child_sides =
      of_children<std::span<const Shape>>([]<class C>() { return std::span<const Shape>{C::side_shapes}; });
  static constexpr auto child_side_room = of_children<Elements>([]<class C>() { return room_of(C::side_shapes); });
  static constexpr auto child_reads_output = of_children<bool>([]<class C>() { return C::reads_output; });
  static constexpr auto child_recomputed = of_children<bool>([]<class C>() { return C::recomputed; });
  static constexpr auto child_can_be_in_place = of_children<bool>([]<class C>() { return C::in_place; });

  static constexpr bool in_place_at(std::size_t i) {
    return i > 0 && child_can_be_in_place[i] && !child_reads_output[i - 1] && !child_recomputed[i - 1];
  }
  static constexpr auto child_is_view = of_children<bool>([]<class C>() { return C::recomputed && C::is_view; });
  static constexpr auto child_view_room = of_children<Elements>([]<class C>() { return C::view_room; });
  static constexpr auto child_reads_views = of_children<bool>([]<class C>() { return C::reads_views; });
  /// Output i is only looked at through a view, also by the layer's own backward.
  static constexpr bool viewed_at(std::size_t i) {
    return i + 1 < size && child_is_view[i] && !child_reads_output[i] && child_reads_views[i + 1];
  }
  static constexpr int given = -1, unwritten = -2;
  /// The buffer of every output: in training, where a gradient has its place even if the output itself is only viewed,
  /// and in inference, where a viewed output takes no place between those around it.
  static constexpr std::array<int, size> numbered(bool training) {
    std::array<int, size> b{};
    int next = 0;
    for (std::size_t i = size; i-- > 0;)
      b[i] = i + 1 == size ? given : !training && viewed_at(i) ? unwritten : in_place_at(i + 1) ? b[i + 1] : next++;
    return b;
  }
  static constexpr std::array<int, size> buffer = numbered(true), inference_buffer = numbered(false);
  /// The outputs that aren't kept until backward: the last one lies with the caller, whatever it is.
  static constexpr bool recomputed_at(std::size_t i) { return child_recomputed[i] && buffer[i] != given; }
  static constexpr bool recomputed_ones_stand_apart = [] {
    for (std::size_t i = 1; i < size; ++i)
      if (child_recomputed[i] && child_recomputed[i - 1]) return false;
    return true;
  }();
  static_assert(RecomputedHasAKeptInput<Sequential<Layers...>, recomputed_ones_stand_apart>::ok);
  /// Room a sample for the outputs that lie in buffers of one's own: all of them, or the largest of one parity.
  static constexpr Elements buffers_before(int count) {
    int numbers = 0;
    for (std::size_t i = 0; i < size; ++i)
      if (buffer[i] >= 0 && buffer[i] < count && !recomputed_at(i) && (i == 0 || buffer[i] != buffer[i - 1]))
        numbers += shapes[i + 1].size();
    return Elements::each_sample(numbers);
  }
  static constexpr Elements largest(int parity) {
    int numbers = 0;
    for (const auto& numbering : {buffer, inference_buffer})
      for (std::size_t i = 0; i < size; ++i)
        if (numbering[i] >= 0 && numbering[i] % 2 == parity) numbers = std::max(numbers, shapes[i + 1].size());
    return Elements::each_sample(numbers);
  }
  static constexpr Elements two_places = largest(0) + largest(1);
  static constexpr Elements recomputed_place = [] {
    Elements most;
    for (std::size_t i = 0; i < size; ++i)
      if (recomputed_at(i))
        most = larger(most, viewed_at(i) ? child_view_room[i] : Elements::each_sample(shapes[i + 1].size()));
    return most;
  }();
  static constexpr Elements all_buffers = buffers_before(static_cast<int>(size));

  /// Whether the gradient with respect to the input of child i is needed: by the caller, or by a layer before.
  static constexpr bool wants_input(std::size_t i, Wants w) {
    const auto trained = of_children<bool>([&]<class C>() { return C::trainable(w); });
    return w.input || std::find(trained.begin(), trained.begin() + static_cast<long>(i), true) !=
                          trained.begin() + static_cast<long>(i);
  }

  template <std::size_t I, class T>
  static Cursor<T> child(const Cursor<T>& at) {
    constexpr int leaves_before = sum(child_leaves, I);
    constexpr Elements kept_before = all_buffers + sum(child_kept, I);
    Cursor<T> inner = at.advanced(leaves_before, kept_before, two_places + recomputed_place, sum(child_side_room, I));
    if (I + 1 != size) inner.added_to_output = nullptr;
    if (I != 0) inner.added_to_gradient = nullptr;
    return inner;
  }
  /// One of the two places, or the caller's.
  template <int Buffer, class T>
  static T* shared_place(const Cursor<T>& at, T* last) {
    if constexpr (Buffer == given)
      return last;
    else
      return at.scratch + (Buffer % 2 == 0 ? 0 : largest(0).count(at.batch));
  }
  /// The place of the gradient with respect to output I.
  template <std::size_t I, class T>
  static T* gradient(const Cursor<T>& at, T* last) {
    return shared_place<buffer[I]>(at, last);
  }
  /// The input of child I in backward, given the list's input and output.
  template <std::size_t I, class T>
  static const T* input(const Cursor<T>& at, const T* x, const T* y) {
    if constexpr (I == 0)
      return x;
    else
      return activation<I - 1, training_mode>(at, const_cast<T*>(y));
  }
  /// Child I, when its forward is repeated.
  template <std::size_t I, class T>
  static Cursor<T> again(const Cursor<T>& at) {
    Cursor<T> repeated = child<I>(at);
    repeated.again = true;
    return repeated;
  }
  /// Output I once more, from an input that was kept.
  template <std::size_t I, class T>
  static void recompute(const Cursor<T>& at, const T* x, const T* y) {
    Child<I>::template forward<training_mode>(again<I>(at), input<I>(at, x, y),
                                              activation<I, training_mode>(at, const_cast<T*>(y)));
  }
  /// Where a view has its room.
  template <class T>
  static T* view_place(const Cursor<T>& at) {
    return at.scratch + two_places.count(at.batch);
  }
  /// The place of output I in forward.
  template <std::size_t I, Mode M, class T>
  static T* activation(const Cursor<T>& at, T* last) {
    if constexpr (M.training && recomputed_at(I))
      return view_place(at);
    else if constexpr (M.training && buffer[I] != given)
      return at.kept + buffers_before(buffer[I]).count(at.batch);
    else
      return shared_place<(M.training ? buffer : inference_buffer)[I]>(at, last);
  }

 public:
  static constexpr Shape output = shapes[size];
  static constexpr int leaves = sum(child_leaves);
  static constexpr int parameter_arrays = sum(of_children<int>([]<class C>() { return C::parameter_arrays; }));
  static constexpr int statistic_arrays = sum(of_children<int>([]<class C>() { return C::statistic_arrays; }));
  static constexpr long multiply_adds = sum(of_children<long>([]<class C>() { return C::multiply_adds; }));
  static constexpr Elements kept = all_buffers + sum(child_kept);
  static constexpr Elements scratch = [] {
    Elements n;
    for (const Elements s : child_scratch) n = larger(n, s);
    return two_places + recomputed_place + n;
  }();
  static constexpr auto side_shapes =
      joined<sum(of_children<std::size_t>([]<class C>() { return C::side_shapes.size(); }))>(child_sides);
  static constexpr bool reads_output = size > 0 && child_reads_output[size - 1];
  static constexpr bool recomputed = size == 1 && child_recomputed[0];  ///< a wrapper is what it wraps
  static constexpr bool is_view = [] {
    if constexpr (size == 1)
      return Child<0>::is_view;
    else
      return false;
  }();
  static constexpr Elements view_room = is_view ? child_view_room[0] : Elements{};
  /// Not where the first output is computed again: the view isn't there any more.
  static constexpr bool reads_views = size > 0 && child_reads_views[0] && !child_recomputed[0];
  static constexpr bool adds_to_output = [] {
    if constexpr (size > 0)
      return Child<size - 1>::adds_to_output;
    else
      return false;
  }();
  static constexpr bool adds_to_gradient = [] {
    if constexpr (size > 0)
      return Child<0>::adds_to_gradient;
    else
      return false;
  }();
  /// Whether all layers that have arrays have words for them, too, and some do.
  static constexpr bool all_named = [] {
    const auto arrays = of_children<int>([]<class C>() { return C::parameter_arrays + C::statistic_arrays; });
    const auto named = of_children<bool>([]<class C>() { return C::names_itself; });
    bool some = false;
    for (std::size_t i = 0; i < size; ++i) {
      if (arrays[i] > 0 && !named[i]) return false;
      some = some || named[i];
    }
    return some;
  }();
  static constexpr bool clobbers = [] {
    if constexpr (size == 0)
      return false;
    else
      return in_place_at(size - 1) || Child<size - 1>::clobbers;
  }();

  static constexpr bool trainable(Wants wants) {
    const auto each = of_children<bool>([&]<class C>() { return C::trainable(wants); });
    return std::find(each.begin(), each.end(), true) != each.end();
  }

  template <class Listing>
  static constexpr void list(Listing& listing, const Scope& scope) {
    for_each_index<size>([&](auto i) { list_child<Child<i>>(listing, scope, i); });
  }
  /// The same under a name or number of one's own, where a single layer needs no number.
  template <class Listing>
  static constexpr void list_alone(Listing& listing, const Scope& scope) {
    if constexpr (size == 1)
      Child<0>::list(listing, scope);
    else
      list(listing, scope);
  }

  template <Mode M, class T, class... View>
  static void forward(const Cursor<T>& at, const T* x, T* y, const View&... view) {
    if constexpr (size == 0) std::copy_n(x, static_cast<std::size_t>(at.batch) * In.size(), y);
    for_each_index<size>([&](auto i) {
      if constexpr (!viewed_at(i)) {
        T* out = activation<i, M>(at, y);
        const auto run = [&](const auto&... through) {
          Child<i>::template forward<M>(child<i>(at), x, out, through...);
        };
        if constexpr (i == 0)
          run(view...);
        else if constexpr (viewed_at(i - 1))
          run(Child<i - 1>::template view<M>(child<i - 1>(at), x, view_place(at)));
        else
          run();
        x = out;
      }
    });
  }
  template <Mode M, class T>
  static auto view(const Cursor<T>& at, const T* x, T* room) {
    return Child<0>::template view<M>(child<0>(at), x, room);
  }

  template <Wants W, class T, class... View>
  static void backward(const Cursor<T>& at, const T* x, const T* y, T* dy, T* dx, const View&... view) {
    if constexpr (size == 0 && W.input) std::copy_n(dy, static_cast<std::size_t>(at.batch) * In.size(), dx);
    for_each_index_backwards<size>([&](auto i) {
      constexpr Wants wants{wants_input(i, W), W.trains, W.named};
      if constexpr (wants.input || Child<i>::trainable(wants)) {
        const auto run = [&](const T* in, T* in_gradient, const auto&... through) {
          Child<i>::template backward<wants>(child<i>(at), in, activation<i, training_mode>(at, const_cast<T*>(y)),
                                             gradient<i>(at, dy), wants.input ? in_gradient : nullptr, through...);
        };
        if constexpr (i == 0) {
          run(x, dx, view...);
        } else if constexpr (viewed_at(i - 1)) {
          const T* viewed = input<i - 1>(at, x, y);
          run(viewed, gradient<i - 1>(at, dy),
              Child<i - 1>::template view<training_mode>(again<i - 1>(at), viewed, view_place(at)));
        } else {
          if constexpr (recomputed_at(i - 1)) recompute<i - 1>(at, x, y);
          run(input<i>(at, x, y), gradient<i - 1>(at, dy));
        }
      }
    });
  }

  template <Stored How, class T>
  static void prepare(const Cursor<T>& at, T* prepared) {
    for_each_index<size>([&](auto i) { Child<i>::template prepare<How>(child<i>(at), prepared); });
  }
  template <class T, class Graph, class Value>
  static Value describe(const Cursor<T>& at, Graph& graph, Value x) {
    for_each_index<size>([&](auto i) { x = Child<i>::describe(child<i>(at), graph, x); });
    return x;
  }
  template <class T>
  static void absorb(const Cursor<T>& at, T* statistics) {
    for_each_index<size>([&](auto i) { Child<i>::absorb(child<i>(at), statistics); });
  }
};

}  // namespace detail
}  // namespace rocket
