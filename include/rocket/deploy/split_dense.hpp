/// \file
/// The Dense that a list of layers begins with, where part of its input is the same for many samples:
///
///     y = x W + b = (b + x_steady W_steady) + x_other W_other
#pragma once
#include <algorithm>
#include <cstddef>

#include "rocket/deploy/steady_columns.hpp"
#include "rocket/kernels/gemm.hpp"
#include "rocket/layers/dense.hpp"
#include "rocket/net/node.hpp"

namespace rocket::detail {

/// A list of layers whose first one is a Dense, which reads what goes into the list, and the others; `is_there` is
/// false of any other list. The leaves keep their order, so that a Cursor finds their numbers in `Rest`, too.
template <class Layers>
struct BeginsWithDense {
  static constexpr bool is_there = false;
};
template <int Outputs, Bias WithBias>
struct BeginsWithDense<Dense<Outputs, WithBias>> {
  static constexpr bool is_there = true;
  static constexpr int outputs = Outputs;
  static constexpr bool has_bias = WithBias == Bias::yes;
  using Rest = Sequential<>;  ///< the layers behind it
};
template <class First, class... Others>
requires(BeginsWithDense<First>::is_there) struct BeginsWithDense<Sequential<First, Others...>>
    : BeginsWithDense<First> {
  using Rest = Sequential<typename BeginsWithDense<First>::Rest, Others...>;
};
template <FixedString Word, class... Layers>
struct BeginsWithDense<Part<Word, Layers...>> : BeginsWithDense<Sequential<Layers...>> {};
template <FixedString Name, class... Layers>
struct BeginsWithDense<Named<Name, Layers...>> : BeginsWithDense<Sequential<Layers...>> {};

/// That Dense in two steps, and the layers behind it. `is_there` where the list begins with one, and some of its
/// columns are steady and some aren't.
template <class Layers, Shape In, const auto& steady>
struct SplitDense {
  static constexpr bool is_there = false;
  static constexpr int outputs = 0;
  static constexpr Elements scratch{};
};
template <class Layers, Shape In, const auto& steady>
requires(BeginsWithDense<Layers>::is_there) class SplitDense<Layers, In, steady> {
  using First = BeginsWithDense<Layers>;
  using Behind = Node<typename First::Rest, Shape{First::outputs}>;
  static constexpr auto steady_runs = runs<count_runs(steady, true)>(steady, true);
  static constexpr auto other_runs = runs<count_runs(steady, false)>(steady, false);

 public:
  static constexpr bool is_there = !steady_runs.empty() && !other_runs.empty();
  static constexpr int outputs = First::outputs;
  static constexpr Elements y_size = Elements::each_sample(outputs);
  static constexpr Elements scratch = y_size + Behind::scratch;

  /// b + x_steady W_steady, of one sample.
  /// \param at  stands before the list
  template <class T>
  static void steady_sums(const Cursor<T>& at, const T* x, T* sums) {
    if constexpr (First::has_bias)
      std::copy_n(at.parameters + at.parameter(1), outputs, sums);
    else
      std::fill_n(sums, outputs, T{0});
    for (const Columns run : steady_runs) multiply(at, 1, run, x, kernels::product_added_to(sums, outputs));
  }
  /// The list's output for `at.batch` samples, of which `x` holds the other columns.
  template <class T>
  static void forward(const Cursor<T>& at, const T* x, const T* sums, T* into) {
    T* const y = at.scratch;
    auto target = kernels::product_and_bias_in(y, outputs, sums);
    for (const Columns run : other_runs) {
      multiply(at, at.batch, run, x, target);
      target = target.further();
    }
    Behind::template forward<inference_mode>(at.advanced(1, {}, y_size, {}), y, into);
  }

 private:
  template <class T>
  static void multiply(const Cursor<T>& at, int rows, Columns run, const T* x, const kernels::Target<T>& y) {
    const auto weight = kernels::plain(at.parameters + at.parameter(0), outputs);
    kernels::multiply<outputs>(rows, run.end - run.begin, kernels::plain(x + run.begin, In.size()),
                               weight.at(run.begin, 0), y, at.context->threads);
  }
};

}  // namespace rocket::detail
