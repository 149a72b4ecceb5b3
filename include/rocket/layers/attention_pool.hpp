#pragma once
#include <algorithm>

#include "rocket/layers/layer.hpp"

namespace rocket {

namespace detail {
template <class Layer, class GotShape, bool sound>
struct AttentionPoolReadsATargetAndRows {
  static_assert(
      holds<sound, Layer, GotShape>,
      "rocket: AttentionPool: it reads rows of one dimension, the target first: the input must have two extents,"
      " the first of them at least 2");
  static constexpr bool ok = true;
};
}  // namespace detail

/// What a history says about a target (Zhou et al. 2018: Deep Interest Network): the input is H + 1 rows of D numbers,
/// the target v and then a history e_1 ... e_H, the output D numbers,
///
///     y = sum_j a_j e_j,  a_j = w . relu(h_j) + s,  h_j = W^T [e_j, v, e_j * v] + b
///
/// The weights aren't normalised, so they also say how much there is of what fits, and a row of zeros, which is how a
/// Sequence says that there is none, counts for nothing. With W in three parts for the three things it reads,
///
///     h_j = e_j M + c,  M = W_e + diag(v) W_p,  c = v W_v + b
///
/// and M and c are worked out once a sample. Backward, with dh_j = dy.e_j w where h_j > 0:
///
///     de_j = a_j dy + dh_j M^T      dM = sum_j e_j^T dh_j      dc = sum_j dh_j      dw = sum_j dy.e_j relu(h_j)
///     dW_e = dM      dW_p = diag(v) dM      dW_v = v^T dc      dv = W_v dc + (dM * W_p) 1
///
/// `weight` is 3 D x Hidden (W_e, W_v, W_p), normal with variance 2 / 3 D; `bias` is Hidden and starts at 0; `score` is
/// Hidden, normal with variance 1 / Hidden; `score_bias` is one number and starts at 1 / H, the mean of the history.
template <int Hidden>
struct AttentionPool {
  static_assert(detail::holds<(Hidden > 0), AttentionPool>, "rocket: AttentionPool: the hidden units must be positive");

  static constexpr std::string_view name = "AttentionPool";
  static constexpr Shape output(Shape in) { return Shape{in.channels()}; }
  template <Shape In>
  static constexpr bool accepts =
      detail::AttentionPoolReadsATargetAndRows<AttentionPool, Got<In>, In.rank == 2 && In.extent[0] >= 2>::ok;
  static constexpr long multiply_adds(Shape in) {
    const long rows = in.extent[0] - 1, width = in.channels();
    return rows * (width + 1) * Hidden + 2 * width * Hidden + rows * width;
  }
  static constexpr auto parameters(Shape in) {
    return std::array{
        Parameter{"weight", Shape{3 * in.channels(), Hidden}, Init::fan_in(3 * in.channels())},
        Parameter{"bias", Shape{Hidden}, Init::constant(0), Decay::no},
        Parameter{"score", Shape{Hidden}, Init::fan_in(2 * Hidden)},
        Parameter{"score_bias", Shape{1}, Init::constant(1.0 / std::max(1, in.extent[0] - 1)), Decay::no}};
  }
  /// relu(h_j) and a_j of all rows.
  static constexpr Elements kept(Shape in) { return Elements::each_sample((in.extent[0] - 1) * (Hidden + 1)); }
  /// M, c, their gradients and one h; the chunk's sums of the gradients of all parameters.
  static constexpr Elements scratch(Shape in) {
    return Elements::each_chunk(room(in.channels())) + Elements::each_chunk(sums(in.channels()));
  }
  static constexpr Reads reads = Reads::input;

  template <class Pass>
  static void forward(const Pass& pass) {
    using T = typename Pass::Scalar;
    constexpr int width = Pass::in.channels(), rows = Pass::in.extent[0] - 1;
    each_chunk(pass, 1, [&](int chunk, int begin, int end) {
      const Room<T, width> room{pass.scratch, chunk};
      std::array<T, Hidden> rectified;
      for (int i = begin; i < end; ++i) {
        const T* const target = pass.input[i].data();
        T* const y = pass.output[i].data();
        room.prepare(pass, target);
        std::fill_n(y, width, T{0});
        for (int j = 0; j < rows; ++j) {
          const T* const e = target + (j + 1) * width;
          T* const r = pass.kept ? kept_row(pass, i, j) : rectified.data();
          const T a = score(pass, room, e, r);
          if (pass.kept) r[Hidden] = a;
          for (int d = 0; d < width; ++d) y[d] += a * e[d];
        }
      }
    });
  }

