#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "rocket/kernels/add.hpp"
#include "rocket/net/multi_head.hpp"

namespace rocket {

/// A way back through one head: whose logits, which parameters it trains, and whether it goes on into the trunk. What a
/// gradient may not touch is an edge that isn't in the list.
struct Edge {
  std::size_t head = 0;                ///< where it starts: at the logits of this head
  Trains trains = Trains::everything;  ///< which of the head's parameters get gradients
  bool reaches_trunk = true;           ///< whether it goes on through the trunk
  bool sides = false;                  ///< whether it starts at the side outputs on the way to the logits, too
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

/// Where side output K on the way to head H begins, given where those of the trunk and those of the head do.
template <class Net, std::size_t H, std::size_t K, class T>
T* side_place(T* of_trunk, T* of_head, int batch) {
  using Parts = Anatomy<Net>;
  constexpr std::size_t in_trunk = Parts::Trunk::side_shapes.size();
  constexpr std::span<const Shape> trunk{Parts::Trunk::side_shapes};
  constexpr std::span<const Shape> head{Parts::template HeadNode<H>::side_shapes};
  if constexpr (K < in_trunk)
    return of_trunk + room_of(trunk.first(K)).count(batch);
  else
    return of_head + room_of(head.first(K - in_trunk)).count(batch);
}

inline void check_batch(int batch, int capacity) {
  if (batch < 1 || batch > capacity)
    throw ValueError("batch", "1 to " + std::to_string(capacity) + " samples (the workspace's capacity)",
                     std::to_string(batch));
}

/// How many samples so many numbers are, `width` each.
inline int samples_in(std::size_t numbers, int width, int capacity) {
  const auto each = static_cast<std::size_t>(width);
  if (numbers % each != 0)
    throw ValueError("features", "a multiple of " + std::to_string(width) + " numbers", std::to_string(numbers));
  if (numbers == 0 || numbers / each > static_cast<std::size_t>(capacity))
    throw ValueError("features", "1 to " + std::to_string(capacity) + " rows (the workspace's capacity)",
                     std::to_string(numbers / each));
  return static_cast<int>(numbers / each);
}

/// Room for what the trunk reads, where it isn't there already.
template <class Net>
inline constexpr Elements looked_up_size = Elements::each_sample(Net::NetTables::looks_up ? Net::input.size() : 0);

/// What the trunk reads: the features themselves, or what they are looked up to be, written to `room`.
template <class Net>
const typename Net::Scalar* looked_up(const Net& net, const typename Net::Feature* features, int batch, Workers workers,
                                      typename Net::Scalar* room, std::span<const int> samples = {}) {
  if constexpr (!Net::NetTables::looks_up) {
    return features;
  } else {
    net.tables().look_up(features, batch, workers, room, samples);
    return room;
  }
}

inline int checked_capacity(int capacity) {
  if (capacity < 1) throw ValueError("capacity", "at least 1 sample", std::to_string(capacity));
  return capacity;
}

}  // namespace detail

namespace detail {
template <class Net, bool sound>
struct SmallNumbersAreOfFloats {
  static_assert(holds<sound, Net>, "rocket: Prepared: only a net that computes in float can be stored smaller");
  static constexpr bool ok = true;
};
template <class Net, bool sound>
struct SomethingCanBeStoredSmaller {
  static_assert(holds<sound, Net>,
                "rocket: Prepared: no layer of this net can be stored smaller: expected a Dense, or one with `stored`");
  static constexpr bool ok = true;
};
}  // namespace detail

template <class Net>
class InferenceWorkspace;

/// What the layers of a net can work out of its parameters and statistics once, and then serve any number of batches
/// with: transformed weights, the factors of normalisations, or weights in fewer bits. It is of the net as it was when
/// this was made: what both together compute after the net has changed means nothing.
///
///     const Prepared<Net> prepared{net};                               // everything in float
///     const Prepared<Net, Stored::bf16> prepared{net};                 // the weights of Dense in half the bytes
///     const Prepared<Net, Stored::int8> prepared{net, train.features}; // in a quarter, from samples as they will come
///
/// \tparam How  how layers that can (Dense) hold their weights; the others hold them as trained
template <class Net, Stored How = Stored::as_trained>
class Prepared {
  using Parts = detail::Anatomy<Net>;
  static constexpr bool computes_in_float = How == Stored::as_trained || std::is_same_v<typename Net::Scalar, float>;
  static_assert(detail::SmallNumbersAreOfFloats<Net, computes_in_float>::ok);
  static constexpr bool something = How == Stored::as_trained || Net::ranges > 0;
  static_assert(detail::SomethingCanBeStoredSmaller<Net, something>::ok);

 public:
  using T = typename Net::Scalar;         ///< the number it holds
  using Feature = typename Net::Feature;  ///< what the net reads

  static constexpr std::size_t bytes = Net::template prepared_as<How> * sizeof(T);  ///< of memory

  /// Throws ValueError if the net was moved from.
  explicit Prepared(const Net& net) requires(How != Stored::int8) : Prepared{net, Context{}} {}

