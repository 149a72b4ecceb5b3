#pragma once
#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <type_traits>

#include "rocket/core/finite.hpp"
#include "rocket/core/stopwatch.hpp"
#include "rocket/layers/layer.hpp"
#include "rocket/net/listing.hpp"

namespace rocket {

/// Which parameters a backward pass adds gradients for. "Shared" are those that two heads use by one name, "own" are
/// all others of a head.
enum class Trains { nothing, everything, shared, own };

namespace detail {

/// What is asked of a backward pass. What isn't asked for has no code.
struct Wants {
  bool input = true;                   ///< the gradient with respect to the input
  Trains trains = Trains::everything;  ///< the gradients with respect to parameters
  bool named = false;                  ///< inside a shared name

  /// Whether parameters of a layer standing here are asked for, of some copy at least.
  constexpr bool parameters(bool private_to_net) const {
    return trains == Trains::everything || trains == Trains::own || depends_on_copy(private_to_net);
  }
  /// Whether that depends on how many copies of the layer the other head has: under a name, of six blocks two are
  /// shared.
  constexpr bool depends_on_copy(bool private_to_net) const {
    return (trains == Trains::shared || trains == Trains::own) && named && !private_to_net;
  }
  constexpr bool operator==(const Wants&) const = default;
};

/// What a pass forward is for.
struct Mode {
  bool training = false;               ///< whether a backward pass may follow
  Stored stored = Stored::as_trained;  ///< what Cursor::prepared is; in training there is none
};
inline constexpr Mode training_mode{true}, inference_mode{};

/// A position in a net while a pass walks through it: which leaf comes next, where its arrays lie, what workspace is
/// left. Offsets are added up at run time, so a layer with one shape is compiled once, wherever and however often it
/// stands.
template <class T>
struct Cursor {
  const Plan* plan = nullptr;
  const Context* context = nullptr;
  const T* parameters = nullptr;
  const T* statistics = nullptr;
  T* gradients = nullptr;
  T* kept = nullptr;  ///< null outside of training
  T* scratch = nullptr;
  const T* prepared = nullptr;           ///< of the whole net; null where nothing was prepared
  T* side = nullptr;                     ///< side outputs, in the order of the layers
  const T* side_gradient = nullptr;      ///< null where no loss looks at them
  const T* added_to_output = nullptr;    ///< see Declared::adds_to_output; null where the node doesn't
  const T* added_to_gradient = nullptr;  ///< see Declared::adds_to_gradient; null where the node doesn't
  int batch = 0;
  int leaf = 0;
  bool again = false;  ///< forward is repeated during backward
  int copy = 0;        ///< which of the copies that Repeat makes, counted over all Repeats around

  /// Where array i of the leaf's parameters lies in their vector.
  std::size_t parameter(std::size_t i) const {
    return plan->parameters[static_cast<std::size_t>(plan->leaves[leaf].first_parameter) + i].at(copy);
  }
  Cursor advanced(int leaves, Elements kept_before, Elements scratch_before, Elements sides_before) const {
    Cursor at = *this;
    at.leaf += leaves;
    if (at.kept) at.kept += kept_before.count(batch);
    if (at.scratch) at.scratch += scratch_before.count(batch);
    if (at.side) at.side += sides_before.count(batch);
    if (at.side_gradient) at.side_gradient += sides_before.count(batch);
    return at;
  }
};

/// Lists of shapes one after the other, N in all.
template <std::size_t N, std::size_t Lists>
constexpr std::array<Shape, N> joined(const std::array<std::span<const Shape>, Lists>& lists) {
  std::array<Shape, N> all{};
  auto next = all.begin();
  for (const std::span<const Shape> list : lists) next = std::copy(list.begin(), list.end(), next);
  return all;
}

/// Room for side outputs of those shapes: each one batch x shape, one behind the other.
constexpr Elements room_of(std::span<const Shape> sides) {
  int numbers = 0;
  for (const Shape& shape : sides) numbers += shape.size();
  return Elements::each_sample(numbers);
}

/// A layer for inputs of one shape, standing somewhere in a net. The template below is the leaf; containers specialise
/// it. All have the same members.
template <class L, Shape In>
struct Node {
  static_assert(LayerHasAShapeRule<L>::ok && Declared<L, In>::accepts && LayerHasItsPasses<L, In>::ok);

