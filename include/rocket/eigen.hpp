/// \file
/// Batches from Eigen and logits to Eigen, without a copy. Both libraries have a Dense and a Sequential, so don't take
/// in both namespaces by `using namespace`.
#pragma once
#include <Eigen/Core>
#include <span>
#include <type_traits>

#include "rocket/core/check.hpp"

namespace rocket {

namespace detail {
template <class Matrix>
struct MatrixHasSamplesInRows {
  static constexpr bool sound = Matrix::IsRowMajor || Matrix::RowsAtCompileTime == 1 || Matrix::ColsAtCompileTime == 1;
  static_assert(holds<sound, Matrix>,
                "rocket: view: an Eigen matrix holds samples in rows, so it must be Eigen::RowMajor");
  static constexpr bool ok = true;
};
}  // namespace detail

/// The numbers of a row-major Eigen matrix, one sample a row. Valid as long as the matrix.
template <class Derived>
std::span<const typename Derived::Scalar> view(const Eigen::PlainObjectBase<Derived>& rows) {
  static_assert(detail::MatrixHasSamplesInRows<Derived>::ok);
  return {rows.data(), static_cast<std::size_t>(rows.size())};
}
/// The same of whole rows in the middle of a matrix: view(matrix.middleRows(0, 32)).
template <class Matrix, int Rows, int Columns>
std::span<const typename Matrix::Scalar> view(const Eigen::Block<Matrix, Rows, Columns, true>& rows) {
  static_assert(detail::MatrixHasSamplesInRows<std::remove_const_t<Matrix>>::ok);
  return {rows.data(), static_cast<std::size_t>(rows.size())};
}
/// The same of an Eigen::Map, which must be contiguous.
template <class Matrix, int Options>
std::span<const typename Matrix::Scalar> view(const Eigen::Map<Matrix, Options, Eigen::Stride<0, 0>>& rows) {
  static_assert(detail::MatrixHasSamplesInRows<Matrix>::ok);
  return {rows.data(), static_cast<std::size_t>(rows.size())};
}

/// Numbers (a span, a vector) as an Eigen matrix of rows of `columns` numbers; looks at them, owns nothing.
template <class Numbers>
auto as_eigen(const Numbers& numbers, int columns) {
  using T = std::remove_cvref_t<decltype(*numbers.data())>;
  using Matrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  return Eigen::Map<const Matrix>{numbers.data(), static_cast<Eigen::Index>(numbers.size()) / columns, columns};
}

}  // namespace rocket
