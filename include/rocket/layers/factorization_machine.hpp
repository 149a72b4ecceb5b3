#pragma once
#include "rocket/kernels/row.hpp"
#include "rocket/layers/layer.hpp"

namespace rocket {

/// What comes out of a FactorizationMachine.
enum class Interactions {
  summed,       ///< one number: Rendle's second-order term
  by_dimension  ///< one for each dimension, to be read by further layers (He, Chua 2017: bi-interaction pooling)
};

namespace detail {
template <class Layer, class GotShape, bool sound>
struct FactorizationMachineReadsRows {
  static_assert(holds<sound, Layer, GotShape>,
                "rocket: FactorizationMachine: it reads rows of one dimension: the input must have two extents");
  static constexpr bool ok = true;
};
}  // namespace detail

/// The products of all pairs of rows (Rendle 2010): of rows v_1 ... v_F of D numbers each, input F x D,
///
///     y_d = sum over pairs i < j of v_id v_jd = ((sum_i v_id)^2 - sum_i v_id^2) / 2
///     dv_id = dy_d ((sum_j v_jd) - v_id)
///
/// or the sum of all y_d. It costs F x D, not F^2 x D.
template <Interactions Out = Interactions::summed>
struct FactorizationMachine {
  static constexpr std::string_view name = "FactorizationMachine";
  static constexpr bool sums = Out == Interactions::summed;
  static constexpr Shape output(Shape in) { return Shape{sums ? 1 : in.channels()}; }
  template <Shape In>
  static constexpr bool accepts =
      detail::FactorizationMachineReadsRows<FactorizationMachine, Got<In>, In.rank == 2>::ok;
  static constexpr Reads reads = Reads::input;

  template <class Pass>
  static void forward(const Pass& pass) {
    using Row = kernels::RegisterRow<typename Pass::Scalar, static_cast<std::size_t>(Pass::in.channels())>;
    pass.each_sample(0.5 * Pass::in.size(), [&](int i) {
      typename Row::Sum all;
      Row::each([&](auto r) {
        typename Row::V sum{}, squares{};
        for (int f = 0; f < Pass::in.extent[0]; ++f) {
          const auto v = Row::load(pass.input[i].data() + f * Pass::in.channels(), r);
          sum += v;
          squares += v * v;
        }
        const auto y = (sum * sum - squares) / 2;
        if constexpr (sums)
          all.add(r, y);
        else
          Row::store(pass.output[i].data(), r, y);
      });
      if constexpr (sums) pass.output[i][0] = all.total();
    });
  }

  template <class Pass>
  static void backward(const Pass& pass) {
    using Row = kernels::RegisterRow<typename Pass::Scalar, static_cast<std::size_t>(Pass::in.channels())>;
    if constexpr (Pass::wants_input_gradient)
      pass.each_sample(0.5 * Pass::in.size(), [&](int i) {
        const auto* const x = pass.input[i].data();
        const auto* const dy = pass.output_gradient[i].data();
        auto* const dx = pass.input_gradient[i].data();
        Row::each([&](auto r) {
          typename Row::V sum{};
          for (int f = 0; f < Pass::in.extent[0]; ++f) sum += Row::load(x + f * Pass::in.channels(), r);
          const auto pull = [&] {
            if constexpr (sums)
              return broadcast<Row::lanes>(dy[0]);
            else
              return Row::load(dy, r);
          }();
          for (int f = 0; f < Pass::in.extent[0]; ++f) {
            const int at = f * Pass::in.channels();
            Row::store(dx + at, r, pull * (sum - Row::load(x + at, r)));
          }
        });
      });
  }

  template <class Place, class Graph, class Value>
  static Value describe(const Place&, Graph& graph, Value x) {
    const Value sum = graph.sum_of_positions(x), squares = graph.sum_of_positions(graph.multiply(x, x));
    const Value twice = graph.subtract(graph.multiply(sum, sum), squares);
    const Value y = graph.multiply(twice, graph.number(0.5F));
    return sums ? graph.sum_of_positions(graph.reshape(y, Shape{Place::in.channels(), 1})) : y;
  }
};

}  // namespace rocket
