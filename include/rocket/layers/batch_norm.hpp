#pragma once
#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "rocket/core/real.hpp"
#include "rocket/kernels/batch_norm.hpp"
#include "rocket/layers/layer.hpp"

namespace rocket {

/// What follows a normalisation in the same pass over memory.
enum class Activation { none, relu };

/// How the scale of a BatchNorm starts: at 1, or uniform in [0, 1), as in the code of the rocket launching paper.
enum class ScaleInit { one, uniform };

/// Batch normalisation (Ioffe, Szegedy 2015) over batch and positions, each channel by itself:
///
///     u = (x - mean) / sqrt(variance + Epsilon)        y = scale u + shift
///
/// In training mean and (biased) variance are those of the batch, and with n numbers a channel
///
///     dscale = sum dy u     dshift = sum dy     dx = scale / (n sqrt(variance + Epsilon)) (n dy - dshift - u dscale)
///
/// Otherwise they are the running ones: running += Momentum (batch's - running), the variance unbiased (n - 1). With
/// NormaliseBy::running they are that in training, too: constants, with dx = scale / sqrt(variance + Epsilon) dy.
/// With Activation::relu the output is max(y, 0), and dy is 0 where that is 0: BatchNorm and Relu in one layer, which
/// reads and writes memory half as often.
///
/// `scale` starts at 1, or as Scale says, `shift` at 0; neither decays under Decays::weights. Private to its net, also
/// in a shared block: two nets send different numbers through it.
template <Real Momentum = 0.1, Real Epsilon = 1e-5, ScaleInit Scale = ScaleInit::one,
          Activation After = Activation::none>
struct BatchNorm {
  static constexpr std::string_view name = "BatchNorm";
  static constexpr Shape output(Shape in) { return in; }

  static constexpr auto parameters(Shape in) {
    const Shape channels{in.channels()};
    const Init scale = Scale == ScaleInit::one ? Init::constant(1) : Init::uniform(0, 1);
    return std::array{Parameter{"scale", channels, scale, Decay::no},
                      Parameter{"shift", channels, Init::constant(0), Decay::no}};
  }
  static constexpr auto statistics(Shape in) {
    const Shape channels{in.channels()};
    return std::array{Statistic{"running_mean", channels, 0}, Statistic{"running_variance", channels, 1}};
  }
  static constexpr bool private_to_net = true;

  static constexpr Reads reads = Reads::input;
  static constexpr bool adds_to_gradient = true;
  /// The batch's mean, variance and 1 / sqrt(variance + Epsilon); where a reader may take the sums of the chunks,
  /// whether one did, and these, two numbers a channel.
  static constexpr Elements kept(Shape in) {
    const Elements moments = 3 * Elements::once(in.channels());
    return reader_may_sum(in) ? moments + Elements::once(1) + Elements::each_chunk(2 * in.channels()) : moments;
  }
  /// Partial sums of two numbers a channel, and the factor.
  static constexpr Elements scratch(Shape in) {
    return Elements::each_chunk(2 * in.channels()) + Elements::once(in.channels());
  }

  /// The factor of the running statistics.
  static constexpr int prepared(Shape in) { return in.channels(); }
  template <class Pass>
  static void prepare(const Pass& pass, typename Pass::Scalar* factor) {
    running(pass, factor);
  }

  template <class Pass>
  static void forward(const Pass& pass) {
    const auto normalised = view(pass, factor_place(pass));
    pass.each_chunk(0.25 * Pass::in.size(), [&](int begin, int end) {
      normalised(static_cast<long>(end - begin) * Pass::in.positions(), Pass::in.channels(), pass.input[begin].data(),
                 pass.output[begin].data());
    });
  }

  static constexpr Elements view_room(Shape in) { return Elements::once(in.channels()); }
  template <class Pass>
  static auto view(const Pass& pass, typename Pass::Scalar* room) {
    using T = typename Pass::Scalar;
    constexpr int channels = Pass::in.channels();
    const kernels::Affine<T> map = measure(pass, room);
    if constexpr (Pass::training && reader_may_sum(Pass::in)) {
      const Kept<T> batch{pass.kept, channels};
      return SummingView<T, channels, Pass::in.positions()>{{map}, batch.sums, batch.summed};
    } else {
      return View<T, channels>{map};
    }
  }

