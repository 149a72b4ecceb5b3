#pragma once
#include <algorithm>
#include <cmath>

#include "rocket/core/real.hpp"
#include "rocket/kernels/reduce.hpp"
#include "rocket/layers/layer.hpp"

namespace rocket {

/// Batch normalisation (Ioffe, Szegedy 2015) over batch and positions, each channel by itself:
///
///     u = (x - mean) / sqrt(variance + Epsilon)        y = scale u + shift
///
/// In training mean and (biased) variance are those of the batch, and with n numbers a channel
///
///     dscale = sum dy u     dshift = sum dy     dx = scale / (n sqrt(variance + Epsilon)) (n dy - dshift - u dscale)
///
/// Otherwise they are the running ones: running += Momentum (batch's - running), the variance unbiased (n - 1).
/// `scale` starts at 1, `shift` at 0; neither decays under Decays::weights. Private to its net, also in a shared block:
/// two nets send different numbers through it.
template <Real Momentum = 0.1, Real Epsilon = 1e-5>
struct BatchNorm {
  static constexpr std::string_view name = "BatchNorm";
  static constexpr Shape output(Shape in) { return in; }

  static constexpr auto parameters(Shape in) {
    const Shape channels{in.channels()};
    return std::array{Parameter{"scale", channels, Init::constant(1), Decay::no},
                      Parameter{"shift", channels, Init::constant(0), Decay::no}};
  }
  static constexpr auto statistics(Shape in) {
    const Shape channels{in.channels()};
    return std::array{Statistic{"running_mean", channels, 0}, Statistic{"running_variance", channels, 1}};
  }
  static constexpr bool private_to_net = true;

  static constexpr Reads reads = Reads::input;
  /// The batch's mean, variance and 1 / sqrt(variance + Epsilon).
  static constexpr Elements kept(Shape in) { return 3 * Elements::once(in.channels()); }
  static constexpr Elements scratch(Shape in) { return Elements::each_chunk(2 * in.channels()); }

  template <class Pass>
  static void forward(const Pass& pass) {
    using T = typename Pass::Scalar;
    constexpr int channels = Pass::in.channels();
    if constexpr (Pass::training) {
      const Moments<T> batch{pass.kept, channels};
      const T count = numbers_a_channel(pass);
      sum_channels<channels>(pass, [&](int i, std::size_t at, std::size_t) { return pass.input[i][at]; });
      for (int c = 0; c < channels; ++c) batch.mean[c] = pass.scratch[c] / count;
      sum_channels<channels>(pass, [&](int i, std::size_t at, std::size_t c) {
        const T centred = pass.input[i][at] - batch.mean[c];
        return centred * centred;
      });
      for (int c = 0; c < channels; ++c) {
        batch.variance[c] = pass.scratch[c] / count;
        batch.inverse_deviation[c] = 1 / std::sqrt(batch.variance[c] + static_cast<T>(Epsilon.value()));
      }
      normalise(pass, batch.mean, batch.inverse_deviation);
    } else {
      T* inverse_deviation = pass.scratch;
      for (std::size_t c = 0; c < channels; ++c)
        inverse_deviation[c] = 1 / std::sqrt(pass.statistic(1)[c] + static_cast<T>(Epsilon.value()));
      normalise(pass, pass.statistic(0).data(), inverse_deviation);
    }
  }

