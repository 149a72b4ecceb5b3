#pragma once
#include "rocket/net/container.hpp"
#include "rocket/net/sequential.hpp"

namespace rocket {

/// The layers Count times over, each time with parameters of their own. A loop at run time: the layers are compiled
/// once for every distinct input shape among the copies, so depth costs neither compile time nor code.
template <int Count, class... Layers>
struct Repeat {
  static_assert(detail::holds<(Count >= 1), Repeat>, "rocket: Repeat: the count must be positive");
  static constexpr std::string_view name = "Repeat";
  static constexpr Shape output(Shape in) {
    for (int k = 0; k < Count; ++k) in = Sequential<Layers...>::output(in);
    return in;
  }
};

namespace detail {

/// Copies with the same input shape form a segment; its parameters and kept numbers lie one copy behind the other.
template <int Count, class... Layers, Shape In>
struct Node<Repeat<Count, Layers...>, In> : Container {
 private:
  using Body = Sequential<Layers...>;
  struct Segment {
    Shape in;
    int start = 0;
    int count = 0;
  };
  struct Segments {
    std::array<Segment, Count> each{};
    std::size_t count = 0;
  };
  static constexpr Segments found = [] {
    Segments s;
    Shape in = In;
    for (int k = 0; k < Count; ++k, in = Body::output(in)) {
      if (s.count == 0 || !(s.each[s.count - 1].in == in)) s.each[s.count++] = {in, k, 0};
      ++s.each[s.count - 1].count;
    }
    return s;
  }();
  static constexpr std::size_t size = found.count;
  template <std::size_t S>
  using Copy = Node<Body, found.each[S].in>;

  /// property of segment 0, 1, ...; a property is a lambda `<class Copy>(Segment)`.
  template <class Property>
  static constexpr auto of_segments(Property property) {
    return [&]<std::size_t... S>(std::index_sequence<S...>) {
      return std::array{property.template operator()<Copy<S>>(found.each[S])...};
    }
    (std::make_index_sequence<size>{});
  }
  /// What one copy needs until backward: its output (the very last one lies with the caller) and its own numbers.
  template <class C>
  static constexpr Elements kept_each = Elements::each_sample(C::output.size()) + C::kept;
  static constexpr auto segment_leaves = of_segments([]<class C>(Segment) { return C::leaves; });
  static constexpr auto segment_kept = of_segments([]<class C>(Segment s) {
    const Elements all = s.count * kept_each<C>;
    return s.start + s.count == Count
               ? Elements{all.per_sample - static_cast<std::size_t>(C::output.size()), all.per_chunk, all.fixed}
               : all;
  });
  static constexpr auto segment_side_room =
      of_segments([]<class C>(Segment s) { return s.count * room_of(C::side_shapes); });
  /// Outside of training, and for gradients, even and odd outputs share two places.
  static constexpr Elements place = [] {
    int numbers = 0;
    for (const int n : of_segments([]<class C>(Segment) { return C::output.size(); }))
      numbers = n > numbers ? n : numbers;
    return Elements::each_sample(numbers);
  }();
  static constexpr Elements two_places = (Count > 2 ? 2 : Count - 1) * place;

  template <std::size_t S, class T>
  static Cursor<T> copy(const Cursor<T>& at, int k) {
    Cursor<T> inner = at.advanced(sum(segment_leaves, S), sum(segment_kept, S), two_places, sum(segment_side_room, S));
    inner.copy = at.copy * found.each[S].count + k;
    return inner.advanced(0, k * kept_each<Copy<S>>, {}, k * room_of(Copy<S>::side_shapes));
  }
  template <class T>
  static T* shared_place(const Cursor<T>& at, int global, T* last) {
    if (global == Count - 1) return last;
    return at.scratch + (global % 2 == 0 ? 0 : place.count(at.batch));
  }
  /// The output of copy k of segment S; in training it lies behind what that copy keeps.
  template <std::size_t S, Mode M, class T>
  static T* activation(const Cursor<T>& at, int k, T* last) {
    if constexpr (M.training)
      if (found.each[S].start + k != Count - 1) return copy<S>(at, k).kept + Copy<S>::kept.count(at.batch);
    return shared_place(at, found.each[S].start + k, last);
  }
  /// The input of copy k of segment S.
  template <std::size_t S, Mode M, class T>
  static const T* input(const Cursor<T>& at, int k, const T* x) {
    if (k > 0) return activation<S, M>(at, k - 1, static_cast<T*>(nullptr));
    if constexpr (S > 0) return activation<S - 1, M>(at, found.each[S - 1].count - 1, static_cast<T*>(nullptr));
    return x;
  }

