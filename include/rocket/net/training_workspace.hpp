#pragma once
#include <array>
#include <cstddef>
#include <span>

#include "rocket/kernels/add.hpp"
#include "rocket/net/places.hpp"

namespace rocket {

/// A way back through one head: whose logits, which parameters it trains, and whether it goes on into the trunk. What a
/// gradient may not touch is an edge that isn't in the list.
struct Edge {
  std::size_t head = 0;                ///< where it starts: at the logits of this head
  Trains trains = Trains::everything;  ///< which of the head's parameters get gradients
  bool reaches_trunk = true;           ///< whether it goes on through the trunk
  bool sides = false;                  ///< whether it starts at the side outputs on the way to the logits, too
};

/// Memory for training steps of a net along the given edges, allocated once. What no edge needs has no place here.
template <class Net, Edge... Edges>
class TrainingWorkspace {
  using Parts = detail::Anatomy<Net>;
  static constexpr std::array<Edge, sizeof...(Edges)> edges{Edges...};
  static_assert((0 + ... + (Edges.sides ? 1 : 0)) <= 1,
                "rocket: TrainingWorkspace: one edge at most may start at side outputs");

 public:
  using T = typename Net::Scalar;         ///< the number it holds
  using Feature = typename Net::Feature;  ///< what it reads

  /// Bytes for batches of up to `capacity` samples.
  static constexpr std::size_t bytes(int capacity) { return total.count(capacity) * sizeof(T); }

  /// Room for batches of up to `capacity` samples. Throws ValueError below 1.
  explicit TrainingWorkspace(int capacity)
      : capacity_{detail::checked_capacity(capacity)}, memory_(total.count(capacity)) {}
  /// Moves, but isn't copied: it holds places in its own memory.
  TrainingWorkspace(TrainingWorkspace&&) noexcept = default;
  TrainingWorkspace& operator=(TrainingWorkspace&&) noexcept = default;

  /// The largest batch.
  int capacity() const { return capacity_; }

  /// All heads in training mode on `batch` samples, batch x Net::record features at `x`. x and what `context` refers to
  /// (samples, workers, times) must live until backward, so with the workers of in_parallel both stand in its region.
  /// Throws ValueError beyond the capacity, and where a record means a row that its table doesn't have.
  void forward(const Net& net, const Feature* x, int batch, const Context& context) {
    detail::check_batch(batch, capacity_);
    place(batch);
    input_ = detail::looked_up(net, x, batch, context.threads, looked_up_, context.samples);
    context_ = context;
    if constexpr (Parts::has_trunk)
      Parts::Trunk::template forward<detail::training_mode>(trunk(net), input_, trunk_output_);
    detail::for_each_index<Net::heads>([&](auto h) {
      using Node = typename Parts::template HeadNode<h>;
      Node::template forward<detail::training_mode>(head<h>(net), head_input(), logits_[h]);
    });
  }

  /// The logits of head H after forward.
  template <std::size_t H>
  Rows<const T, Net::outputs[H]> logits() const {
    return {logits_[H]};
  }
  /// Where the gradient with respect to the logits of edge E's head belongs before backward, every number of it.
  template <std::size_t E>
  Rows<T, Net::outputs[edges[E].head]> logit_gradient() const {
    return {logit_gradients_[E]};
  }
  /// Side output K on the way to head H after forward, batch x Net::side_shapes<H>[K].
  template <std::size_t H, std::size_t K>
  Rows<const T, Net::template side_shapes<H>[K].size()> side_output() const {
    return {detail::side_place<Net, H, K, const T>(trunk_sides_, head_sides_[H], batch_)};
  }
  /// Where the gradient with respect to side output K on the way to edge E's head belongs before backward, every number
  /// of it; of the edge that has `sides`.
  template <std::size_t E, std::size_t K>
  Rows<T, Net::template side_shapes<edges[E].head>[K].size()> side_gradient() const {
    static_assert(edges[E].sides, "rocket: TrainingWorkspace: this edge doesn't start at side outputs");
    return {detail::side_place<Net, edges[E].head, K, T>(trunk_side_gradient_, head_side_gradient_, batch_)};
  }

  /// Adds the gradients of all edges to `gradients`, laid out as the parameter vector. Spoils the logit gradients. For
  /// a net with tables, the gradient with respect to what the trunk reads is there afterwards.
  void backward(const Net& net, std::span<T> gradients) {
    bool first = true;
    detail::for_each_index<sizeof...(Edges)>([&](auto e) {
      constexpr Edge edge = edges[e];
      constexpr detail::Wants wants{edge.reaches_trunk && trunk_is_trained, edge.trains};
      using Node = typename Parts::template HeadNode<edge.head>;
      detail::Cursor<T> at = head<edge.head>(net);
      at.gradients = gradients.data();
      if constexpr (edge.sides) at.side_gradient = head_side_gradient_;
      T* into = !wants.input ? nullptr : first ? trunk_gradient_ : added_gradient_;
      if constexpr (wants.input || Node::trainable(wants))
        Node::template backward<wants>(at, head_input(), logits_[edge.head], logit_gradients_[e], into);
      if constexpr (wants.input) {
        if (!first)
          kernels::add(batch_, Parts::Trunk::output.size(), context_.threads, trunk_gradient_, added_gradient_,
                       trunk_gradient_);
        first = false;
      }
    });
    if constexpr (edges_into_trunk > 0) {
      detail::Cursor<T> at = trunk(net);
      at.gradients = gradients.data();
      if constexpr ((... || (Edges.sides && Edges.reaches_trunk))) at.side_gradient = trunk_side_gradient_;
      if constexpr (Parts::has_trunk)
        Parts::Trunk::template backward<detail::Wants{has_tables}>(at, input_, trunk_output_, trunk_gradient_,
                                                                   input_gradient_);
    }
  }
  /// With respect to what the trunk reads, batch x Net::input, after backward; of a net with tables.
  Rows<const T, Net::input.size()> input_gradient() const {
    static_assert(has_tables, "rocket: TrainingWorkspace: only a net with tables has an input gradient");
    return {Parts::has_trunk ? input_gradient_ : trunk_gradient_};
  }