  using D = Declared<L, In>;
  static constexpr Shape output = L::output(In);
  static constexpr int leaves = 1;
  static constexpr int parameter_arrays = D::parameters.size();
  static constexpr int statistic_arrays = D::statistics.size();
  static constexpr long multiply_adds = D::multiply_adds;
  static constexpr Elements kept = D::kept;        ///< from forward to backward, besides input and output
  static constexpr Elements scratch = D::scratch;  ///< during forward or backward
  static constexpr auto side_shapes = D::side;     ///< of all side outputs, in the order of the layers
  static constexpr bool reads_output = D::reads == Reads::output || D::reads == Reads::both;
  static constexpr bool in_place = D::in_place;
  static constexpr bool names_itself = false;  ///< a name of one's own instead of a number
  static constexpr bool recomputed = false;    ///< whoever reads the output in backward computes it again first
  static constexpr bool adds_to_output = D::adds_to_output;      ///< as Declared says
  static constexpr bool adds_to_gradient = D::adds_to_gradient;  ///< as Declared says
  static constexpr bool is_view = D::is_view;                    ///< as Declared says
  static constexpr Elements view_room = D::view_room;            ///< as Declared says
  static constexpr bool reads_views = D::reads_views;            ///< as Declared says
  /// Backward leaves something else in the output gradient, even where input gradient and output gradient are apart.
  static constexpr bool clobbers = false;

  static constexpr bool trainable(Wants wants) { return parameter_arrays > 0 && wants.parameters(D::private_to_net); }

  static constexpr std::array<int, stored_kinds> prepared{D::prepared, D::template prepared_as<Stored::bf16>,
                                                          D::template prepared_as<Stored::int8>};

  template <class Listing>
  static constexpr void list(Listing& listing, const Scope& scope) {
    listing.begin_leaf(scope, LeafFacts{L::name, In, output, multiply_adds, prepared, D::wants_range});
    for (const Parameter& p : D::parameters) listing.add(p, scope, D::private_to_net);
    for (const Statistic& s : D::statistics) listing.add(s, scope, D::private_to_net);
  }

  /// \param view  none, or what the input is read through, where reads_views
  template <Mode M, class T, class... View>
  static void forward(const Cursor<T>& at, const T* x, T* y, const View&... view) {
    if constexpr (!M.training && M.stored == Stored::as_trained && D::wants_range && std::is_same_v<T, float>)
      if (at.context->ranges) at.context->ranges[range_at(at)].include(numbers_of(at, x, In));
    const Stopwatch watch = started(at, forward_time(at), 1);
    L::forward(forward_pass<M>(at, x, y), view...);
    look_for_fault(at, numbers_of(at, y, output));
  }
  /// In the place of forward, where is_view. What it takes to make the view (the moments of a normalisation) is this
  /// layer's time, what it takes to look through it is the reader's.
  template <Mode M, class T>
  static auto view(const Cursor<T>& at, const T* x, T* room) {
    const Stopwatch watch = started(at, forward_time(at), 1);
    return L::view(forward_pass<M>(at, x, static_cast<T*>(nullptr)), room);
  }

  /// Adds to parameter gradients, writes the input gradient dx (null if not wanted); may overwrite dy if dx == dy.
  template <Wants W, class T, class... View>
  static void backward(const Cursor<T>& at, const T* x, const T* y, T* dy, T* dx, const View&... view) {
    if constexpr (trainable(W) && W.depends_on_copy(D::private_to_net)) {
      if (is_shared(at) == (W.trains == Trains::shared))
        run_backward<W.input, true>(at, x, y, dy, dx, view...);
      else if constexpr (W.input)
        run_backward<true, false>(at, x, y, dy, dx, view...);
    } else {
      run_backward<W.input, trainable(W)>(at, x, y, dy, dx, view...);
    }
  }

  /// Before inference: what the layer can work out of its parameters, and of what it will read, alone.
  template <Stored How, class T>
  static void prepare(const Cursor<T>& at, T* to) {
    constexpr Mode inference{false, How};
    if constexpr (prepared[static_cast<std::size_t>(How)] == 0) return;
    const auto pass = forward_pass<inference, T>(at, nullptr, nullptr);
    if constexpr (stores_smaller<How>)
      L::template store<How>(pass, at.context->ranges ? at.context->ranges[range_at(at)] : InputRange{},
                             to + prepared_at<How>(at));
    else if constexpr (D::prepared > 0)
      L::prepare(pass, to + prepared_at<How>(at));
  }

  /// The layer's equation in the operators of a graph, of what it reads to what it puts out.
  template <class T, class Graph, class Value>
  static Value describe(const Cursor<T>& at, Graph& graph, Value x) {
    static_assert(LayerDescribesItself<L, In, Graph, Value>::ok);
    const Value y = L::describe(forward_pass<inference_mode, T>(at, nullptr, nullptr), graph, x);
    graph.check_described(L::name, output, y);
    return y;
  }

  /// After a training step: what the layer learned about its inputs.
  template <class T>
  static void absorb(const Cursor<T>& at, T* statistics) {
    if constexpr (statistic_arrays > 0) {
      std::array<T*, statistic_arrays> own;
      for (std::size_t i = 0; i < statistic_arrays; ++i) own[i] = statistics + statistic(at, i);
      L::absorb(In, at.batch, static_cast<const T*>(at.kept), own);
    }
  }

