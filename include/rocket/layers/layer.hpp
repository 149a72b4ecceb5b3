/// \file
/// What a layer is: the vocabulary every layer is written in. A layer is an empty struct that states, in this order,
/// its shape rule, its parameters, what it keeps and reads, forward, and backward:
///
///     struct Shift {                                                       // y = x + shift
///       static constexpr std::string_view name = "Shift";
///       static constexpr Shape output(Shape in) { return in; }
///       static constexpr auto parameters(Shape in) {
///         return std::array{Parameter{"shift", in, Init::constant(0), Decay::no}};
///       }
///       template <class Pass> static void forward(const Pass& pass);       // pass.input -> pass.output
///       template <class Pass> static void backward(const Pass& pass);      // pass.output_gradient -> ...
///     };
///
/// Required: name, output, forward, backward. Everything else has a default, listed at `detail::Declared`.
///
/// A layer that is to be written for others (exports: a header, ONNX) also says its equation, in inference, in the
/// operators of a graph (deploy/graph.hpp), which it knows only as a template argument:
///
///     template <class Place, class Graph, class Value>
///     static Value describe(const Place& place, Graph& graph, Value x) {
///       return graph.add(x, graph.constant(place.parameter(0)));
///     }
#pragma once
#include <array>
#include <concepts>
#include <cstdint>
#include <span>
#include <string_view>

#include "rocket/core/check.hpp"
#include "rocket/core/elements.hpp"
#include "rocket/core/parallel.hpp"
#include "rocket/core/random.hpp"
#include "rocket/core/shape.hpp"

namespace rocket {

/// How a parameter starts. A value is a function of the seed, the parameter's name and its index, of nothing else.
struct Init {
  /// A number, or a distribution.
  enum class Kind { constant, normal, uniform };
  Kind kind = Kind::constant;  ///< the distribution
  double a = 0;                ///< constant: the value; normal: the mean; uniform: the lower end
  double b = 0;                ///< normal: the standard deviation; uniform: the upper end (not reached)

  /// Every number the same.
  static constexpr Init constant(double value) { return {Kind::constant, value, 0}; }
  /// Normal with that mean and standard deviation.
  static constexpr Init normal(double mean, double deviation) { return {Kind::normal, mean, deviation}; }
  /// Uniform in [low, high).
  static constexpr Init uniform(double low, double high) { return {Kind::uniform, low, high}; }
  /// Normal with mean 0 and variance 2 / fan-in (He et al. 2015), which keeps the scale of activations through ReLUs.
  static constexpr Init fan_in(int inputs) { return {Kind::normal, 0, square_root(2.0 / (inputs > 0 ? inputs : 1))}; }

 private:
  /// Newton's iteration: std::sqrt isn't constexpr in C++20.
  static constexpr double square_root(double x) {
    double root = x > 1 ? x : 1;
    for (int i = 0; i < 64; ++i) root = 0.5 * (root + x / root);
    return root;
  }
};

/// Whether weight decay applies under the policy `Decays::weights`: biases and normalisation say no.
enum class Decay { yes, no };

/// One array of trainable numbers of a layer.
struct Parameter {
  std::string_view name;     ///< the last part of its full name: "weight" of "trunk.0.weight"
  Shape shape;               ///< of the array
  Init init;                 ///< how its numbers start
  Decay decay = Decay::yes;  ///< whether `Decays::weights` means it
};

/// One array of numbers a layer remembers between steps without training them: running means and variances.
struct Statistic {
  std::string_view name;  ///< as a Parameter's
  Shape shape;            ///< of the array
  double initial = 0;     ///< what all its numbers start from
};

/// What a layer's backward reads of its forward. Saying less lets neighbours work in place.
enum class Reads { nothing, input, output, both };

/// Whose mean and variance BatchNorm normalises by in a training step: the batch's, or the running ones, which then
/// stay as they are (fine-tuning on few samples).
enum class NormaliseBy { batch, running };

/// How inference holds the weights of layers that can hold them smaller (Declared::stored); all else stays in the net's
/// numbers.
enum class Stored {
  as_trained,  ///< in the net's numbers
  bf16,        ///< in bfloat16: half the bytes, products and sums in float
  int8         ///< in 8 bits, a scale for every output; inputs in 7 bits, a range for every layer; sums of integers
};
inline constexpr std::size_t stored_kinds = 3;  ///< of Stored

/// What the numbers lie between that a layer reads, and 0.
struct InputRange {
  float low = 0, high = 0;

