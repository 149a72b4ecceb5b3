// What write_exports wrote of a net: the inputs of samples and Rocket's logits. C++17, nothing of Rocket.
#pragma once

#include <cmath>
#include <cstddef>
#include <fstream>
#include <string>
#include <vector>

// The numbers of all samples, behind lines that say what they are.
struct Samples {
  int inputs = 0, logits = 0, count = 0;  // numbers of a sample, samples; no sample where there is no such file
  std::vector<double> numbers;

  explicit Samples(const std::string& path) {
    std::ifstream file{path};
    std::string name, kind;
    for (int size = 0; file >> name >> kind >> size; inputs += size)
      if (kind == "logits") {
        logits = size;
        break;
      }
    file >> count;
    for (double number = 0; file >> number;) numbers.push_back(number);
    if (static_cast<int>(numbers.size()) != count * (inputs + logits)) count = 0;
  }
  const double* operator[](int i) const { return numbers.data() + i * (inputs + logits); }
};

// The largest difference over the largest logit; compute(inputs of a sample, out). Infinite where there is no sample.
template <class Compute>
double largest_difference(const Samples& samples, const Compute& compute) {
  double worst = samples.count > 0 ? 0 : HUGE_VAL, largest = 0;
  std::vector<float> out(static_cast<std::size_t>(samples.logits));
  for (int i = 0; i < samples.count; ++i) {
    compute(samples[i], out.data());
    for (std::size_t c = 0; c < out.size(); ++c) {
      const double expected = samples[i][static_cast<std::size_t>(samples.inputs) + c];
      const double error = std::fabs(static_cast<double>(out[c]) - expected);
      if (!(error < HUGE_VAL)) return HUGE_VAL;
      worst = std::fmax(worst, error);
      largest = std::fmax(largest, std::fabs(expected));
    }
  }
  return worst / largest;
}

inline std::vector<float> as_floats(const double* numbers, int count) {
  std::vector<float> floats;
  for (int k = 0; k < count; ++k) floats.push_back(static_cast<float>(numbers[k]));
  return floats;
}