  template <class Pass>
  static void backward(const Pass& pass) {
    using T = typename Pass::Scalar;
    constexpr int width = Pass::in.channels(), rows = Pass::in.extent[0] - 1;
    T* const of_chunks = pass.scratch + static_cast<long>(chunk_count(pass.batch)) * room(width);
    const T* const weight = pass.parameter(0).data();
    const T* const w = pass.parameter(2).data();
    each_chunk(pass, 3, [&](int chunk, int begin, int end) {
      const Room<T, width> room{pass.scratch, chunk};
      T* const sum = of_chunks + static_cast<long>(chunk) * sums(width);
      T *const d_bias = sum + 3 * width * Hidden, *const d_score = d_bias + Hidden;
      if constexpr (Pass::wants_parameter_gradients) std::fill_n(sum, sums(width), T{0});
      for (int i = begin; i < end; ++i) {
        const T* const target = pass.input[i].data();
        const T* const dy = pass.output_gradient[i].data();
        room.prepare(pass, target);
        std::fill_n(room.d_matrix, width * Hidden, T{0});
        std::fill_n(room.d_constant, Hidden, T{0});
        for (int j = 0; j < rows; ++j) {
          const T* const e = target + (j + 1) * width;
          const T* const r = kept_row(pass, i, j);
          T da = 0;
          for (int d = 0; d < width; ++d) da += dy[d] * e[d];
          for (int u = 0; u < Hidden; ++u) {
            if constexpr (Pass::wants_parameter_gradients) d_score[u] += da * r[u];
            room.d_hidden[u] = r[u] > 0 ? da * w[u] : T{0};
            room.d_constant[u] += room.d_hidden[u];
          }
          if constexpr (Pass::wants_parameter_gradients) d_score[Hidden] += da;
          for (int d = 0; d < width; ++d) {
            T back = r[Hidden] * dy[d];
            for (int u = 0; u < Hidden; ++u) {
              room.d_matrix[d * Hidden + u] += e[d] * room.d_hidden[u];
              back += room.d_hidden[u] * room.matrix[d * Hidden + u];
            }
            if constexpr (Pass::wants_input_gradient)
              pass.input_gradient.data[(static_cast<long>(i) * (rows + 1) + j + 1) * width + d] = back;
          }
        }
        if constexpr (Pass::wants_parameter_gradients)
          for (int u = 0; u < Hidden; ++u) d_bias[u] += room.d_constant[u];
        for (int d = 0; d < width; ++d) {
          T back = 0;
          for (int u = 0; u < Hidden; ++u) {
            const T dm = room.d_matrix[d * Hidden + u];
            if constexpr (Pass::wants_parameter_gradients) {
              sum[d * Hidden + u] += dm;
              sum[(width + d) * Hidden + u] += target[d] * room.d_constant[u];
              sum[(2 * width + d) * Hidden + u] += target[d] * dm;
            }
            back += weight[(width + d) * Hidden + u] * room.d_constant[u] + dm * weight[(2 * width + d) * Hidden + u];
          }
          if constexpr (Pass::wants_input_gradient)
            pass.input_gradient.data[static_cast<long>(i) * (rows + 1) * width + d] = back;
        }
      }
    });
    if constexpr (Pass::wants_parameter_gradients) pass.add_sums(of_chunks);
  }

  template <class Place, class Graph, class Value>
  static Value describe(const Place& place, Graph& graph, Value x) {
    constexpr int width = Place::in.channels(), rows = Place::in.extent[0] - 1;
    constexpr std::size_t third = std::size_t{width} * Hidden;
    const auto part = [&](std::size_t p) {
      return graph.constant(place.parameter(0).subspan(p * third, third), Shape{width, Hidden});
    };
    const Value of_row = part(0), of_target = part(1), of_both = part(2), bias = graph.constant(place.parameter(1));
    const Value target = graph.slice(x, 0, Shape{width}), history = graph.slice(x, width, Shape{rows, width});
    const Value matrix = graph.add(graph.multiply(of_both, graph.reshape(target, Shape{width, 1})), of_row);
    const Value constant = graph.product(target, of_target, bias);
    const Value hidden = graph.relu(graph.add(graph.product(history, matrix), constant));
    const Value score = graph.constant(place.parameter(2), Shape{Hidden, 1});
    const Value a = graph.product(hidden, score, graph.constant(place.parameter(3)));
    return graph.sum_of_positions(graph.multiply(history, a));
  }

 private:
  static constexpr int room(int width) { return 2 * width * Hidden + 3 * Hidden; }
  static constexpr int sums(int width) { return (3 * width + 2) * Hidden + 1; }

  /// What a chunk works in.
  template <class T, int Width>
  struct Room {
    T *matrix, *d_matrix, *constant, *d_constant, *d_hidden;
    Room(T* scratch, int chunk)
        : matrix{scratch + static_cast<long>(chunk) * room(Width)},
          d_matrix{matrix + Width * Hidden},
          constant{d_matrix + Width * Hidden},
          d_constant{constant + Hidden},
          d_hidden{d_constant + Hidden} {}
    /// M and c.
    template <class Pass>
    void prepare(const Pass& pass, const T* target) const {
      const T* const weight = pass.parameter(0).data();
      std::copy_n(pass.parameter(1).data(), Hidden, constant);
      for (int d = 0; d < Width; ++d)
        for (int u = 0; u < Hidden; ++u) {
          matrix[d * Hidden + u] = weight[d * Hidden + u] + target[d] * weight[(2 * Width + d) * Hidden + u];
          constant[u] += target[d] * weight[(Width + d) * Hidden + u];
        }
    }
  };

  template <class Pass, class Body>
  static void each_chunk(const Pass& pass, int products, const Body& body) {
    const double nanoseconds = nanoseconds_of_products(static_cast<double>(products * multiply_adds(Pass::in))) * 4;
    parallel_chunks(pass.batch, pass.context->threads, nanoseconds * pass.batch, body);
  }
  template <class Pass>
  static auto* kept_row(const Pass& pass, int i, int j) {
    return pass.kept + (static_cast<long>(i) * (Pass::in.extent[0] - 1) + j) * (Hidden + 1);
  }
  /// Writes relu(h), and returns a.
  template <class Pass, class T, int Width>
  static T score(const Pass& pass, const Room<T, Width>& room, const T* e, T* rectified) {
    const T* const w = pass.parameter(2).data();
    std::copy_n(room.constant, Hidden, rectified);
    for (int d = 0; d < Width; ++d)
      for (int u = 0; u < Hidden; ++u) rectified[u] += e[d] * room.matrix[d * Hidden + u];
    T a = pass.parameter(3)[0];
    for (int u = 0; u < Hidden; ++u) {
      rectified[u] = std::max(rectified[u], T{0});
      a += w[u] * rectified[u];
    }
    return a;
  }
};

}  // namespace rocket
