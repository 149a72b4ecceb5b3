// Derivatives by central differences: the truth that gradients are held against.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

// df/dx, where f() reads x. The step weighs the error of cutting the series (h^2) against that of rounding f (1e-16 /
// h); either is near 1e-10 for numbers near 1.
template <class Function>
double derivative(double& x, const Function& f) {
  const double middle = x;
  const double step = 0x1p-17 * std::max(1.0, std::abs(middle));
  x = middle + step;
  const double above = x, f_above = f();
  x = middle - step;
  const double below = x, f_below = f();
  x = middle;
  return (f_above - f_below) / (above - below);
}

// The gradient of f() with respect to every x.
template <class Function>
std::vector<double> finite_differences(std::span<double> x, const Function& f) {
  std::vector<double> gradient;
  for (double& number : x) gradient.push_back(derivative(number, f));
  return gradient;
}

// |a - b| / max(|a|, |b|) in the Euclidean norm; 0 where both vanish.
template <class A, class B>
double relative_error(const A& a, const B& b) {
  double difference = 0, size_a = 0, size_b = 0;
  for (std::size_t i = 0; i < std::max(a.size(), b.size()); ++i) {
    const double from = static_cast<double>(a[i]), to = static_cast<double>(b[i]);
    difference += (from - to) * (from - to);
    size_a += from * from;
    size_b += to * to;
  }
  return difference == 0 ? 0 : std::sqrt(difference / std::max(size_a, size_b));
}