  template <class Pass>
  static void backward(const Pass& pass) {
    using T = typename Pass::Scalar;
    constexpr int channels = Pass::in.channels();
    const Kept<T> batch{pass.kept, channels};
    T* factor = factor_place(pass);
    const kernels::Affine<T> map = affine(pass, batch.mean, batch.inverse_deviation, factor);
    T* const sums = sums_of_chunks(pass, batch, map);
    tree_sum(sums, chunk_count(pass.batch), 2 * channels);
    T* shift_gradient = sums;
    T* scale_gradient = sums + channels;
    for (int c = 0; c < channels; ++c) scale_gradient[c] *= batch.inverse_deviation[c];
    if constexpr (Pass::wants_parameter_gradients)
      for (std::size_t c = 0; c < channels; ++c) {
        pass.gradient(0)[c] += scale_gradient[c];
        pass.gradient(1)[c] += shift_gradient[c];
      }
    if constexpr (Pass::wants_input_gradient) {
      constexpr int positions = Pass::in.positions();
      // dx = a dy + b (x - mean) + c, where a is the factor, and b and c take the places of the sums they are made of.
      T* b = scale_gradient;
      T* c = shift_gradient;
      const bool moments_depend_on_x = pass.context->normalise_by == NormaliseBy::batch;
      const T per_number = moments_depend_on_x ? 1 / (static_cast<T>(positions) * static_cast<T>(pass.batch)) : T{0};
      for (int i = 0; i < channels; ++i) {
        b[i] *= -per_number * factor[i] * batch.inverse_deviation[i];
        c[i] *= -per_number * factor[i];
      }
      pass.each_chunk(0.25 * Pass::in.size(), [&](int begin, int end) {
        const long first = static_cast<long>(begin) * Pass::in.size();
        kernels::combine<channels, rectified>(
            static_cast<long>(end - begin) * positions, pass.output_gradient.data + first, pass.input.data + first, map,
            factor, b, c, pass.added.data ? pass.added.data + first : nullptr, pass.input_gradient.data + first);
      });
    }
  }

  /// Folds the moments of the batch just seen into the running ones.
  template <class T>
  static void absorb(Shape in, int batch_size, const T* kept, std::array<T*, 2> running) {
    const int channels = in.channels();
    const Kept<const T> batch{kept, channels};
    const T count = static_cast<T>(in.positions()) * static_cast<T>(batch_size);
    const T unbiased = count > 1 ? count / (count - 1) : T{1};
    const T momentum = static_cast<T>(Momentum.value());
    for (int c = 0; c < channels; ++c) {
      running[0][c] += momentum * (batch.mean[c] - running[0][c]);
      running[1][c] += momentum * (unbiased * batch.variance[c] - running[1][c]);
    }
  }

  /// factor x + offset, by the running statistics: factor = scale / deviation, offset = shift - factor mean.
  template <class Place, class Graph, class Value>
  static Value describe(const Place& place, Graph& graph, Value x) {
    const auto scale = place.parameter(0), shift = place.parameter(1);
    const auto mean = place.statistic(0), variance = place.statistic(1);
    std::vector<typename Place::Scalar> factors, offsets;
    for (std::size_t c = 0; c < scale.size(); ++c) {
      const double factor = scale[c] / std::sqrt(double{variance[c]} + Epsilon.value());
      factors.push_back(static_cast<typename Place::Scalar>(factor));
      offsets.push_back(static_cast<typename Place::Scalar>(shift[c] - factor * mean[c]));
    }
    const Value factor = graph.derived(scale, "factor", std::move(factors));
    const Value offset = graph.derived(scale, "offset", std::move(offsets));
    const Value y = graph.affine(x, factor, offset);
    return After == Activation::relu ? graph.relu(y) : y;
  }

 private:
  template <class T>
  struct Kept {
    T* mean;
    T* variance;
    T* inverse_deviation;
    T* summed;  ///< 1 where a reader took the sums, else 0: kept is the only memory from forward to backward
    T* sums;    ///< of the chunks
    Kept(T* kept, int channels)
        : mean{kept},
          variance{mean + Elements::once(channels).count(0)},
          inverse_deviation{variance + Elements::once(channels).count(0)},
          summed{inverse_deviation + Elements::once(channels).count(0)},
          sums{summed + Elements::once(1).count(0)} {}
  };

  static constexpr auto rectified = After == Activation::relu ? kernels::Rectified::yes : kernels::Rectified::no;

