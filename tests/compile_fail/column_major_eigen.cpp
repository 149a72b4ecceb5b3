// expect: rocket: view: an Eigen matrix holds samples in rows
// expect: Eigen::Matrix<float
#include <rocket/eigen.hpp>

#ifdef ROCKET_CONTROL
constexpr int order = Eigen::RowMajor;
#else
constexpr int order = Eigen::ColMajor;
#endif

const Eigen::Matrix<float, 2, 3, order> batch;
const auto numbers = rocket::view(batch);
