#pragma once
#include <algorithm>

#include "rocket/core/parallel.hpp"
#include "rocket/kernels/panels.hpp"

/// \file
/// The sums and maps of batch normalisation over rows x Channels numbers, channels innermost. A row is a position of a
/// sample. Everything here waits for memory: each function reads its numbers once.

namespace rocket::kernels {

/// Whether negative results become 0 (a ReLU behind the normalisation).
enum class Rectified { no, yes };

namespace detail {

/// Of some rows, for each channel: the mean, measured from `origin`, and the sum of squared distances from it.
template <class T>
struct Spread {
  T* mean;
  T* squares;
};

/// Merges the spread of `added` rows into that of `rows` (Chan, Golub, LeVeque 1983): nothing is squared that isn't a
/// distance, so a mean far larger than the deviation costs no digits.
template <class T, class V>
inline void merge_spread(double rows, double added, V& mean, V& squares, V added_mean, V added_squares) {
  const T share = static_cast<T>(added / (rows + added));
  const V apart = added_mean - mean;
  mean += share * apart;
  squares += added_squares + (static_cast<T>(rows) * share) * (apart * apart);
}

/// The spread of rows x Channels numbers. Each block is read twice, but the second time from the first cache.
template <int Channels, class T>
inline void spread(long rows, const T* x, const T* origin, Spread<T> result) {
  std::fill_n(result.mean, Channels, T{0});
  std::fill_n(result.squares, Channels, T{0});
  each_block<T, Channels>(rows, [&](long first, long count) {
    each_panel<T, Channels, units>([&](auto lanes, auto vectors, int c) {
      using V = Simd<T, lanes>;
      using Sum = Registers<T, lanes, 1>;
      const T* block = x + first * Channels + c;
      const T per_row = 1 / static_cast<T>(count);
      V from[vectors], mean[vectors];
      for_each_index<vectors>([&](auto v) { from[v] = load_lanes<lanes>(origin + c + v * lanes); });
      sum_rows<T, 1, Channels>(
          count, lanes, vectors, [&](long at, auto v) { return Sum{{load_lanes<lanes>(block + at) - from[v]}}; },
          [&](auto v, const Sum& sum) { mean[v] = sum.of[0] * per_row; });
      sum_rows<T, 1, Channels>(
          count, lanes, vectors,
          [&](long at, auto v) {
            const V centred = load_lanes<lanes>(block + at) - from[v] - mean[v];
            return Sum{{centred * centred}};
          },
          [&](auto v, const Sum& sum) {
            T* to_mean = result.mean + c + v * lanes;
            T* to_squares = result.squares + c + v * lanes;
            V all_mean = load_lanes<lanes>(to_mean), all_squares = load_lanes<lanes>(to_squares);
            merge_spread<T>(static_cast<double>(first), static_cast<double>(count), all_mean, all_squares, mean[v],
                            sum.of[0]);
            store_lanes(to_mean, all_mean);
            store_lanes(to_squares, all_squares);
          });
    });
  });
}

}  // namespace detail

/// Mean and biased variance of each channel of batch x positions x Channels numbers. Numbers are measured from the
/// first row, spreads of blocks merged in their order, those of chunks by a fixed tree. `partial` has room for
/// chunk_count(batch) * 2 * Channels.
template <int Channels, class T>
void moments(int batch, int positions, Workers workers, const T* x, T* partial, T* mean, T* variance) {
  const int chunks = chunk_count(batch);
  const auto of_chunk = [&](int chunk) {
    T* place = partial + 2L * chunk * Channels;
    return detail::Spread<T>{place, place + Channels};
  };
  parallel_chunks(batch, workers, 0.25 * batch * positions * Channels, [&](int chunk, int begin, int end) {
    detail::spread<Channels>(static_cast<long>(end - begin) * positions,
                             x + static_cast<long>(begin) * positions * Channels, x, of_chunk(chunk));
  });
  const auto rows_of = [&](int chunk, int count) {  // of so many chunks from this one on
    return static_cast<double>(positions) * (std::min(batch, (chunk + count) * chunk_samples) - chunk * chunk_samples);
  };
  for (int step = 1; step < chunks; step *= 2)
    for (int chunk = 0; chunk + step < chunks; chunk += 2 * step) {
      const detail::Spread<T> into = of_chunk(chunk), from = of_chunk(chunk + step);
      for (int c = 0; c < Channels; ++c)
        detail::merge_spread<T>(rows_of(chunk, step), rows_of(chunk + step, step), into.mean[c], into.squares[c],
                                from.mean[c], from.squares[c]);
    }
  const detail::Spread<T> all = of_chunk(0);
  const T per_row = static_cast<T>(1 / rows_of(0, chunks));
  for (int c = 0; c < Channels; ++c) {
    mean[c] = x[c] + all.mean[c];
    variance[c] = all.squares[c] * per_row;
  }
}

/// A map factor (x - mean) + shift of every channel, by arrays of a number a channel. x is measured from the mean
/// first, so a mean far larger than the deviation costs no digits.
template <class T>
struct Affine {
  const T* mean;
  const T* factor;
  const T* shift;
};

/// y = factor (x - mean) + shift, each channel with its own, for rows x Channels numbers, or max(that, 0); y may be x.
template <int Channels, Rectified R, class T>
void scale_and_shift(long rows, const T* x, const Affine<T>& map, T* y) {
  detail::each_block<T, Channels>(rows, [&](long first, long count) {
    detail::each_panel<T, Channels, detail::units>([&](auto lanes, auto vectors, int c) {
      using V = Simd<T, lanes>;
      V m[vectors], f[vectors], s[vectors];
      detail::for_each_index<vectors>([&](auto v) {
        m[v] = load_lanes<lanes>(map.mean + c + v * lanes);
        f[v] = load_lanes<lanes>(map.factor + c + v * lanes);
        s[v] = load_lanes<lanes>(map.shift + c + v * lanes);
      });
      const T* from = x + first * Channels + c;
      T* to = y + first * Channels + c;
      detail::each_unit<Channels, lanes, vectors>(count, [&](long at, auto u) {
        constexpr int v = u % vectors;
        const V scaled = f[v] * (load_lanes<lanes>(from + at) - m[v]) + s[v];
        store_lanes(to + at, R == Rectified::yes ? maximum(V{}, scaled) : scaled);
      });
    });
  });
}

namespace detail {

/// What a normalisation y = factor (x - mean) + shift is to its gradients, for one register of channels.
template <Rectified R, class V>
struct Gate {
  V mean, factor, shift;
  /// dy, or 0 where the output was rectified. `centred` is x - mean.
  V operator()(V dy, V centred) const {
    if constexpr (R == Rectified::no)
      return dy;
    else
      return select(factor * centred + shift > V{}, dy, V{});
  }
};

template <Rectified R, int Lanes, class T>
inline Gate<R, Simd<T, Lanes>> load_gate(const Affine<T>& map, int channel) {
  return {load_lanes<Lanes>(map.mean + channel), load_lanes<Lanes>(map.factor + channel),
          load_lanes<Lanes>(map.shift + channel)};
}

/// For each channel of rows x Channels numbers: adds dy to `sums`, and behind these Channels numbers dy (x - mean).
template <int Channels, Rectified R, class T>
inline void add_gradient_sums_of_rows(long rows, const T* x, const Affine<T>& map, const T* dy, T* sums) {
  each_block<T, Channels>(rows, [&](long first, long count) {
    each_panel<T, Channels, units>([&](auto lanes, auto vectors, int c) {
      using V = Simd<T, lanes>;
      using Sums = Registers<T, lanes, 2>;
      const long start = first * Channels + c;
      Gate<R, V> gate[vectors];
      for_each_index<vectors>([&](auto v) { gate[v] = load_gate<R, lanes>(map, c + v * lanes); });
      sum_rows<T, 2, Channels>(
          count, lanes, vectors,
          [&](long at, auto v) {
            const V centred = load_lanes<lanes>(x + start + at) - gate[v].mean;
            const V gradient = gate[v](load_lanes<lanes>(dy + start + at), centred);
            return Sums{{gradient, gradient * centred}};
          },
          [&](auto v, const Sums& sum) {
            for_each_index<2>([&](auto s) {
              T* to = sums + s * Channels + c + v * lanes;
              store_lanes(to, load_lanes<lanes>(to) + sum.of[s]);
            });
          });
    });
  });
}

}  // namespace detail

/// Images of so many positions or more are summed one by one: then it doesn't matter how many are at hand at a time.
inline constexpr int positions_summed_alone = 16;

/// What the gradients of a normalisation are made of: adds to `sums`, for each channel of images x positions x Channels
/// numbers, dy, and behind these Channels numbers dy (x - mean). Where the output was rectified, dy counts as 0.
template <int Channels, Rectified R, class T>
void add_gradient_sums(int images, int positions, const T* x, const Affine<T>& map, const T* dy, T* sums) {
  const int groups = positions < positions_summed_alone ? 1 : images;
  const long rows = static_cast<long>(images / groups) * positions;
  for (int g = 0; g < groups; ++g, x += rows * Channels, dy += rows * Channels)
    detail::add_gradient_sums_of_rows<Channels, R>(rows, x, map, dy, sums);
}

/// The same sums of every chunk of batch x positions x Channels numbers, 2 * Channels numbers each.
template <int Channels, Rectified R, class T>
void gradient_sums_of_chunks(int batch, int positions, Workers workers, const T* x, const Affine<T>& map, const T* dy,
                             T* sums) {
  parallel_chunks(batch, workers, 0.25 * batch * positions * Channels, [&](int chunk, int begin, int end) {
    T* of_chunk = sums + 2L * chunk * Channels;
    std::fill_n(of_chunk, 2 * Channels, T{0});
    const long first = static_cast<long>(begin) * positions * Channels;
    add_gradient_sums<Channels, R>(end - begin, positions, x + first, map, dy + first, of_chunk);
  });
}

/// dx = a dy + b (x - mean) + c + added, each channel with its own a, b, c, for rows x Channels numbers; dx may be dy.
/// Where the output was rectified, dy counts as 0. `added` is an array like dx, or null for 0.
template <int Channels, Rectified R, class T>
void combine(long rows, const T* dy, const T* x, const Affine<T>& map, const T* a, const T* b, const T* c,
             const T* added, T* dx) {
  detail::each_block<T, Channels>(rows, [&](long first, long count) {
    detail::each_panel<T, Channels, detail::units>([&](auto lanes, auto vectors, int channel) {
      using V = Simd<T, lanes>;
      detail::Gate<R, V> gate[vectors];
      V of_dy[vectors], of_x[vectors], plus[vectors];
      detail::for_each_index<vectors>([&](auto v) {
        const int at = channel + v * lanes;
        gate[v] = detail::load_gate<R, lanes>(map, at);
        of_dy[v] = load_lanes<lanes>(a + at);
        of_x[v] = load_lanes<lanes>(b + at);
        plus[v] = load_lanes<lanes>(c + at);
      });
      const long start = first * Channels + channel;
      detail::each_unit<Channels, lanes, vectors>(count, [&](long at, auto u) {
        constexpr int v = u % vectors;
        const V centred = load_lanes<lanes>(x + start + at) - gate[v].mean;
        const V gradient = gate[v](load_lanes<lanes>(dy + start + at), centred);
        V sum = of_dy[v] * gradient + (of_x[v] * centred + plus[v]);
        if (added) sum += load_lanes<lanes>(added + start + at);
        store_lanes(dx + start + at, sum);
      });
    });
  });
}

}  // namespace rocket::kernels