  /// Widens it to hold them; with NaN among them it is NaN from then on. (One copy a program: nobody waits for it.)
  [[gnu::noinline]] void include(std::span<const float> numbers) {
    for (const float number : numbers) {
      const bool is_nan = number != number;
      low = number < low || is_nan ? number : low;
      high = number > high || is_nan ? number : high;
    }
  }
};

/// What a layer spent on one of its passes.
struct PassTime {
  double seconds = 0;      ///< of the clock on the wall
  long multiply_adds = 0;  ///< that the pass stands for, as the layer counts them; a fast algorithm may do fewer
};

/// What a layer spent on training: all its copies, all ways back through it. What is computed again during backward
/// counts as backward.
struct LayerTime {
  PassTime forward, backward;
};

/// Where a pass forward first put out a number that isn't finite, for those who look for it.
struct Fault {
  int leaf = -1;           ///< of the net; -1: nowhere yet
  int copy = 0;            ///< which of the copies that Repeat makes
  std::size_t number = 0;  ///< which one of what the leaf put out, counted over the batch
};

/// What drives a step besides its numbers: enough to make every random decision a function of (seed, epoch, sample,
/// use).
struct Context {
  Workers threads = 1;                            ///< at most; the result doesn't depend on them
  Seed seed{};                                    ///< of the run
  std::uint32_t epoch = 0;                        ///< from 0
  std::span<const int> samples{};                 ///< who is in the batch, one index a row; empty: rows 0, 1, 2, ...
  NormaliseBy normalise_by = NormaliseBy::batch;  ///< whose statistics layers use that have any
  LayerTime* times = nullptr;                     ///< to be added to, one a leaf of the net; null: nobody measures
  Fault* fault = nullptr;                         ///< to be found; null: nobody looks
  InputRange* ranges = nullptr;                   ///< of what layers read that have Declared::stored, one a copy: to be
                                                  ///< widened by inference in float, or to go by; null: nobody asks

  /// Names the sample in that row in this epoch: the counter of random numbers.
  std::uint64_t sample(int row) const {
    const int index = samples.empty() ? row : samples[static_cast<std::size_t>(row)];
    return (std::uint64_t{epoch} << 32) | static_cast<std::uint32_t>(index);
  }
};

/// Samples in rows, one after the other: `Rows<const float, 64>` is batch x 64. Only looks at memory of others.
template <class T, int Size>
struct Rows {
  T* data = nullptr;  ///< row 0

