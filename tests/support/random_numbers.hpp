// Random numbers and random samples, the same in every run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <rocket/core/random.hpp>
#include <rocket/core/samples.hpp>

// Normal numbers with mean 0 and this deviation, another sequence for every seed.
template <class T>
void fill_normal(std::span<T> numbers, std::uint64_t seed, double deviation = 1) {
  const rocket::Random random{seed};
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<T>(deviation * random.normal(i));
}

template <class T>
std::vector<T> normal_numbers(int count, std::uint64_t seed) {
  std::vector<T> numbers(static_cast<std::size_t>(count));
  fill_normal(std::span{numbers}, seed);
  return numbers;
}

// Samples that a net of type Net can be trained on.
template <class Net>
class RandomSamples {
 public:
  using T = typename Net::Scalar;

  explicit RandomSamples(int count, std::uint64_t seed = 1)
      : features{normal_numbers<T>(count * Net::input.size(), seed)} {
    for (const double number : normal_numbers<double>(count, seed + 1))
      labels.push_back(number < -0.4 ? 0 : number < 0.4 ? 1 : Net::outputs[0] - 1);
  }
  rocket::Samples<T> view() const { return {features, labels, Net::input.size(), Net::outputs[0]}; }

  std::vector<T> features;
  std::vector<int> labels;
};