  /// In 8 bits. The inputs of a layer are rounded to 128 steps between the least and the largest (and 0) that it reads
  /// of `samples`; served ones that lie outside are cut to these ends. So they should be as served ones are: some
  /// hundreds of the training data, prepared alike.
  /// \param samples  rows x Net::record, at least one row
  /// \throws ValueError  if these are no whole samples or none; if a number of the net, of them, or of what a layer
  ///                     makes of them isn't finite; if the net was moved from
  Prepared(const Net& net, std::span<const Feature> samples, Workers workers = 1) requires(How == Stored::int8)
      : Prepared{net, Calibration{net, samples, workers}.context()} {}

  /// The numbers, where the plan of the net places them.
  const T* data() const { return memory_.data(); }

 private:
  /// The net in float on all samples, and what its layers read meanwhile.
  class Calibration {
   public:
    Calibration(const Net& net, std::span<const Feature> samples, Workers workers) : ranges_(Net::ranges) {
      detail::check_has_parameters(net);
      const auto width = static_cast<std::size_t>(Net::record.size());
      const std::size_t rows = samples.size() / width;
      if (rows == 0 || samples.size() % width != 0)
        throw ValueError("calibration samples", "one or more rows of " + std::to_string(width) + " numbers",
                         std::to_string(samples.size()) + " numbers");
      if (detail::first_not_finite(net.parameter_vector()) < Net::parameters)
        throw ValueError("net", "finite parameters", "some that are not");
      InferenceWorkspace<Net> workspace{static_cast<int>(std::min<std::size_t>(rows, 128))};
      for (std::size_t row = 0; row < rows; row += static_cast<std::size_t>(workspace.capacity())) {
        const std::size_t batch = std::min(rows - row, static_cast<std::size_t>(workspace.capacity()));
        workspace.look_at_ranges(net, samples.subspan(row * width, batch * width), workers, ranges_.data());
      }
      for (const InputRange& range : ranges_)
        if (!std::isfinite(range.low) || !std::isfinite(range.high))
          throw ValueError("calibration samples", "samples of which every layer makes finite numbers",
                           "some that are not");
    }
    Context context() {
      Context with_ranges{};
      with_ranges.ranges = ranges_.data();
      return with_ranges;
    }

   private:
    std::vector<InputRange> ranges_;
  };

  Prepared(const Net& net, const Context& context) : memory_(Net::template prepared_as<How>) {
    detail::check_has_parameters(net);
    Parts::Trunk::template prepare<How>(Parts::trunk(net, context, 1, nullptr, nullptr), memory_.data());
    detail::for_each_index<Net::heads>([&](auto h) {
      Parts::template HeadNode<h>::template prepare<How>(Parts::template head<h>(net, context, 1, nullptr, nullptr),
                                                         memory_.data());
    });
  }

  Buffer<T> memory_;
};

/// Memory for running a net without training it, allocated once. The net is const: many threads may run one net, each
/// with a workspace of its own.
template <class Net>
class InferenceWorkspace {
  using Parts = detail::Anatomy<Net>;

 public:
  using T = typename Net::Scalar;         ///< the number it holds
  using Feature = typename Net::Feature;  ///< what it reads

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

  /// All heads on `batch` samples, batch x Net::record features at `x`. Throws ValueError beyond the capacity, if the
  /// net was moved from, and where a record means a row that its table doesn't have.
  void forward(const Net& net, const Feature* x, int batch, Workers workers = 1) {
    run<Stored::as_trained>(net, nullptr, x, batch, Context{workers, net.seed()});
  }
  /// The same, faster on small batches: with what was worked out before, of this very net. Where that holds weights in
  /// fewer bits, with those.
  template <Stored How>
  void forward(const Net& net, const Prepared<Net, How>& prepared, const Feature* x, int batch, Workers workers = 1) {
    run<How>(net, prepared.data(), x, batch, Context{workers, net.seed()});
  }
  /// The same two on all samples in `rows`. Throws ValueError if these are no whole samples, too.
  void forward(const Net& net, std::span<const Feature> rows, Workers workers = 1) {
    forward(net, rows.data(), detail::samples_in(rows.size(), Net::record.size(), capacity_), workers);
  }
  template <Stored How>
  void forward(const Net& net, const Prepared<Net, How>& prepared, std::span<const Feature> rows, Workers workers = 1) {
    forward(net, prepared, rows.data(), detail::samples_in(rows.size(), Net::record.size(), capacity_), workers);
  }

  /// The logits of head H, batch x outputs; null before forward.
  template <std::size_t H = 0>
  Rows<const T, Net::outputs[H]> logits() const {
    return {logits_[H]};
  }
  /// Side output K on the way to head H after forward, batch x Net::side_shapes<H>[K].
  template <std::size_t H, std::size_t K>
  Rows<const T, Net::template side_shapes<H>[K].size()> side_output() const {
    return {detail::side_place<Net, H, K, const T>(trunk_sides_, head_sides_[H], batch_)};
  }