  /// Reads a neighbour's input as this layer's output.
  template <class T, int Channels>
  struct View {
    kernels::Affine<T> map;
    void operator()(long pixels, int, const T* from, T* to) const {
      kernels::scale_and_shift<Channels, rectified>(pixels, from, map, to);
    }
  };
  /// Whether the sums of an image are its own, so that they can be taken however many images are at hand.
  static constexpr bool reader_may_sum(Shape in) { return in.positions() >= kernels::positions_summed_alone; }
  /// In backward it takes the sums on the way: by themselves they would cost a pass over memory.
  template <class T, int Channels, int Positions>
  struct SummingView : View<T, Channels> {
    T* sums;
    T* summed;
    void begin_gradient(int chunk) const { std::fill_n(of_chunk(chunk), 2 * Channels, T{0}); }
    void add_gradient(int chunk, int images, const T* x, const T* gradient) const {
      kernels::add_gradient_sums<Channels, rectified>(images, Positions, x, this->map, gradient, of_chunk(chunk));
    }
    void end_gradient() const { *summed = 1; }
    T* of_chunk(int chunk) const { return sums + 2L * chunk * Channels; }
  };

  /// Of dy and of dy (x - mean): those that a reader took, or taken now.
  template <class Pass, class T>
  static T* sums_of_chunks(const Pass& pass, const Kept<T>& batch, const kernels::Affine<T>& map) {
    if constexpr (reader_may_sum(Pass::in))
      if (*batch.summed != 0) return batch.sums;
    kernels::gradient_sums_of_chunks<Pass::in.channels(), rectified>(pass.batch, Pass::in.positions(),
                                                                     pass.context->threads, pass.input.data, map,
                                                                     pass.output_gradient.data, pass.scratch);
    return pass.scratch;
  }

  template <class T>
  static T inverse_root(T variance) {
    return 1 / std::sqrt(variance + static_cast<T>(Epsilon.value()));
  }
  template <class Pass>
  static typename Pass::Scalar* factor_place(const Pass& pass) {
    return pass.scratch + Elements::each_chunk(2 * Pass::in.channels()).count(pass.batch);
  }

  /// y as a map of x; its factor, scale / deviation, is written to `factor`.
  template <class Pass, class T>
  static kernels::Affine<T> affine(const Pass& pass, const T* mean, const T* inverse_deviation, T* factor) {
    for (std::size_t c = 0; c < Pass::in.channels(); ++c) factor[c] = pass.parameter(0)[c] * inverse_deviation[c];
    return {mean, factor, pass.parameter(1).data()};
  }
  /// The same, once the moments are found: those of the batch, which are kept, or the running ones.
  template <class Pass, class T>
  static kernels::Affine<T> measure(const Pass& pass, T* factor) {
    constexpr int channels = Pass::in.channels();
    if constexpr (Pass::training) {
      const Kept<T> batch{pass.kept, channels};
      if constexpr (reader_may_sum(Pass::in)) *batch.summed = 0;
      if (!pass.again) {
        if (pass.context->normalise_by == NormaliseBy::batch) {
          kernels::moments<channels>(pass.batch, Pass::in.positions(), pass.context->threads, pass.input.data,
                                     pass.scratch, batch.mean, batch.variance);
        } else {
          std::copy_n(pass.statistic(0).data(), channels, batch.mean);
          std::copy_n(pass.statistic(1).data(), channels, batch.variance);
        }
        for (int c = 0; c < channels; ++c) batch.inverse_deviation[c] = inverse_root(batch.variance[c]);
      }
      return affine(pass, static_cast<const T*>(batch.mean), static_cast<const T*>(batch.inverse_deviation), factor);
    } else if (pass.prepared) {
      return {pass.statistic(0).data(), pass.prepared, pass.parameter(1).data()};
    } else {
      return running(pass, factor);
    }
  }
  template <class Pass, class T>
  static kernels::Affine<T> running(const Pass& pass, T* factor) {
    for (std::size_t c = 0; c < Pass::in.channels(); ++c) factor[c] = inverse_root(pass.statistic(1)[c]);
    return affine(pass, pass.statistic(0).data(), static_cast<const T*>(factor), factor);
  }
};

/// The same, and a ReLU in the same pass over memory.
template <Real Momentum = 0.1, Real Epsilon = 1e-5, ScaleInit Scale = ScaleInit::one>
using BatchNormRelu = BatchNorm<Momentum, Epsilon, Scale, Activation::relu>;

}  // namespace rocket
