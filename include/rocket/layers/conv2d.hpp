#pragma once
#include <algorithm>

#include "rocket/kernels/convolution.hpp"
#include "rocket/kernels/reduce.hpp"
#include "rocket/layers/bias.hpp"
#include "rocket/layers/layer.hpp"
#include "rocket/layers/window.hpp"

namespace rocket {

/// As many groups as there are input channels.
inline constexpr int depthwise = 0;

namespace detail {
template <class Layer, class InputsOutputs, class GotGroups, bool sound>
struct GroupsDivideTheChannels {
  static_assert(holds<sound, Layer, InputsOutputs, GotGroups>,
                "rocket: Conv2d: the number of groups (got) must divide the channels in and out (expected)");
  static constexpr bool ok = true;
};
}  // namespace detail

/// Convolution over images, height x width x channels, with zeros around them:
///
///     y[i, j, o] = b[o] + sum over (u, v, c): x[S i + u - P, S j + v - P, c] w[u, v, c, o]
///
///     dx[p, q, c] = sum over (i, u: S i + u - P = p), (j, v: S j + v - P = q), o: dy[i, j, o] w[u, v, c, o]
///     dw[u, v, c, o] = sum over the batch, i, j: x[S i + u - P, S j + v - P, c] dy[i, j, o]      db[o] = sum of dy
///
/// `weight` is size x size x inputs a group x Outputs, Outputs innermost; normal with variance 2 / fan-in (He et al.
/// 2015). `bias` starts at 0, doesn't decay. With groups, group g of the outputs sees group g of the inputs alone.
///
/// \tparam Outputs channels out   \tparam W size, stride S, padding P
/// \tparam Groups  a number that divides both channel counts, or `depthwise`
/// \tparam By      ConvolveBy::direct_sums never takes Winograd's short cut (kernels/winograd.hpp), which is two to
///                 three times faster where it fits (window 3, stride 1, no groups, 8 channels in and out) and rounds
///                 up to four times coarser
template <int Outputs, Window W, Bias WithBias = Bias::yes, int Groups = 1, ConvolveBy By = ConvolveBy::fastest>
struct Conv2d {
  static_assert(detail::holds<(Outputs > 0), Conv2d>, "rocket: Conv2d: the number of outputs must be positive");
  static_assert(detail::holds<(Groups >= 0), Conv2d>, "rocket: Conv2d: the number of groups can't be negative");
  static_assert(detail::WindowIsSound<Conv2d, Got<W.size, W.stride, W.padding>, W.sound()>::ok);

  static constexpr std::string_view name = "Conv2d";
  static constexpr Shape output(Shape in) { return W.over(in, Outputs); }
  /// How many groups there are: `depthwise` is one a channel.
  static constexpr int groups(Shape in) { return Groups == depthwise ? in.channels() : Groups; }
  template <Shape In>
  static constexpr bool accepts = [] {
    constexpr int count = groups(In);
    constexpr bool divide = In.channels() % count == 0 && Outputs % count == 0;
    using Divided = detail::GroupsDivideTheChannels<Conv2d, Expected<In.channels(), Outputs>, Got<count>, divide>;
    return detail::WindowSlides<Conv2d, W, In>::ok && Divided::ok;
  }();
  static constexpr long multiply_adds(Shape in) {
    const Shape out = output(in);
    return long{out.size()} * W.size * W.size * sizes(in).group_inputs();
  }

  static constexpr auto parameters(Shape in) {
    const int fan_in = W.size * W.size * sizes(in).group_inputs();
    const Parameter weight{"weight", Shape{W.size, W.size, sizes(in).group_inputs(), Outputs}, Init::fan_in(fan_in)};
    if constexpr (WithBias == Bias::yes)
      return std::array{weight, Parameter{"bias", Shape{Outputs}, Init::constant(0), Decay::no}};
    else
      return std::array{weight};
  }

  static constexpr Reads reads = Reads::input;

  static constexpr bool adds_to_output = true, adds_to_gradient = true, reads_views = true;

  /// The weight as the kernel wants it and, for every chunk, room for the kernel; in backward also the chunk's sums of
  /// the gradients of weight and bias.
  template <Shape In>
  static constexpr Elements scratch() {
    if constexpr (In.rank == 3) {
      using Kernel = kernels::Convolution<sizes(In), By>;
      return larger(Elements::once(Kernel::prepared_weights) + Elements::each_chunk(Kernel::forward_scratch),
                    Elements::once(Kernel::prepared_gradient_weights) + Elements::each_chunk(sums(In)) +
                        Elements::each_chunk(backward_scratch<Kernel>));
    } else {
      return {};  // `accepts` has the sentence
    }
  }

  template <Shape In>
  static constexpr int prepared() {
    return kernels::Convolution<sizes(In), By>::prepared_weights;
  }
  template <class Pass>
  static void prepare(const Pass& pass, typename Pass::Scalar* prepared) {
    kernels::Convolution<sizes(Pass::in), By>::prepare(pass.parameter(0).data(), prepared);
  }

