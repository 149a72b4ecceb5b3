#pragma once
#include <array>
#include <span>
#include <string>

#include "rocket/net/multi_head.hpp"

namespace rocket {

/// A way back through one head: whose logits, which parameters it trains, and whether it goes on into the trunk. What a
/// gradient may not touch is an edge that isn't in the list.
struct Edge {
  std::size_t head = 0;                ///< where it starts: at the logits of this head
  Trains trains = Trains::everything;  ///< which of the head's parameters get gradients
  bool reaches_trunk = true;           ///< whether it goes on through the trunk
};

namespace detail {

/// Memory handed out piece by piece: the same calls count it while compiling and place it at run time.
template <class T>
class Places {
 public:
  Places(T* memory, int batch) : next_{memory}, batch_{batch} {}
  T* take(Elements amount) {
    T* place = next_;
    next_ += amount.count(batch_);
    return place;
  }

 private:
  T* next_;
  int batch_;
};

inline void check_batch(int batch, int capacity) {
  if (batch < 1 || batch > capacity)
    throw ValueError("batch", "1 to " + std::to_string(capacity) + " samples (the workspace's capacity)",
                     std::to_string(batch));
}

/// A net that was moved from has no numbers left.
template <class Net>
void check_has_parameters(const Net& net) {
  if (net.parameter_vector().size() != Net::parameters)
    throw ValueError("net", "a net that was not moved from", "one without its parameters");
}

inline int checked_capacity(int capacity) {
  if (capacity < 1) throw ValueError("capacity", "at least 1 sample", std::to_string(capacity));
  return capacity;
}

}  // namespace detail

/// Memory for running a net without training it, allocated once. The net is const: many threads may run one net, each
/// with a workspace of its own.
template <class Net>
class InferenceWorkspace {
  using Parts = detail::Anatomy<Net>;

 public:
  using T = typename Net::Scalar;  ///< the number it holds

  /// Bytes for batches of up to `capacity` samples.
  static constexpr std::size_t bytes(int capacity) { return total.count(capacity) * sizeof(T); }

  /// Room for batches of up to `capacity` samples. Throws ValueError below 1.
  explicit InferenceWorkspace(int capacity)
      : capacity_{detail::checked_capacity(capacity)}, memory_(total.count(capacity)) {}
  /// Moves, but isn't copied: it holds places in its own memory.
  InferenceWorkspace(InferenceWorkspace&&) noexcept = default;
  InferenceWorkspace& operator=(InferenceWorkspace&&) noexcept = default;

  /// The largest batch.
  int capacity() const { return capacity_; }

  /// All heads on `batch` samples, batch x Net::input numbers at `x`. Throws ValueError beyond the capacity.
  void forward(const Net& net, const T* x, int batch, int threads = 1) {
    detail::check_batch(batch, capacity_);
    const Context context{threads, net.seed(), 0, {}};
    detail::Places<T> places{memory_.data(), batch};
    T* trunk_output = places.take(trunk_size);
    detail::for_each_index<Net::heads>([&](auto h) { logits_[h] = places.take(logit_size<h>); });
    T* scratch = places.take(Parts::scratch);
    if constexpr (Parts::has_trunk) {
      Parts::Trunk::template forward<false>(Parts::trunk(net, context, batch, nullptr, scratch), x, trunk_output);
      x = trunk_output;
    }
    detail::for_each_index<Net::heads>([&](auto h) {
      using Node = typename Parts::template HeadNode<h>;
      Node::template forward<false>(Parts::template head<h>(net, context, batch, nullptr, scratch), x, logits_[h]);
    });
  }

  /// The logits of head H after forward, batch x outputs.
  template <std::size_t H = 0>
  Rows<const T, Net::outputs[H]> logits() const {
    return {logits_[H]};
  }

 private:
  static constexpr Elements trunk_size = Elements::each_sample(Parts::has_trunk ? Parts::Trunk::output.size() : 0);
  template <std::size_t H>
  static constexpr Elements logit_size = Elements::each_sample(Net::outputs[H]);
  static constexpr Elements total = [] {
    Elements sum = trunk_size + Parts::scratch;
    for (const int outputs : Net::outputs) sum = sum + Elements::each_sample(outputs);
    return sum;
  }();

  int capacity_;
  Buffer<T> memory_;
  std::array<T*, Net::heads> logits_{};
};

/// Memory for training steps of a net along the given edges, allocated once. What no edge needs has no place here.
template <class Net, Edge... Edges>
class TrainingWorkspace {
  using Parts = detail::Anatomy<Net>;
  static constexpr std::array<Edge, sizeof...(Edges)> edges{Edges...};

 public:
  using T = typename Net::Scalar;  ///< the number it holds

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