  /// Row `row` of the batch.
  std::span<T, static_cast<std::size_t>(Size)> operator[](int row) const {
    return std::span<T, static_cast<std::size_t>(Size)>{data + static_cast<long>(row) * Size, Size};
  }
};

namespace detail {

/// What layer L declares for inputs of shape In, with the defaults for what it leaves out.
template <class L, Shape In>
struct Declared {
  /// Trainable arrays; default: none.
  static constexpr auto parameters = [] {
    if constexpr (requires { L::parameters(In); })
      return L::parameters(In);
    else
      return std::array<Parameter, 0>{};
  }();
  /// Remembered arrays; default: none. A layer that has any has `absorb(in, batch, kept, running)`, called after a
  /// training step: in is the Shape, kept what forward left there, running a pointer to each array, to be updated.
  static constexpr auto statistics = [] {
    if constexpr (requires { L::statistics(In); })
      return L::statistics(In);
    else
      return std::array<Statistic, 0>{};
  }();
  /// Workspace from forward to the end of backward (training only); default: none.
  static constexpr Elements kept = [] {
    if constexpr (requires { L::kept(In); })
      return L::kept(In);
    else
      return Elements{};
  }();
  /// Workspace during forward or backward; default: none.
  static constexpr Elements scratch = [] {
    if constexpr (requires { L::scratch(In); })
      return L::scratch(In);
    else if constexpr (requires { L::template scratch<In>(); })
      return L::template scratch<In>();
    else
      return Elements{};
  }();
  /// What it shows besides its output, a small array a sample, in every mode: written by forward as `pass.side`, for
  /// losses that look inside a net; default: nothing.
  static constexpr auto side = [] {
    if constexpr (requires { L::side(In); })
      return std::array{L::side(In)};
    else
      return std::array<Shape, 0>{};
  }();
  /// Numbers in it, 0 without one.
  static constexpr int side_size = [] {
    if constexpr (side.empty())
      return 0;
    else
      return side[0].size();
  }();
  /// Multiplications with a following addition a sample; default: 0, as for all elementwise work.
  static constexpr long multiply_adds = [] {
    if constexpr (requires { L::multiply_adds(In); })
      return L::multiply_adds(In);
    else
      return 0L;
  }();
  /// What backward reads of forward; default: both, which is always right.
  static constexpr Reads reads = [] {
    if constexpr (requires { L::reads; })
      return L::reads;
    else
      return Reads::both;
  }();
  /// Forward may write its output over its input, backward its input gradient over the output gradient; default: no.
  static constexpr bool in_place = [] {
    if constexpr (requires { L::in_place; })
      return L::in_place;
    else
      return false;
  }();
  /// Whether the layer can read such an input at all: `template <Shape In> static constexpr bool accepts`, which stops
  /// the build with a sentence where it can't; default: yes.
  static constexpr bool accepts = [] {
    if constexpr (requires { L::template accepts<In>; })
      return L::template accepts<In>;
    else
      return true;
  }();
  /// Forward adds `pass.added`, an array of the output's shape, to its output where it isn't null, at no pass over
  /// memory of its own (a residual sum); backward the same to its input gradient. Default: no.
  static constexpr bool adds_to_output = [] {
    if constexpr (requires { L::adds_to_output; })
      return L::adds_to_output;
    else
      return false;
  }();
  static constexpr bool adds_to_gradient = [] {
    if constexpr (requires { L::adds_to_gradient; })
      return L::adds_to_gradient;
    else
      return false;
  }();
  /// Numbers that inference can work out once of parameters and statistics, and then serve any number of batches with:
  /// `prepared(In)`, or `prepared<In>()`. Such a layer has `prepare(pass, prepared)`, which writes them; forward
  /// finds them in `pass.prepared`, or null there, as always in training. While it prepares there is no input, no
  /// output and no scratch. Default: none.
  static constexpr int prepared = [] {
    if constexpr (requires { L::prepared(In); })
      return L::prepared(In);
    else if constexpr (requires { L::template prepared<In>(); })
      return L::template prepared<In>();
    else
      return 0;
  }();
  /// The same where the weights are to be held smaller: `stored<In, how>()` of them, 0 where the layer can't. Such a
  /// layer has `store<how>(pass, range, prepared)` besides, which writes them, range being what the numbers it reads
  /// lie between (of Stored::int8 only); forward asks `Pass::stored` what it finds in pass.prepared. In nets of floats
  /// only. Default: as it was trained.
  template <Stored How>
  static constexpr int stored = [] {
    if constexpr (How != Stored::as_trained && requires { L::template stored<In, How>(); })
      return L::template stored<In, How>();
    else
      return 0;
  }();
  template <Stored How>
  static constexpr int prepared_as = stored<How> > 0 ? stored<How> : prepared;
  /// Whether it has to know what its input lies between.
  static constexpr bool wants_range = stored<Stored::int8> > 0;
  /// The output is a map of the input, pixel by pixel, that a neighbour can compute as it reads. Such a layer has
  /// `view(pass, room)`, called in place of forward, before every use of what it returns: a functor
  /// `(pixels, channels, from, to)` that several threads call at once, on places that don't overlap. `room` holds
  /// `view_room(In)` numbers and lives as long as the functor, scratch doesn't; there is no pass.output. Where backward
  /// reads the output, it is written all the same. Default: no.
  ///
  /// What the layer's backward wants to know of its output gradient, the functor may ask the reader for, which has just
  /// computed it: `begin_gradient(chunk)` and `add_gradient(chunk, images, input, gradient)` are called by the thread
  /// that works on the chunk, `end_gradient()` when all are done. The images of a chunk come in their order, however
  /// many at a time the reader has, which no sum may depend on. A reader needn't call: then backward looks itself.
  static constexpr bool is_view = requires { L::view_room(In); };
  static constexpr Elements view_room = [] {
    if constexpr (is_view)
      return L::view_room(In);
    else
      return Elements{};
  }();
  /// Forward and backward take such a view as second argument: what each pixel of the input is read through. Backward
  /// may call the three functions, where there are any and the input gradient is wanted. Default: no.
  static constexpr bool reads_views = [] {
    if constexpr (requires { L::reads_views; })
      return L::reads_views;
    else
      return false;
  }();
  /// The parameters stay private to their net, also inside a shared name (normalisation); default: no.
  static constexpr bool private_to_net = [] {
    if constexpr (requires { L::private_to_net; })
      return L::private_to_net;
    else
      return false;
  }();