  template <class Pass, class View = kernels::AsIs>
  static void forward(const Pass& pass, const View& view = {}) {
    using T = typename Pass::Scalar;
    using Kernel = kernels::Convolution<sizes(Pass::in), By>;
    const T* weight = pass.prepared;
    if (!weight) weight = Kernel::prepare(pass.parameter(0).data(), pass.scratch);
    T* of_chunks = pass.scratch + Elements::once(Kernel::prepared_weights).count(0);
    pass.each_chunk(nanoseconds<Pass>, [&](int begin, int end) {
      kernels::Addends<T> addends;
      if constexpr (WithBias == Bias::yes) addends.bias = pass.parameter(1).data();
      if (pass.added.data) addends.array = pass.added[begin].data();
      Kernel::forward(end - begin, pass.input[begin].data(), weight, pass.output[begin].data(),
                      of_chunk(begin, of_chunks, Kernel::forward_scratch), view, addends);
    });
  }

  template <class Pass, class View = kernels::AsIs>
  static void backward(const Pass& pass, const View& view = {}) {
    using T = typename Pass::Scalar;
    using Kernel = kernels::Convolution<sizes(Pass::in), By>;
    constexpr int width = sums(Pass::in);
    [[maybe_unused]] constexpr int weights = sizes(Pass::in).weights();
    constexpr bool tells_view = Pass::wants_input_gradient && requires(const View& asking) { asking.end_gradient(); };
    T *prepared = pass.scratch, *chunk_sums = prepared + Elements::once(Kernel::prepared_gradient_weights).count(0);
    T* of_chunks = chunk_sums + Elements::each_chunk(width).count(pass.batch);
    const T* weight = nullptr;
    if constexpr (Pass::wants_input_gradient) weight = Kernel::prepare_gradient(pass.parameter(0).data(), prepared);

    pass.each_chunk(2 * nanoseconds<Pass>, [&](int begin, int end) {
      T* scratch = of_chunk(begin, of_chunks, backward_scratch<Kernel>);
      T* kernel_sums = scratch + std::max(Kernel::weight_gradient_scratch, Kernel::input_gradient_scratch);
      const int chunk = begin / chunk_samples;
      T* sum = chunk_sums + static_cast<long>(chunk) * width;
      if constexpr (tells_view) view.begin_gradient(chunk);
      if constexpr (Pass::wants_parameter_gradients) {
        std::fill_n(kernel_sums, Kernel::weight_sums, T{0});
        if constexpr (WithBias == Bias::yes) std::fill_n(sum + weights, Outputs, T{0});
      }
      for (int first = begin; first < end; first += Kernel::images_at_once) {
        const int images = std::min(Kernel::images_at_once, end - first);
        const int images_then = std::min(Kernel::images_at_once, end - first - images);
        const T *x = pass.input[first].data(), *dy = pass.output_gradient[first].data();
        const auto of_next_images = [&](const T* array, int size) {
          return kernels::Next<T>{array + long{images} * size, long{images_then} * size};
        };
        if constexpr (Pass::wants_input_gradient) {
          kernels::Addends<T> addends;
          if (pass.added.data) addends.array = pass.added[first].data();
          const auto next = Pass::wants_parameter_gradients ? kernels::Next<T>{x, long{images} * Pass::in.size()}
                                                            : of_next_images(dy, Pass::out.size());
          T* const dx = pass.input_gradient[first].data();
          Kernel::input_gradient(images, dy, weight, dx, scratch, addends, next);
          if constexpr (tells_view) view.add_gradient(chunk, images, x, dx);
        }
        if constexpr (Pass::wants_parameter_gradients) {
          const auto next =
              Pass::wants_input_gradient ? of_next_images(dy, Pass::out.size()) : of_next_images(x, Pass::in.size());
          Kernel::weight_gradient(images, x, dy, kernel_sums, scratch, view, next);
          if constexpr (WithBias == Bias::yes)
            kernels::add_positions<Outputs>(images * Pass::out.positions(), dy, sum + weights);
        }
      }
      if constexpr (Pass::wants_parameter_gradients) Kernel::finish_weight_gradient(kernel_sums, sum);
    });
    if constexpr (tells_view) view.end_gradient();
    if constexpr (Pass::wants_parameter_gradients) pass.add_sums(chunk_sums);
  }

  template <class Place, class Graph, class Value>
  static Value describe(const Place& place, Graph& graph, Value x) {
    const Value weight = graph.constant(place.parameter(0));
    if constexpr (WithBias == Bias::yes)
      return graph.convolution(x, weight, graph.constant(place.parameter(1)), W, groups(Place::in));
    else
      return graph.convolution(x, weight, W, groups(Place::in));
  }

 private:
  static constexpr kernels::ConvolutionSizes sizes(Shape in) {
    return {in.extent[0], in.extent[1], in.channels(), Outputs, W.size, W.stride, W.padding, groups(in)};
  }
  /// Numbers of weight and bias together.
  static constexpr int sums(Shape in) { return sizes(in).weights() + (WithBias == Bias::yes ? Outputs : 0); }
  template <class Kernel>
  static constexpr int backward_scratch =
      std::max(Kernel::weight_gradient_scratch, Kernel::input_gradient_scratch) + Kernel::weight_sums;
  template <class Pass>
  static constexpr double nanoseconds = nanoseconds_of_products(static_cast<double>(multiply_adds(Pass::in)));

  /// The room of the chunk that sample i is in, if every chunk has so many numbers.
  template <class T>
  static T* of_chunk(int i, T* of_chunks, int numbers) {
    return of_chunks + Elements::each_chunk(numbers).count(chunk_samples) * static_cast<std::size_t>(i / chunk_samples);
  }
};

}  // namespace rocket
