/// \file
/// Batches from xtensor and logits to xtensor, without a copy.
#pragma once
#include <array>
#include <cstddef>
#include <span>

#if __has_include(<xtensor/containers/xadapt.hpp>)
#include <xtensor/containers/xadapt.hpp>  // from 0.26 on
#include <xtensor/containers/xtensor.hpp>
#else
#include <xtensor/xadapt.hpp>
#include <xtensor/xtensor.hpp>
#endif

#include "rocket/core/check.hpp"

namespace rocket {

namespace detail {
template <class Tensor>
struct TensorIsRowMajor {
  static_assert(holds<Tensor::static_layout == xt::layout_type::row_major, Tensor>,
                "rocket: view: samples lie one after the other, so the tensor must be xt::layout_type::row_major");
  static constexpr bool ok = true;
};
}  // namespace detail

/// The numbers of a row-major xt::xtensor or xt::xarray (or an adaptor), one sample along the first axis. Valid as long
/// as the tensor. Call it as rocket::view: xtensor has a view of its own, which an unqualified call may find.
template <class Tensor>
requires requires(const Tensor& t) {
  t.data();
  t.shape();
  Tensor::static_layout;
}
std::span<const typename Tensor::value_type> view(const Tensor& samples) {
  static_assert(detail::TensorIsRowMajor<Tensor>::ok);
  return {samples.data(), samples.size()};
}

/// Numbers as a rows x columns tensor; looks at them, owns nothing.
template <class T>
auto as_xtensor(std::span<const T> numbers, std::size_t columns) {
  return xt::adapt(numbers.data(), numbers.size(), xt::no_ownership(),
                   std::array<std::size_t, 2>{numbers.size() / columns, columns});
}

}  // namespace rocket