  /// Lets the net remember what its layers saw in the last forward (running statistics), unless they went by what it
  /// remembered.
  void absorb(Net& net) const {
    if (context_.normalise_by == NormaliseBy::running) return;
    T* statistics = net.statistic_vector().data();
    Parts::Trunk::absorb(trunk(net), statistics);
    detail::for_each_index<Net::heads>([&](auto h) { Parts::template HeadNode<h>::absorb(head<h>(net), statistics); });
  }

 private:
  static constexpr bool has_tables = Net::NetTables::count > 0;
  static constexpr bool trunk_is_trained = has_tables || Parts::Trunk::trainable(detail::Wants{});
  static constexpr int edges_into_trunk = trunk_is_trained ? (0 + ... + (Edges.reaches_trunk ? 1 : 0)) : 0;
  static constexpr Elements input_gradient_size =
      has_tables && Parts::has_trunk ? detail::looked_up_size<Net> : Elements{};
  static constexpr Elements gradient_size(int edges_needed) {
    return edges_into_trunk >= edges_needed ? Elements::each_sample(Parts::Trunk::output.size()) : Elements{};
  }
  /// Of the one edge that starts at side outputs, if there is one.
  static constexpr Elements trunk_side_gradient_size = (... || Edges.sides) ? Parts::trunk_sides : Elements{};
  static constexpr Elements head_side_gradient_size = [] {
    Elements size;
    detail::for_each_index<sizeof...(Edges)>([&](auto e) {
      if (edges[e].sides) size = Parts::template head_sides<edges[e].head>;
    });
    return size;
  }();
  static constexpr Elements total = [] {
    Elements sum = Parts::trunk_output + Parts::Trunk::kept + gradient_size(1) + gradient_size(2) + Parts::scratch;
    sum = sum + detail::looked_up_size<Net> + input_gradient_size;
    sum = sum + Parts::trunk_sides + trunk_side_gradient_size + head_side_gradient_size;
    detail::for_each_index<Net::heads>([&](auto h) {
      sum = sum + Parts::template logits<h> + Parts::template head_sides<h> + Parts::template HeadNode<h>::kept;
    });
    detail::for_each_index<sizeof...(Edges)>([&](auto e) { sum = sum + Parts::template logits<edges[e].head>; });
    return sum;
  }();

  /// Hands out the memory; the amounts are those of `total`, in any order.
  void place(int batch) {
    batch_ = batch;
    detail::Places<T> places{memory_.data(), batch};
    looked_up_ = places.take(detail::looked_up_size<Net>);
    input_gradient_ = places.take(input_gradient_size);
    trunk_output_ = places.take(Parts::trunk_output);
    trunk_kept_ = places.take(Parts::Trunk::kept);
    trunk_sides_ = places.take(Parts::trunk_sides);
    detail::for_each_index<Net::heads>([&](auto h) {
      logits_[h] = places.take(Parts::template logits<h>);
      head_sides_[h] = places.take(Parts::template head_sides<h>);
      head_kept_[h] = places.take(Parts::template HeadNode<h>::kept);
    });
    detail::for_each_index<sizeof...(Edges)>(
        [&](auto e) { logit_gradients_[e] = places.take(Parts::template logits<edges[e].head>); });
    trunk_gradient_ = places.take(gradient_size(1));
    added_gradient_ = places.take(gradient_size(2));
    trunk_side_gradient_ = places.take(trunk_side_gradient_size);
    head_side_gradient_ = places.take(head_side_gradient_size);
    scratch_ = places.take(Parts::scratch);
  }
  detail::Cursor<T> trunk(const Net& net) const {
    detail::Cursor<T> at = Parts::trunk(net, context_, batch_, trunk_kept_, scratch_);
    at.side = trunk_sides_;
    return at;
  }
  template <std::size_t H>
  detail::Cursor<T> head(const Net& net) const {
    detail::Cursor<T> at = Parts::template head<H>(net, context_, batch_, head_kept_[H], scratch_);
    at.side = head_sides_[H];
    return at;
  }
  const T* head_input() const { return Parts::has_trunk ? trunk_output_ : input_; }

  int capacity_;
  Buffer<T> memory_;
  Context context_{};
  T* looked_up_ = nullptr;
  T* input_gradient_ = nullptr;
  const T* input_ = nullptr;
  int batch_ = 0;
  T* trunk_output_ = nullptr;
  T* trunk_kept_ = nullptr;
  T* trunk_gradient_ = nullptr;
  T* added_gradient_ = nullptr;
  T* trunk_sides_ = nullptr;
  T* trunk_side_gradient_ = nullptr;
  T* head_side_gradient_ = nullptr;
  T* scratch_ = nullptr;
  std::array<T*, Net::heads> logits_{};
  std::array<T*, Net::heads> head_kept_{};
  std::array<T*, Net::heads> head_sides_{};
  std::array<T*, sizeof...(Edges)> logit_gradients_{};
};

}  // namespace rocket