 private:
  /// Whether the layer has weights of this kind.
  template <Stored How>
  static constexpr bool stores_smaller = (D::template stored<How>) > 0;

  /// All numbers of the batch.
  template <class T>
  static std::span<const T> numbers_of(const Cursor<T>& at, const T* data, Shape sample) {
    return {data, static_cast<std::size_t>(at.batch) * static_cast<std::size_t>(sample.size())};
  }
  /// Looks through what the leaf has put out, if somebody wants to know. What is seen through a view is nobody's
  /// output: its fault is found in the reader's.
  template <class T>
  static void look_for_fault(const Cursor<T>& at, std::span<const T> numbers) {
    Fault* const fault = at.context->fault;
    if (!fault || fault->leaf >= 0) return;
    const std::size_t number = first_not_finite(numbers);
    if (number < numbers.size()) *fault = {at.leaf, at.copy, number};
  }
  /// Measures until the end of the scope it is called in, if somebody wants to know.
  /// \param products  of how many products of the layer's size the pass consists
  template <class T>
  static Stopwatch started(const Cursor<T>& at, PassTime LayerTime::*pass, int products) {
    if (!at.context->times) return Stopwatch{nullptr};
    PassTime& time = at.context->times[at.leaf].*pass;
    time.multiply_adds += multiply_adds * products * at.batch;
    return Stopwatch{&time.seconds};
  }
  /// Where a forward counts.
  template <class T>
  static PassTime LayerTime::*forward_time(const Cursor<T>& at) {
    return at.again ? &LayerTime::backward : &LayerTime::forward;
  }

  template <Mode M, class T>
  static auto forward_pass(const Cursor<T>& at, const T* x, T* y) {
    constexpr Stored stored = stores_smaller<M.stored> ? M.stored : Stored::as_trained;
    ForwardPass<L, T, In, M.training, stored> pass{};
    place(pass, at);
    if constexpr (prepared[static_cast<std::size_t>(M.stored)] > 0)
      if (at.prepared) pass.prepared = at.prepared + prepared_at<M.stored>(at);
    pass.input.data = x;
    pass.output.data = y;
    pass.added.data = at.added_to_output;
    if constexpr (D::side_size > 0) pass.side.data = at.side;
    return pass;
  }
  template <bool WantsInput, bool WantsParameters, class T, class... View>
  static void run_backward(const Cursor<T>& at, const T* x, const T* y, T* dy, T* dx, const View&... view) {
    const Stopwatch watch = started(at, &LayerTime::backward, int{WantsInput} + int{WantsParameters});
    BackwardPass<L, T, In, WantsInput, WantsParameters> pass{};
    place(pass, at);
    pass.input.data = x;
    pass.output.data = y;
    pass.output_gradient.data = dy;
    pass.input_gradient.data = dx;
    pass.added.data = at.added_to_gradient;
    if constexpr (D::side_size > 0) pass.side_gradient.data = at.side_gradient;
    if constexpr (WantsParameters)
      for (std::size_t i = 0; i < parameter_arrays; ++i) pass.gradients[i] = at.gradients + at.parameter(i);
    L::backward(pass, view...);
  }
  /// Whether this very copy of the layer is used by two heads.
  template <class T>
  static bool is_shared(const Cursor<T>& at) {
    const int first = at.plan->leaves[at.leaf].first_parameter;
    return at.copy < at.plan->parameters[first].shared_copies;
  }

  template <class Pass, class T>
  static void place(Pass& pass, const Cursor<T>& at) {
    pass.batch = at.batch;
    pass.context = at.context;
    pass.again = at.again;
    pass.use = Random::mix(at.plan->leaves[at.leaf].key ^ static_cast<std::uint64_t>(at.copy));
    for (std::size_t i = 0; i < parameter_arrays; ++i) pass.parameters[i] = at.parameters + at.parameter(i);
    for (std::size_t i = 0; i < statistic_arrays; ++i) pass.statistics[i] = at.statistics + statistic(at, i);
    pass.kept = at.kept;
    pass.scratch = at.scratch;
  }
  template <Stored How, class T>
  static std::size_t prepared_at(const Cursor<T>& at) {
    const Leaf& leaf = at.plan->leaves[at.leaf];
    constexpr auto how = static_cast<std::size_t>(How);
    return (leaf.first_prepared[how] + at.copy * leaf.prepared[how]).count(0);
  }
  template <class T>
  static std::size_t range_at(const Cursor<T>& at) {
    return static_cast<std::size_t>(at.plan->leaves[at.leaf].first_range + at.copy);
  }
  template <class T>
  static std::size_t statistic(const Cursor<T>& at, std::size_t i) {
    return at.plan->statistics[static_cast<std::size_t>(at.plan->leaves[at.leaf].first_statistic) + i].at(at.copy);
  }
};

}  // namespace detail
}  // namespace rocket
