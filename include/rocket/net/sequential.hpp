#pragma once
#include <algorithm>
#include <array>
#include <utility>

#include "rocket/core/type_list.hpp"
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
/// Buffers are numbered from the end: the last output lies where the caller says, the ones before it in buffers 0, 1 and
/// so on. In training all of them live until backward, but for those that are Recomputed: they take turns in one place.
/// Otherwise, and for gradients, only two neighbours live at a time: even and odd numbers share two places.
template <class... Layers, Shape In>
struct Node<Sequential<Layers...>, In> {
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
  static constexpr int given = -1;
  /// The buffer of every output.
  static constexpr std::array<int, size> buffer = [] {
    std::array<int, size> b{};
    int next = 0;
    for (std::size_t i = size; i-- > 0;) b[i] = i + 1 == size ? given : in_place_at(i + 1) ? b[i + 1] : next++;
    return b;
  }();
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
    for (std::size_t i = 0; i < size; ++i)
      if (buffer[i] >= 0 && buffer[i] % 2 == parity) numbers = std::max(numbers, shapes[i + 1].size());
    return Elements::each_sample(numbers);
  }
  static constexpr Elements two_places = largest(0) + largest(1);
  static constexpr Elements recomputed_place = [] {
    int numbers = 0;
    for (std::size_t i = 0; i < size; ++i)
      if (recomputed_at(i)) numbers = std::max(numbers, shapes[i + 1].size());
    return Elements::each_sample(numbers);
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
    return at.advanced(leaves_before, kept_before, two_places + recomputed_place, sum(child_side_room, I));
  }
  /// The place of output I in one of the two places.
  template <std::size_t I, class T>
  static T* shared_place(const Cursor<T>& at, T* last) {
    if constexpr (buffer[I] == given)
      return last;
    else
      return at.scratch + (buffer[I] % 2 == 0 ? 0 : largest(0).count(at.batch));
  }
  /// Output I once more, from an input that was kept.
  template <std::size_t I, class T>
  static void recompute(const Cursor<T>& at, const T* x, const T* y) {
    Cursor<T> again = child<I>(at);
    again.again = true;
    if constexpr (I > 0) x = activation<I - 1, true>(at, const_cast<T*>(y));
    Child<I>::template forward<true>(again, x, activation<I, true>(at, const_cast<T*>(y)));
  }
  /// The place of output I in forward.
  template <std::size_t I, bool Training, class T>
  static T* activation(const Cursor<T>& at, T* last) {
    if constexpr (Training && recomputed_at(I))
      return at.scratch + two_places.count(at.batch);
    else if constexpr (Training && buffer[I] != given)
      return at.kept + buffers_before(buffer[I]).count(at.batch);
    else
      return shared_place<I>(at, last);
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
  static constexpr bool in_place = false;
  static constexpr bool names_itself = false;
  static constexpr bool recomputed = size == 1 && child_recomputed[0];  ///< a wrapper is what it wraps
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
    for_each_index<size>([&](auto i) {
      if constexpr (Child<i>::names_itself)
        Child<i>::list(listing, scope);
      else
        Child<i>::list(listing, scope / int{i});
    });
  }
  /// The same under a name or number of one's own, where a single layer needs no number.
  template <class Listing>
  static constexpr void list_alone(Listing& listing, const Scope& scope) {
    if constexpr (size == 1)
      Child<0>::list(listing, scope);
    else
      list(listing, scope);
  }

  template <bool Training, class T>
  static void forward(const Cursor<T>& at, const T* x, T* y) {
    if constexpr (size == 0) std::copy_n(x, static_cast<std::size_t>(at.batch) * In.size(), y);
    for_each_index<size>([&](auto i) {
      T* out = activation<i, Training>(at, y);
      Child<i>::template forward<Training>(child<i>(at), x, out);
      x = out;
    });
  }

  template <Wants W, class T>
  static void backward(const Cursor<T>& at, const T* x, const T* y, T* dy, T* dx) {
    if constexpr (size == 0 && W.input) std::copy_n(dy, static_cast<std::size_t>(at.batch) * In.size(), dx);
    for_each_index_backwards<size>([&](auto i) {
      constexpr Wants wants{wants_input(i, W), W.trains, W.named};
      if constexpr (wants.input || Child<i>::trainable(wants)) {
        const T* in = x;
        T* in_gradient = dx;
        if constexpr (i > 0) {
          in = activation<i - 1, true>(at, const_cast<T*>(y));
          if constexpr (recomputed_at(i - 1)) recompute<i - 1>(at, x, y);
          in_gradient = shared_place<i - 1>(at, dy);
        }
        Child<i>::template backward<wants>(child<i>(at), in, activation<i, true>(at, const_cast<T*>(y)),
                                           shared_place<i>(at, dy), wants.input ? in_gradient : nullptr);
      }
    });
  }

  template <class T>
  static void absorb(const Cursor<T>& at, T* statistics) {
    for_each_index<size>([&](auto i) { Child<i>::absorb(child<i>(at), statistics); });
  }
};

}  // namespace detail
}  // namespace rocket