  static_assert(holds < !in_place || reads == Reads::nothing || reads == Reads::output, L >,
                "rocket: layer: one that works in place cannot read its input in backward");
};

template <class L>
struct LayerHasAShapeRule {
  static constexpr bool named = requires { std::string_view{L::name}; };
  static_assert(holds<named, L>, "rocket: layer: expected `static constexpr std::string_view name`, got none");
  static_assert(holds<requires(Shape in) {
                  { L::output(in) } -> std::same_as<Shape>;
                },
                      L>,
                "rocket: layer: expected `static constexpr Shape output(Shape in)`, got none");
  static constexpr bool ok = true;
};

}  // namespace detail

/// Where the arrays of one layer lie in the big vectors, and where its workspace is. What every pass has.
template <class L, class T, Shape In>
class Place {
 public:
  using Scalar = T;                            ///< float, or double for checks
  static constexpr Shape in = In;              ///< of one sample of the input
  static constexpr Shape out = L::output(In);  ///< of one sample of the output

  int batch = 0;             ///< samples
  const Context* context{};  ///< threads, seed, epoch, who is in the batch
  std::uint64_t use = 0;     ///< names this layer's random stream
  bool again = false;        ///< forward is repeated during backward: what it kept the first time is still there

  /// The i-th array of L::parameters.
  std::span<const T> parameter(std::size_t i) const { return {parameters[i], size(D::parameters, i)}; }
  /// The i-th array of L::statistics.
  std::span<const T> statistic(std::size_t i) const { return {statistics[i], size(D::statistics, i)}; }
  /// The random stream of this layer in this run.
  Random random() const { return Random{context->seed, use}; }

  /// Calls body(begin, end) for chunks of the batch, on several threads when `nanoseconds` a sample are worth it.
  template <class Body>
  void each_chunk(double nanoseconds, const Body& body) const {
    parallel_chunks(batch, context->threads, nanoseconds * batch, [&](int, int begin, int end) { body(begin, end); });
  }
  /// The same one by one: body(i).
  template <class Body>
  void each_sample(double nanoseconds, const Body& body) const {
    each_chunk(nanoseconds, [&](int begin, int end) {
      for (int i = begin; i < end; ++i) body(i);
    });
  }

  std::array<const T*, detail::Declared<L, In>::parameters.size()> parameters{};  ///< filled in by the net
  std::array<const T*, detail::Declared<L, In>::statistics.size()> statistics{};  ///< filled in by the net
  T* kept = nullptr;            ///< workspace of L::kept; null outside of training
  T* scratch = nullptr;         ///< workspace of L::scratch
  const T* prepared = nullptr;  ///< what L::prepare or L::store wrote, in inference; null where nobody did

 protected:
  using D = detail::Declared<L, In>;
  static std::size_t size(const auto& arrays, std::size_t i) {
    return static_cast<std::size_t>(arrays[i].shape.size());
  }
};

/// What forward is handed: reads input and parameters, writes every number of output, and of side, if there is one.
template <class L, class T, Shape In, bool Training, Stored How = Stored::as_trained>
struct ForwardPass : Place<L, T, In> {
  static constexpr bool training = Training;         ///< whether a backward pass may follow
  static constexpr Stored stored = How;              ///< what pass.prepared is; as_trained where L has no `stored`
  Rows<const T, In.size()> input;                    ///< batch x in
  Rows<T, L::output(In).size()> output;              ///< batch x out; the memory of the input, if L::in_place says so
  Rows<T, detail::Declared<L, In>::side_size> side;  ///< batch x L::side; null without one
  Rows<const T, L::output(In).size()> added;         ///< batch x out, null mostly; only where L::adds_to_output
};

/// What backward is handed: reads output_gradient, *writes* input_gradient and *adds* to the parameter gradients, each
/// only where it is wanted. What isn't wanted has no memory: ask with `if constexpr (Pass::wants_...)`. A layer with a
/// side output adds what comes back by it to both, and asks `if (pass.side_gradient.data)`.
template <class L, class T, Shape In, bool WantsInput, bool WantsParameters>
struct BackwardPass : Place<L, T, In> {
  static constexpr bool wants_input_gradient = WantsInput;            ///< else input_gradient is null
  static constexpr bool wants_parameter_gradients = WantsParameters;  ///< else there is no gradient(), no add_sums()
  Rows<const T, In.size()> input;                                     ///< as in forward, if L::reads says so
  Rows<const T, L::output(In).size()> output;                         ///< as in forward, if L::reads says so
  Rows<const T, L::output(In).size()> output_gradient;                ///< batch x out
  Rows<const T, detail::Declared<L, In>::side_size> side_gradient;    ///< batch x L::side; null if no loss looks at it
  Rows<T, In.size()> input_gradient;  ///< batch x in; the memory of output_gradient, if L::in_place says so
  Rows<const T, In.size()> added;     ///< batch x in, null mostly; only where L::adds_to_gradient