 public:
  static constexpr Shape output = Repeat<Count, Layers...>::output(In);
  static constexpr int leaves = sum(segment_leaves);
  static constexpr int parameter_arrays = sum(of_segments([]<class C>(Segment) { return C::parameter_arrays; }));
  static constexpr int statistic_arrays = sum(of_segments([]<class C>(Segment) { return C::statistic_arrays; }));
  static constexpr long multiply_adds = sum(of_segments([]<class C>(Segment s) { return s.count * C::multiply_adds; }));
  static constexpr Elements kept = sum(segment_kept);
  static constexpr Elements scratch = [] {
    Elements most;
    for (const Elements s : of_segments([]<class C>(Segment) { return C::scratch; })) most = larger(most, s);
    return two_places + most;
  }();
  static constexpr auto side_shapes = [] {
    std::array<std::span<const Shape>, Count> of_copies;
    std::size_t next = 0;
    for_each_index<size>([&](auto s) {
      for (int k = 0; k < found.each[s].count; ++k) of_copies[next++] = Copy<s>::side_shapes;
    });
    return joined<sum(of_segments(
        []<class C>(Segment s) { return static_cast<std::size_t>(s.count) * C::side_shapes.size(); }))>(of_copies);
  }();
  static constexpr bool reads_output = Copy<size - 1>::reads_output;
  static constexpr bool clobbers = Copy<size - 1>::clobbers;

  static constexpr bool trainable(Wants wants) { return Copy<0>::trainable(wants); }

  template <class Listing>
  static constexpr void list(Listing& listing, const Scope& scope) {
    for_each_index<size>(
        [&](auto s) { Copy<s>::list_alone(listing, scope.repeated(found.each[s].start, found.each[s].count)); });
  }

  template <Mode M, class T>
  static void forward(const Cursor<T>& at, const T* x, T* y) {
    for_each_index<size>([&](auto s) {
      for (int k = 0; k < found.each[s].count; ++k) {
        T* out = activation<s, M>(at, k, y);
        Copy<s>::template forward<M>(copy<s>(at, k), x, out);
        x = out;
      }
    });
  }

  template <Wants W, class T>
  static void backward(const Cursor<T>& at, const T* x, const T* y, T* dy, T* dx) {
    constexpr Wants with_input{W.input || trainable(W), W.trains, W.named};
    for_each_index_backwards<size>([&](auto s) {
      for (int k = found.each[s].count; k-- > 0;) {
        const int global = found.each[s].start + k;
        const Cursor<T> here = copy<s>(at, k);
        const T* in = input<s, training_mode>(at, k, x);
        const T* out = activation<s, training_mode>(at, k, const_cast<T*>(y));
        T* out_gradient = shared_place(at, global, dy);
        if (global > 0)
          Copy<s>::template backward<with_input>(here, in, out, out_gradient, shared_place(at, global - 1, dy));
        else if constexpr (s == 0)
          Copy<s>::template backward<W>(here, in, out, out_gradient, dx);
      }
    });
  }

  template <Stored How, class T>
  static void prepare(const Cursor<T>& at, T* prepared) {
    for_each_index<size>([&](auto s) {
      for (int k = 0; k < found.each[s].count; ++k) Copy<s>::template prepare<How>(copy<s>(at, k), prepared);
    });
  }
  template <class T, class Graph, class Value>
  static Value describe(const Cursor<T>& at, Graph& graph, Value x) {
    for_each_index<size>([&](auto s) {
      for (int k = 0; k < found.each[s].count; ++k) x = Copy<s>::describe(copy<s>(at, k), graph, x);
    });
    return x;
  }
  template <class T>
  static void absorb(const Cursor<T>& at, T* statistics) {
    for_each_index<size>([&](auto s) {
      for (int k = 0; k < found.each[s].count; ++k) Copy<s>::absorb(copy<s>(at, k), statistics);
    });
  }
};

}  // namespace detail
}  // namespace rocket
