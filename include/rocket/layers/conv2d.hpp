#pragma once
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
template <int Outputs, Window W, Bias WithBias = Bias::yes, int Groups = 1>
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

  /// A padded image for every chunk; in backward also the partial sums of the weight gradient, or the flipped weight.
  static constexpr Elements scratch(Shape in) {
    const kernels::ConvolutionSizes s = sizes(in);
    const Elements weight_gradient = larger(Elements::each_chunk(s.weights()), Elements::each_chunk(Outputs));
    return larger(Elements::each_chunk(s.padded_input().copied()) + weight_gradient,
                  Elements::each_chunk(s.padded_output().copied()) + Elements::once(s.weights()));
  }

  template <class Pass>
  static void forward(const Pass& pass) {
    constexpr kernels::ConvolutionSizes s = sizes(Pass::in);
    using Kernel = kernels::Convolution<s>;
    const typename Pass::Scalar* bias = nullptr;
    if constexpr (WithBias == Bias::yes) bias = pass.parameter(1).data();
    each_image(pass, s.padded_input().copied(), [&](int i, auto* scratch) {
      Kernel::forward(pass.input[i].data(), pass.parameter(0).data(), bias, pass.output[i].data(), scratch);
    });
  }

  template <class Pass>
  static void backward(const Pass& pass) {
    constexpr kernels::ConvolutionSizes s = sizes(Pass::in);
    using Kernel = kernels::Convolution<s>;
    constexpr int weights = s.weights();
    constexpr int padded_in = s.padded_input().copied(), padded_out = s.padded_output().copied();
    const int threads = pass.context->threads;
    if constexpr (Pass::wants_parameter_gradients) {
      auto* padded = pass.scratch + Elements::each_chunk(weights).count(pass.batch);
      kernels::sum_over_batch<weights>(pass.batch, threads, nanoseconds<Pass> * pass.batch, pass.scratch,
                                       [&](int i, auto* sum) {
                                         Kernel::weight_gradient(pass.input[i].data(), pass.output_gradient[i].data(),
                                                                 sum, padded + of_chunk(i, padded_in));
                                       });
      for (std::size_t w = 0; w < weights; ++w) pass.gradient(0)[w] += pass.scratch[w];
      if constexpr (WithBias == Bias::yes) {
        kernels::sum_over_batch<Outputs>(
            pass.batch, threads, 0.25 * Pass::out.size() * pass.batch, pass.scratch, [&](int i, auto* sum) {
              kernels::add_positions<Outputs>(Pass::out.positions(), pass.output_gradient[i].data(), sum);
            });
        for (std::size_t o = 0; o < Outputs; ++o) pass.gradient(1)[o] += pass.scratch[o];
      }
    }
    if constexpr (Pass::wants_input_gradient) {
      auto* flipped = pass.scratch + Elements::each_chunk(padded_out).count(pass.batch);
      Kernel::flip(pass.parameter(0).data(), flipped);
      each_image(pass, padded_out, [&](int i, auto* scratch) {
        Kernel::input_gradient(pass.output_gradient[i].data(), flipped, pass.input_gradient[i].data(), scratch);
      });
    }
  }

 private:
  static constexpr kernels::ConvolutionSizes sizes(Shape in) {
    return {in.extent[0], in.extent[1], in.channels(), Outputs, W.size, W.stride, W.padding, groups(in)};
  }
  template <class Pass>
  static constexpr double nanoseconds = static_cast<double>(multiply_adds(Pass::in)) / 50;

  /// body(image, its chunk's padded image of `padded` numbers) for every image of the batch.
  template <class Pass, class Body>
  static void each_image(const Pass& pass, int padded, const Body& body) {
    pass.each_chunk(nanoseconds<Pass>, [&](int begin, int end) {
      for (int i = begin; i < end; ++i) body(i, pass.scratch + of_chunk(i, padded));
    });
  }
  /// Where the numbers of the chunk that sample i is in begin, if every chunk has so many.
  static std::size_t of_chunk(int i, int numbers) {
    return Elements::each_chunk(numbers).count(chunk_samples) * static_cast<std::size_t>(i / chunk_samples);
  }
};

}  // namespace rocket