  /// All heads in training mode on `batch` samples. x and the samples of
  /// `context` must live until backward. Throws ValueError beyond the capacity.
  void forward(const Net& net, const T* x, int batch, const Context& context) {
    detail::check_batch(batch, capacity_);
    place(batch);
    input_ = x;
    context_ = context;
    if constexpr (Parts::has_trunk)
      Parts::Trunk::template forward<true>(Parts::trunk(net, context_, batch_, trunk_kept_, scratch_), x,
                                           trunk_output_);
    detail::for_each_index<Net::heads>([&](auto h) {
      using Node = typename Parts::template HeadNode<h>;
      Node::template forward<true>(head<h>(net), head_input(), logits_[h]);
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

  /// Adds the gradients of all edges to `gradients`, laid out as the parameter vector. Spoils the logit gradients.
  void backward(const Net& net, std::span<T> gradients) {
    bool first = true;
    detail::for_each_index<sizeof...(Edges)>([&](auto e) {
      constexpr Edge edge = edges[e];
      constexpr detail::Wants wants{edge.reaches_trunk && trunk_is_trained, edge.trains};
      using Node = typename Parts::template HeadNode<edge.head>;
      detail::Cursor<T> at = head<edge.head>(net);
      at.gradients = gradients.data();
      T* into = !wants.input ? nullptr : first ? trunk_gradient_ : added_gradient_;
      if constexpr (wants.input || Node::trainable(wants))
        Node::template backward<wants>(at, head_input(), logits_[edge.head], logit_gradients_[e], into);
      if constexpr (wants.input) {
        const std::size_t numbers = static_cast<std::size_t>(batch_) * Parts::Trunk::output.size();
        for (std::size_t i = 0; !first && i < numbers; ++i) trunk_gradient_[i] += added_gradient_[i];
        first = false;
      }
    });
    if constexpr (edges_into_trunk > 0) {
      detail::Cursor<T> at = Parts::trunk(net, context_, batch_, trunk_kept_, scratch_);
      at.gradients = gradients.data();
      Parts::Trunk::template backward<detail::Wants{false}>(at, input_, trunk_output_, trunk_gradient_,
                                                            static_cast<T*>(nullptr));
    }
  }

  /// Lets the net remember what its layers saw in the last forward (running statistics).
  void absorb(Net& net) const {
    T* statistics = net.statistic_vector().data();
    Parts::Trunk::absorb(Parts::trunk(net, context_, batch_, trunk_kept_, scratch_), statistics);
    detail::for_each_index<Net::heads>([&](auto h) { Parts::template HeadNode<h>::absorb(head<h>(net), statistics); });
  }

 private:
  static constexpr bool trunk_is_trained = Parts::Trunk::trainable(detail::Wants{});
  static constexpr int edges_into_trunk = trunk_is_trained ? (0 + ... + (Edges.reaches_trunk ? 1 : 0)) : 0;
  static constexpr Elements trunk_size = Elements::each_sample(Parts::has_trunk ? Parts::Trunk::output.size() : 0);
  template <std::size_t H>
  static constexpr Elements logit_size = Elements::each_sample(Net::outputs[H]);
  static constexpr Elements gradient_size(int edges_needed) {
    return edges_into_trunk >= edges_needed ? trunk_size : Elements{};
  }
  static constexpr Elements total = [] {
    Elements sum = trunk_size + Parts::Trunk::kept + gradient_size(1) + gradient_size(2) + Parts::scratch;
    detail::for_each_index<Net::heads>([&](auto h) { sum = sum + logit_size<h> + Parts::template HeadNode<h>::kept; });
    for (const Edge& edge : edges) sum = sum + Elements::each_sample(Net::outputs[edge.head]);
    return sum;
  }();

  /// Hands out the memory; the amounts are those of `total`, in any order.
  void place(int batch) {
    batch_ = batch;
    detail::Places<T> places{memory_.data(), batch};
    trunk_output_ = places.take(trunk_size);
    trunk_kept_ = places.take(Parts::Trunk::kept);
    detail::for_each_index<Net::heads>([&](auto h) {
      logits_[h] = places.take(logit_size<h>);
      head_kept_[h] = places.take(Parts::template HeadNode<h>::kept);
    });
    detail::for_each_index<sizeof...(Edges)>(
        [&](auto e) { logit_gradients_[e] = places.take(logit_size<edges[e].head>); });
    trunk_gradient_ = places.take(gradient_size(1));
    added_gradient_ = places.take(gradient_size(2));
    scratch_ = places.take(Parts::scratch);
  }
  template <std::size_t H>
  detail::Cursor<T> head(const Net& net) const {
    return Parts::template head<H>(net, context_, batch_, head_kept_[H], scratch_);
  }
  const T* head_input() const { return Parts::has_trunk ? trunk_output_ : input_; }

  int capacity_;
  Buffer<T> memory_;
  Context context_{};
  const T* input_ = nullptr;
  int batch_ = 0;
  T* trunk_output_ = nullptr;
  T* trunk_kept_ = nullptr;
  T* trunk_gradient_ = nullptr;
  T* added_gradient_ = nullptr;
  T* scratch_ = nullptr;
  std::array<T*, Net::heads> logits_{};
  std::array<T*, Net::heads> head_kept_{};
  std::array<T*, sizeof...(Edges)> logit_gradients_{};
};

}  // namespace rocket
