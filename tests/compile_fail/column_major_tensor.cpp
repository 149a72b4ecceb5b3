// expect: rocket: view: samples lie one after the other, so the tensor must be xt::layout_type::row_major
// expect: xtensor_container
#include <rocket/xtensor.hpp>

#ifdef ROCKET_CONTROL
constexpr auto order = xt::layout_type::row_major;
#else
constexpr auto order = xt::layout_type::column_major;
#endif

const xt::xtensor<float, 2, order> batch;
const auto numbers = rocket::view(batch);