  template <class Pass>
  static void backward(const Pass& pass) {
    using T = typename Pass::Scalar;
    constexpr int channels = Pass::in.channels();
    const Moments<T> batch{pass.kept, channels};
    const auto normalised = [&](int i, std::size_t at, std::size_t c) {
      return (pass.input[i][at] - batch.mean[c]) * batch.inverse_deviation[c];
    };
    kernels::sum_over_batch<2 * channels>(pass.batch, pass.context->threads, 0.5 * Pass::in.size() * pass.batch,
                                          pass.scratch, [&](int i, T* sum) {
                                            each_number<Pass>([&](std::size_t at, std::size_t c) {
                                              const T dy = pass.output_gradient[i][at];
                                              sum[c] += dy;
                                              sum[channels + c] += dy * normalised(i, at, c);
                                            });
                                          });
    const T* shift_gradient = pass.scratch;
    const T* scale_gradient = pass.scratch + channels;
    if constexpr (Pass::wants_parameter_gradients)
      for (std::size_t c = 0; c < channels; ++c) {
        pass.gradient(0)[c] += scale_gradient[c];
        pass.gradient(1)[c] += shift_gradient[c];
      }
    if constexpr (Pass::wants_input_gradient) {
      const T per_number = 1 / numbers_a_channel(pass);
      const auto scale = pass.parameter(0);
      pass.each_chunk(0.5 * Pass::in.size(), [&](int begin, int end) {
        for (int i = begin; i < end; ++i)
          each_number<Pass>([&](std::size_t at, std::size_t c) {
            const T dy = pass.output_gradient[i][at];
            pass.input_gradient[i][at] =
                scale[c] * batch.inverse_deviation[c] *
                (dy - per_number * (shift_gradient[c] + normalised(i, at, c) * scale_gradient[c]));
          });
      });
    }
  }

  /// Folds the moments of the batch just seen into the running ones.
  template <class T>
  static void absorb(Shape in, int batch_size, const T* kept, std::array<T*, 2> running) {
    const int channels = in.channels();
    const Moments<const T> batch{kept, channels};
    const T count = static_cast<T>(in.positions()) * static_cast<T>(batch_size);
    const T unbiased = count > 1 ? count / (count - 1) : T{1};
    const T momentum = static_cast<T>(Momentum.value());
    for (int c = 0; c < channels; ++c) {
      running[0][c] += momentum * (batch.mean[c] - running[0][c]);
      running[1][c] += momentum * (unbiased * batch.variance[c] - running[1][c]);
    }
  }

 private:
  template <class T>
  struct Moments {
    T* mean;
    T* variance;
    T* inverse_deviation;
    Moments(T* kept, int channels)
        : mean{kept},
          variance{kept + Elements::once(channels).count(0)},
          inverse_deviation{kept + 2 * Elements::once(channels).count(0)} {}
  };

  template <class Pass>
  static typename Pass::Scalar numbers_a_channel(const Pass& pass) {
    return static_cast<typename Pass::Scalar>(Pass::in.positions()) * static_cast<typename Pass::Scalar>(pass.batch);
  }

  /// body(index in the sample, channel) for every number of a sample.
  template <class Pass, class Body>
  static void each_number(const Body& body) {
    constexpr auto channels = static_cast<std::size_t>(Pass::in.channels());
    for (std::size_t start = 0; start < static_cast<std::size_t>(Pass::in.size()); start += channels)
      for (std::size_t c = 0; c < channels; ++c) body(start + c, c);
  }

  /// scratch[c] = sum over batch and positions of term(sample, index in the sample, c).
  template <int Channels, class Pass, class Term>
  static void sum_channels(const Pass& pass, const Term& term) {
    using T = typename Pass::Scalar;
    kernels::sum_over_batch<Channels>(
        pass.batch, pass.context->threads, 0.25 * Pass::in.size() * pass.batch, pass.scratch,
        [&](int i, T* sum) { each_number<Pass>([&](std::size_t at, std::size_t c) { sum[c] += term(i, at, c); }); });
  }

  template <class Pass, class T>
  static void normalise(const Pass& pass, const T* mean, const T* inverse_deviation) {
    const auto scale = pass.parameter(0);
    const auto shift = pass.parameter(1);
    pass.each_chunk(0.25 * Pass::in.size(), [&](int begin, int end) {
      for (int i = begin; i < end; ++i)
        each_number<Pass>([&](std::size_t at, std::size_t c) {
          pass.output[i][at] = scale[c] * ((pass.input[i][at] - mean[c]) * inverse_deviation[c]) + shift[c];
        });
    });
  }
};

}  // namespace rocket
