#pragma once
#include <algorithm>

#include "rocket/core/check.hpp"
#include "rocket/kernels/add.hpp"
#include "rocket/net/container.hpp"
#include "rocket/net/sequential.hpp"

namespace rocket {

/// y = Body(x) + Shortcut(x); the shortcut is the identity unless it says otherwise (He et al. 2016).
template <class Body, class Shortcut = Sequential<>>
struct Residual {
  static constexpr std::string_view name = "Residual";
  static constexpr Shape output(Shape in) { return Body::output(in); }
};

namespace detail {

template <class Layer, class ExpectedShape, class GotShape>
struct ResidualEndsInOneShape {
  static_assert(holds<agree<ExpectedShape, GotShape>, Layer, ExpectedShape, GotShape>,
                "rocket: Residual: the shortcut must end in the shape the body ends in");
  static constexpr bool ok = true;
};

template <class BodyLayer, class ShortcutLayer, Shape In>
struct Node<Residual<BodyLayer, ShortcutLayer>, In> : Container {
 private:
  using Body = Node<BodyLayer, In>;
  using Shortcut = Node<ShortcutLayer, In>;
  static_assert(
      ResidualEndsInOneShape<Residual<BodyLayer, ShortcutLayer>, Expected<Body::output>, Got<Shortcut::output>>::ok);
  static constexpr bool identity = std::is_same_v<ShortcutLayer, Sequential<>>;

 public:
  static constexpr Shape output = Body::output;

 private:
  static constexpr Elements none{};
  static constexpr Elements in_size = Elements::each_sample(In.size());
  static constexpr Elements out_size = Elements::each_sample(output.size());
  /// The sum overwrites the body's output, so a body whose backward reads it writes to a place that is kept.
  static constexpr Elements body_output = Body::reads_output ? out_size : none;
  /// The shortcut's output is kept if its backward reads it, else it lives in scratch until it is added.
  static constexpr Elements kept_shortcut_output = Shortcut::reads_output ? out_size : none;
  /// In backward: the shortcut's input gradient, and the output gradient if its first user would spoil it for the
  /// second: the body for the sum, or the shortcut for the body.
  static constexpr Elements shortcut_gradient = identity ? none : in_size;
  static constexpr bool saves_gradient = identity ? Body::clobbers : Shortcut::clobbers;
  static constexpr Elements saved_gradient = saves_gradient ? out_size : none;
  static constexpr Elements own_scratch = larger(identity ? none : out_size, shortcut_gradient + saved_gradient);

  template <class T>
  static Cursor<T> body(const Cursor<T>& at) {
    return at.advanced(0, body_output + kept_shortcut_output, own_scratch, {});
  }
  template <class T>
  static Cursor<T> shortcut(const Cursor<T>& at) {
    return at.advanced(Body::leaves, body_output + kept_shortcut_output + Body::kept, own_scratch,
                       room_of(Body::side_shapes));
  }
  template <Mode M, class T>
  static T* body_result(const Cursor<T>& at, T* y) {
    if constexpr (M.training && Body::reads_output)
      return at.kept;
    else
      return y;
  }
  template <Mode M, class T>
  static T* shortcut_result(const Cursor<T>& at) {
    if constexpr (M.training && Shortcut::reads_output)
      return at.kept + body_output.count(at.batch);
    else
      return at.scratch;
  }
  /// Whether the body adds the shortcut to its output by itself, and the shortcut's gradient to that of its input.
  static constexpr bool body_adds_output = Body::adds_to_output && !Body::reads_output;
  static constexpr bool body_adds_gradient = Body::adds_to_gradient;
  template <class T>
  static void add(const Cursor<T>& at, Shape shape, const T* a, const T* b, T* sum) {
    kernels::add(at.batch, shape.size(), at.context->threads, a, b, sum);
  }

 public:
  static constexpr int leaves = Body::leaves + Shortcut::leaves;
  static constexpr int parameter_arrays = Body::parameter_arrays + Shortcut::parameter_arrays;
  static constexpr int statistic_arrays = Body::statistic_arrays + Shortcut::statistic_arrays;
  static constexpr long multiply_adds = Body::multiply_adds + Shortcut::multiply_adds;
  static constexpr Elements kept = body_output + kept_shortcut_output + Body::kept + Shortcut::kept;
  static constexpr Elements scratch = own_scratch + larger(Body::scratch, Shortcut::scratch);
  static constexpr auto side_shapes = joined<Body::side_shapes.size() + Shortcut::side_shapes.size()>(
      std::array<std::span<const Shape>, 2>{Body::side_shapes, Shortcut::side_shapes});
  static constexpr bool clobbers = !identity && Body::clobbers;

  static constexpr bool trainable(Wants wants) { return Body::trainable(wants) || Shortcut::trainable(wants); }

  template <class Listing>
  static constexpr void list(Listing& listing, const Scope& scope) {
    Body::list(listing, scope);
    Shortcut::list(listing, scope / std::string_view{"shortcut"});
  }

  template <Mode M, class T>
  static void forward(const Cursor<T>& at, const T* x, T* y) {
    const T* added = x;
    if constexpr (!identity) {
      T* other = shortcut_result<M>(at);
      Shortcut::template forward<M>(shortcut(at), x, other);
      added = other;
    }
    Cursor<T> inside = body(at);
    if constexpr (body_adds_output) inside.added_to_output = added;
    T* result = body_result<M>(at, y);
    Body::template forward<M>(inside, x, result);
    if constexpr (!body_adds_output) add(at, output, result, added, y);
  }

  template <Wants W, class T>
  static void backward(const Cursor<T>& at, const T* x, const T* y, T* dy, T* dx) {
    T* first_gradient = dy;
    if constexpr (saves_gradient) {
      first_gradient = at.scratch + shortcut_gradient.count(at.batch);
      std::copy_n(dy, static_cast<std::size_t>(at.batch) * output.size(), first_gradient);
    }
    const T* added = dy;
    if constexpr (!identity) {
      T* other = W.input ? at.scratch : nullptr;
      if constexpr (W.input || Shortcut::trainable(W))
        Shortcut::template backward<W>(shortcut(at), x, shortcut_result<training_mode>(at), first_gradient, other);
      added = other;
    }
    Cursor<T> inside = body(at);
    if constexpr (W.input && body_adds_gradient) inside.added_to_gradient = added;
    if constexpr (W.input || Body::trainable(W))
      Body::template backward<W>(inside, x, body_result<training_mode>(at, const_cast<T*>(y)),
                                 identity ? first_gradient : dy, dx);
    if constexpr (W.input && !body_adds_gradient) add(at, In, dx, added, dx);
  }

  template <Stored How, class T>
  static void prepare(const Cursor<T>& at, T* prepared) {
    Body::template prepare<How>(body(at), prepared);
    Shortcut::template prepare<How>(shortcut(at), prepared);
  }
  template <class T, class Graph, class Value>
  static Value describe(const Cursor<T>& at, Graph& graph, Value x) {
    const Value y = Body::describe(body(at), graph, x);
    return graph.add(y, Shortcut::describe(shortcut(at), graph, x));
  }
  template <class T>
  static void absorb(const Cursor<T>& at, T* statistics) {
    Body::absorb(body(at), statistics);
    Shortcut::absorb(shortcut(at), statistics);
  }
};

}  // namespace detail
}  // namespace rocket
