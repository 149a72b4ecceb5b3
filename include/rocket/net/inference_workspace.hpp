#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "rocket/net/places.hpp"

namespace rocket {

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
    T* trunk_output = places.take(Parts::trunk_output);
    trunk_sides_ = places.take(Parts::trunk_sides);
    detail::for_each_index<Net::heads>([&](auto h) {
      logits_[h] = places.take(Parts::template logits<h>);
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

  static constexpr Elements total = [] {
    Elements sum = detail::looked_up_size<Net> + Parts::trunk_output + Parts::trunk_sides + Parts::scratch;
    detail::for_each_index<Net::heads>(
        [&](auto h) { sum = sum + Parts::template logits<h> + Parts::template head_sides<h>; });
    return sum;
  }();

  int capacity_;
  Buffer<T> memory_;
  int batch_ = 0;
  T* trunk_sides_ = nullptr;
  std::array<T*, Net::heads> logits_{};
  std::array<T*, Net::heads> head_sides_{};
};

}  // namespace rocket
