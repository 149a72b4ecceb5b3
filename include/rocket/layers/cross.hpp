#pragma once
#include <algorithm>

#include "rocket/core/simd.hpp"
#include "rocket/layers/layer.hpp"

namespace rocket {

/// Products of features with each other, one degree more a step (Wang et al. 2017: Deep & Cross): with x_0 the input,
///
///     x_{l+1} = x_0 s_l + b_l + x_l,  s_l = x_l . w_l,  l = 0 ... Depth - 1
///
/// so that x_l = x_0 (1 + s_0 + ... + s_{l-1}) + b_0 + ... + b_{l-1}, and only the s_l are kept. Backward, from the
/// last step to the first, with g the gradient with respect to x_{l+1}:
///
///     ds = g . x_0     dx_0 += s_l g     db_l = sum over the batch of g     dw_l = ... of ds x_l     g <- g + ds w_l
///
/// `weight` is Depth x inputs, normal with variance 1 / inputs; `bias` as large, starts at 0, doesn't decay.
template <int Depth>
struct Cross {
  static_assert(detail::holds<(Depth > 0), Cross>, "rocket: Cross: the depth must be positive");

  static constexpr std::string_view name = "Cross";
  static constexpr Shape output(Shape in) { return in; }
  static constexpr long multiply_adds(Shape in) { return 2L * Depth * in.size(); }
  static constexpr auto parameters(Shape in) {
    return std::array{Parameter{"weight", Shape{Depth, in.size()}, Init::fan_in(2 * in.size())},
                      Parameter{"bias", Shape{Depth, in.size()}, Init::constant(0), Decay::no}};
  }
  static constexpr Elements kept(Shape) { return Elements::each_sample(Depth); }
  /// The chunk's sums of dw and db; x_l, g and dx_0 of a sample.
  static constexpr Elements scratch(Shape in) { return Elements::each_chunk((2 * Depth + 3) * in.size()); }
  static constexpr Reads reads = Reads::input;

  template <class Pass>
  static void forward(const Pass& pass) {
    using T = typename Pass::Scalar;
    constexpr int n = Pass::in.size();
    const T* const weight = pass.parameter(0).data();
    const T* const bias = pass.parameter(1).data();
    pass.each_sample(0.5 * Depth * n, [&](int i) {
      const T* const x = pass.input[i].data();
      T* const y = pass.output[i].data();
      std::copy_n(x, n, y);
      for (int l = 0; l < Depth; ++l) {
        const T s = dot<n>(y, weight + l * n);
        if (pass.kept) pass.kept[static_cast<long>(i) * Depth + l] = s;
        for (int c = 0; c < n; ++c) y[c] += x[c] * s + bias[l * n + c];
      }
    });
  }

  template <class Pass>
  static void backward(const Pass& pass) {
    using T = typename Pass::Scalar;
    constexpr int n = Pass::in.size(), sums = 2 * Depth * n, room = sums + 3 * n;
    const T* const weight = pass.parameter(0).data();
    T* const of_chunks = pass.scratch + static_cast<long>(chunk_count(pass.batch)) * sums;
    const double nanoseconds = 1.5 * Depth * n * pass.batch;
    parallel_chunks(pass.batch, pass.context->threads, nanoseconds, [&](int chunk, int begin, int end) {
      T* const dw = pass.scratch + static_cast<long>(chunk) * sums;
      T* const db = dw + Depth * n;
      T* const x_l = of_chunks + static_cast<long>(chunk) * (room - sums);
      T *const g = x_l + n, *const dx_0 = g + n;
      if constexpr (Pass::wants_parameter_gradients) std::fill_n(dw, sums, T{0});
      for (int i = begin; i < end; ++i) {
        const T* const x = pass.input[i].data();
        const T* const s = pass.kept + static_cast<long>(i) * Depth;
        std::copy_n(pass.output_gradient[i].data(), n, g);
        std::fill_n(dx_0, n, T{0});
        for (int l = Depth; l-- > 0;) {
          if constexpr (Pass::wants_parameter_gradients) input_of_step<n>(l, s, x, pass.parameter(1).data(), x_l);
          const T ds = dot<n>(g, x);
          for (int c = 0; c < n; ++c) {
            if constexpr (Pass::wants_parameter_gradients) {
              db[l * n + c] += g[c];
              dw[l * n + c] += ds * x_l[c];
            }
            dx_0[c] += s[l] * g[c];
            g[c] += ds * weight[l * n + c];
          }
        }
        if constexpr (Pass::wants_input_gradient)
          for (int c = 0; c < n; ++c) pass.input_gradient[i][static_cast<std::size_t>(c)] = g[c] + dx_0[c];
      }
    });
    if constexpr (Pass::wants_parameter_gradients) pass.add_sums(pass.scratch);
  }

  template <class Place, class Graph, class Value>
  static Value describe(const Place& place, Graph& graph, Value x) {
    constexpr std::size_t n = Place::in.size();
    const Value x_0 = graph.reshape(x, Shape{Place::in.size()});
    Value y = x_0;
    for (std::size_t l = 0; l < Depth; ++l) {
      const Value s =
          graph.product(y, graph.constant(place.parameter(0).subspan(l * n, n), Shape{Place::in.size(), 1}));
      const Value bias = graph.constant(place.parameter(1).subspan(l * n, n), Shape{Place::in.size()});
      y = graph.add(graph.add(graph.multiply(x_0, s), bias), y);
    }
    return graph.reshape(y, Place::in);
  }

 private:
  /// Writes x_l.
  template <int N, class T>
  static void input_of_step(int l, const T* s, const T* x, const T* bias, T* x_l) {
    T factor = 1;
    for (int k = 0; k < l; ++k) factor += s[k];
    for (int c = 0; c < N; ++c) x_l[c] = factor * x[c];
    for (int k = 0; k < l; ++k)
      for (int c = 0; c < N; ++c) x_l[c] += bias[k * N + c];
  }
  template <int N, class T>
  static T dot(const T* a, const T* b) {
    constexpr int lanes = native_lanes<T>;
    Simd<T, lanes> sum{};
    int c = 0;
    for (; c + lanes <= N; c += lanes) sum += load_lanes<lanes>(a + c) * load_lanes<lanes>(b + c);
    T rest = 0;
    for (; c < N; ++c) rest += a[c] * b[c];
    return sum_of_lanes(sum) + rest;
  }
};

}  // namespace rocket