  /// The gradient of the i-th array of L::parameters, to be added to.
  std::span<T> gradient(std::size_t i) const requires WantsParameters {
    return {gradients[i], this->size(Place<L, T, In>::D::parameters, i)};
  }
  /// Adds sums over the batch to all gradients. Spoils them.
  /// \param of_chunks  a row a chunk, of the sums over its samples: a number for every parameter, array behind array
  void add_sums(T* of_chunks) const requires WantsParameters {
    constexpr int width = [] {
      int numbers = 0;
      for (const Parameter& parameter : Place<L, T, In>::D::parameters) numbers += parameter.shape.size();
      return numbers;
    }();
    tree_sum(of_chunks, chunk_count(this->batch), width);
    for (std::size_t p = 0; p < gradients.size(); ++p)
      for (T& g : gradient(p)) g += *of_chunks++;
  }
  std::array<T*, detail::Declared<L, In>::parameters.size()> gradients{};  ///< filled in by the net
};

namespace detail {

/// For `accepts` of layers that read images.
template <class Layer, class ExpectedRank, class GotShape, bool sound>
struct LayerReadsImages {
  static_assert(holds<sound, Layer, ExpectedRank, GotShape>,
                "rocket: layer: it reads images: the input must have height, width and channels");
  static constexpr bool ok = true;
};

template <class L, Shape In>
struct LayerHasItsPasses {
  static_assert(holds<requires(const ForwardPass<L, float, In, true>& pass) { L::forward(pass); }, L>,
                "rocket: layer: expected `template <class Pass> static void forward(const Pass& pass)`, got none");
  static_assert(holds<requires(const BackwardPass<L, float, In, true, true>& pass) { L::backward(pass); }, L>,
                "rocket: layer: expected `template <class Pass> static void backward(const Pass& pass)`, got none");
  using D = Declared<L, In>;
  using Inference = ForwardPass<L, float, In, false>;
  static constexpr bool absorbs = requires(const float* kept, std::array<float*, D::statistics.size()> running) {
    L::absorb(In, 1, kept, running);
  };
  static_assert(holds<(D::statistics.empty() || absorbs), L>,
                "rocket: layer: it has statistics: expected `template <class T, std::size_t N> static void "
                "absorb(Shape in, int batch, const T* kept, const std::array<T*, N>& running)`, got none");
  static constexpr bool prepares = requires(const Inference& pass, float* prepared) { L::prepare(pass, prepared); };
  static_assert(holds<(D::prepared == 0 || prepares), L>,
                "rocket: layer: it has `prepared`: expected `template <class Pass, class T> static void prepare(const "
                "Pass& pass, T* prepared)`, got none");
  static constexpr bool stores = requires(const Inference& pass, InputRange range, float* prepared) {
    L::template store<Stored::int8>(pass, range, prepared);
    L::template store<Stored::bf16>(pass, range, prepared);
  };
  static constexpr bool stored = D::template stored<Stored::int8> > 0 || D::template stored<Stored::bf16> > 0;
  static_assert(holds<(!stored || stores), L>,
                "rocket: layer: it has `stored`: expected `template <Stored How, class Pass> static void store(const "
                "Pass& pass, InputRange range, float* prepared)`, got none");
  static constexpr bool views = requires(const Inference& pass, float* room) { L::view(pass, room); };
  static_assert(holds<(!D::is_view || views), L>,
                "rocket: layer: it has `view_room`: expected `template <class Pass, class T> static auto view(const "
                "Pass& pass, T* room)`, got none");
  static constexpr bool ok = true;
};

/// For exports (deploy): asked only of layers of a net that is written.
template <class L, Shape In, class Graph, class Value>
struct LayerDescribesItself {
  static constexpr bool describes = requires(const ForwardPass<L, float, In, false>& place, Graph& graph, Value x) {
    { L::describe(place, graph, x) } -> std::same_as<Value>;
  };
  static_assert(holds<describes, L>,
                "rocket: exports: a layer that is written: expected `template <class Place, class Graph, class Value> "
                "static Value describe(const Place& place, Graph& graph, Value x)`, got none");
  static constexpr bool ok = true;
};

}  // namespace detail

}  // namespace rocket