 private:
  template <class, Stored>
  friend class Prepared;
  /// Without anything prepared, and widens the ranges of what layers read.
  void look_at_ranges(const Net& net, std::span<const Feature> rows, Workers workers, InputRange* ranges) {
    Context context{workers, net.seed()};
    context.ranges = ranges;
    run<Stored::as_trained>(net, nullptr, rows.data(), detail::samples_in(rows.size(), Net::record.size(), capacity_),
                            context);
  }
  template <Stored How>
  void run(const Net& net, const T* prepared, const Feature* x, int batch, Context context) {
    detail::check_batch(batch, capacity_);
    detail::check_has_parameters(net);
    const double of_sample = nanoseconds_of_products(static_cast<double>(Net::multiply_adds));
    in_parallel(context.threads, (of_sample + Net::NetTables::nanoseconds) * batch, [&](Workers gathered) {
      context.threads = gathered;
      run_gathered<How>(net, prepared, x, batch, context);
    });
  }
  template <Stored How>
  void run_gathered(const Net& net, const T* prepared, const Feature* features, int batch, const Context& context) {
    constexpr detail::Mode inference{false, How};
    batch_ = batch;
    detail::Places<T> places{memory_.data(), batch};
    const T* x = detail::looked_up(net, features, batch, context.threads, places.take(detail::looked_up_size<Net>));
    T* trunk_output = places.take(trunk_size);
    trunk_sides_ = places.take(Parts::trunk_sides);
    detail::for_each_index<Net::heads>([&](auto h) {
      logits_[h] = places.take(logit_size<h>);
      head_sides_[h] = places.take(Parts::template head_sides<h>);
    });
    T* scratch = places.take(Parts::scratch);
    if constexpr (Parts::has_trunk) {
      detail::Cursor<T> at = Parts::trunk(net, context, batch, nullptr, scratch);
      at.side = trunk_sides_;
      at.prepared = prepared;
      Parts::Trunk::template forward<inference>(at, x, trunk_output);
      x = trunk_output;
    }
    detail::for_each_index<Net::heads>([&](auto h) {
      using Node = typename Parts::template HeadNode<h>;
      detail::Cursor<T> at = Parts::template head<h>(net, context, batch, nullptr, scratch);
      at.side = head_sides_[h];
      at.prepared = prepared;
      Node::template forward<inference>(at, x, logits_[h]);
    });
  }

  static constexpr Elements trunk_size = Elements::each_sample(Parts::has_trunk ? Parts::Trunk::output.size() : 0);
  template <std::size_t H>
  static constexpr Elements logit_size = Elements::each_sample(Net::outputs[H]);
  static constexpr Elements total = [] {
    Elements sum = detail::looked_up_size<Net> + trunk_size + Parts::trunk_sides + Parts::scratch;
    detail::for_each_index<Net::heads>([&](auto h) { sum = sum + logit_size<h> + Parts::template head_sides<h>; });
    return sum;
  }();

  int capacity_;
  Buffer<T> memory_;
  int batch_ = 0;
  T* trunk_sides_ = nullptr;
  std::array<T*, Net::heads> logits_{};
  std::array<T*, Net::heads> head_sides_{};
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
  static constexpr Elements trunk_size = Elements::each_sample(Parts::has_trunk ? Parts::Trunk::output.size() : 0);
  static constexpr Elements input_gradient_size =
      has_tables && Parts::has_trunk ? detail::looked_up_size<Net> : Elements{};
  template <std::size_t H>
  static constexpr Elements logit_size = Elements::each_sample(Net::outputs[H]);
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
    Elements sum = trunk_size + Parts::Trunk::kept + gradient_size(1) + gradient_size(2) + Parts::scratch;
    sum = sum + detail::looked_up_size<Net> + input_gradient_size;
    sum = sum + Parts::trunk_sides + trunk_side_gradient_size + head_side_gradient_size;
    detail::for_each_index<Net::heads>(
        [&](auto h) { sum = sum + logit_size<h> + Parts::template head_sides<h> + Parts::template HeadNode<h>::kept; });
    for (const Edge& edge : edges) sum = sum + Elements::each_sample(Net::outputs[edge.head]);
    return sum;
  }();

  /// Hands out the memory; the amounts are those of `total`, in any order.
  void place(int batch) {
    batch_ = batch;
    detail::Places<T> places{memory_.data(), batch};
    looked_up_ = places.take(detail::looked_up_size<Net>);
    input_gradient_ = places.take(input_gradient_size);
    trunk_output_ = places.take(trunk_size);
    trunk_kept_ = places.take(Parts::Trunk::kept);
    trunk_sides_ = places.take(Parts::trunk_sides);
    detail::for_each_index<Net::heads>([&](auto h) {
      logits_[h] = places.take(logit_size<h>);
      head_sides_[h] = places.take(Parts::template head_sides<h>);
      head_kept_[h] = places.take(Parts::template HeadNode<h>::kept);
    });
    detail::for_each_index<sizeof...(Edges)>(
        [&](auto e) { logit_gradients_[e] = places.take(logit_size<edges[e].head>); });
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
