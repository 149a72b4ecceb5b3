#pragma once
#include <cmath>
#include <cstddef>
#include <span>

namespace support {

inline double mean(std::span<const double> numbers) {
  double sum = 0;
  for (const double x : numbers) sum += x;
  return sum / static_cast<double>(numbers.size());
}

/// A mean and the 95 % confidence interval around it: mean - half to mean + half. NaN half: too few numbers to tell.
struct Interval {
  double mean = 0;
  double half = 0;
  bool excludes_zero() const { return std::abs(mean) > half; }
};

/// The 97.5 % quantile of Student's t distribution, within 0.5 %: a table, then Cornish and Fisher's expansion.
inline double student_t(std::size_t degrees) {
  constexpr double table[]{NAN, 12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228};
  if (degrees < std::size(table)) return table[degrees];
  constexpr double z = 1.959964;
  const double n = static_cast<double>(degrees);
  return z + (z * z * z + z) / (4 * n) + (5 * std::pow(z, 5) + 16 * z * z * z + 3 * z) / (96 * n * n);
}

/// The interval of the mean of differences that were taken seed by seed.
inline Interval interval(std::span<const double> differences) {
  const double m = mean(differences);
  double squares = 0;
  for (const double d : differences) squares += (d - m) * (d - m);
  const double n = static_cast<double>(differences.size());
  return {m, differences.size() < 2 ? NAN : student_t(differences.size() - 1) * std::sqrt(squares / (n - 1) / n)};
}

}  // namespace support
