// The loss terms as their definitions say, in double, without a thought for speed or overflow.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include <rocket/objective/objectives.hpp>

namespace reference {

using Logits = std::span<const double>;

inline std::vector<double> softmax(Logits logits, double temperature = 1) {
  double sum = 0;
  for (const double logit : logits) sum += std::exp(logit / temperature);
  std::vector<double> probabilities;
  for (const double logit : logits) probabilities.push_back(std::exp(logit / temperature) / sum);
  return probabilities;
}
inline double cross_entropy(Logits logits, int label) {
  return -std::log(softmax(logits)[static_cast<std::size_t>(label)]);
}
inline double squared_distance(Logits a, Logits b) {
  double sum = 0;
  for (std::size_t c = 0; c < a.size(); ++c) sum += (a[c] - b[c]) * (a[c] - b[c]);
  return sum;
}

// A hint's value for the logits l of the light net and z of the booster.
inline double hint(const rocket::NoHint&, Logits, Logits) { return 0; }
inline double hint(const rocket::LogitMse&, Logits l, Logits z) { return squared_distance(l, z); }
inline double hint(const rocket::ScaleFreeLogitMse&, Logits l, Logits z) { return squared_distance(l, z); }
inline double hint(const rocket::SoftmaxMse&, Logits l, Logits z) { return squared_distance(softmax(l), softmax(z)); }
inline double hint(const rocket::HardLabel&, Logits l, Logits z) {
  return cross_entropy(l, static_cast<int>(std::max_element(z.begin(), z.end()) - z.begin()));
}
inline double hint(const rocket::Kl& kl, Logits l, Logits z) {
  const std::vector<double> p = softmax(l, kl.temperature), q = softmax(z, kl.temperature);
  double divergence = 0;
  for (std::size_t c = 0; c < p.size(); ++c) divergence += q[c] * std::log(q[c] / p[c]);
  return kl.temperature * kl.temperature * divergence;
}

// A factor on it that hangs on the booster's logits of the whole batch.
template <class Hint>
double batch_scale(const Hint&, Logits) {
  return 1;
}
inline double batch_scale(const rocket::ScaleFreeLogitMse&, Logits z) {
  double mean = 0, mean_square = 0;
  for (const double logit : z) {
    mean += logit / static_cast<double>(z.size());
    mean_square += logit * logit / static_cast<double>(z.size());
  }
  return 1 / (mean_square - mean * mean);
}

}  // namespace reference
