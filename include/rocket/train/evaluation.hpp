#pragma once
#include <array>
#include <stdexcept>
#include <string>
#include <string_view>

#include "rocket/core/error.hpp"
#include "rocket/core/samples.hpp"
#include "rocket/kernels/softmax.hpp"
#include "rocket/net/workspace.hpp"

namespace rocket {

/// How well one head does.
struct HeadReport {
  std::string_view name;  ///< its role
  double error = 0;       ///< fraction of the samples whose largest logit isn't the label's
  double loss = 0;        ///< cross-entropy, mean over the samples
};

/// How well a net does on labelled samples, all heads side by side.
template <std::size_t Heads>
struct Report {
  std::array<HeadReport, Heads> heads{};  ///< in the order of the net
  double agreement = 1;                   ///< fraction of the samples on which all heads say the same
  std::size_t samples = 0;                ///< how many were looked at

  /// The head of that name; throws ValueError if the net has no such head.
  const HeadReport& operator[](std::string_view name) const {
    for (const HeadReport& head : heads)
      if (head.name == name) return head;
    throw ValueError("head", "a head of this net, such as \"" + std::string{heads[0].name} + '"', std::string{name});
  }
  /// The head "light"; throws ValueError if there is none.
  const HeadReport& light() const { return (*this)["light"]; }
  /// The head "booster"; throws ValueError if there is none.
  const HeadReport& booster() const { return (*this)["booster"]; }
};

namespace detail {
template <class Net, class T>
void check_samples(const Samples<T>& samples) {
  if (samples.features_per_sample != Net::input.size())
    throw ValueError("features_per_sample", std::to_string(Net::input.size()) + " (the net's input)",
                     std::to_string(samples.features_per_sample));
  const int outputs = *std::min_element(Net::outputs.begin(), Net::outputs.end());
  if (samples.classes > outputs)
    throw ValueError("classes", "at most " + std::to_string(outputs) + " (the net's outputs)",
                     std::to_string(samples.classes));
  if (samples.size() == 0) throw ValueError("samples", "at least 1", "0");
  static_cast<void>(make_samples<T>(samples.features, samples.labels, samples.features_per_sample, samples.classes));
}
}  // namespace detail

/// Runs the net in evaluation mode over all samples, in batches of the workspace's capacity.
/// Throws ValueError if the samples don't fit the net or there are none.
template <class Net>
Report<Net::heads> evaluate(const Net& net, const Samples<typename Net::Scalar>& samples,
                            InferenceWorkspace<Net>& workspace, int threads = 1) {
  detail::check_samples<Net>(samples);
  Report<Net::heads> report;
  report.samples = samples.size();
  std::size_t agreeing = 0;
  for (std::size_t begin = 0; begin < samples.size(); begin += static_cast<std::size_t>(workspace.capacity())) {
    const auto batch =
        static_cast<int>(std::min(samples.size() - begin, static_cast<std::size_t>(workspace.capacity())));
    workspace.forward(net, samples.row(begin).data(), batch, threads);
    for (int i = 0; i < batch; ++i) {
      const int label = samples.labels[begin + static_cast<std::size_t>(i)];
      std::array<int, Net::heads> says;
      detail::for_each_index<Net::heads>([&](auto h) {
        constexpr auto classes = static_cast<std::size_t>(Net::outputs[h]);
        const auto logits = workspace.template logits<h>()[i];
        std::array<typename Net::Scalar, classes> probabilities;
        const auto log_softmax = kernels::softmax(logits, std::span{probabilities});
        says[h] = kernels::argmax(logits);
        report.heads[h].error += says[h] != label;
        report.heads[h].loss += static_cast<double>(-log_softmax(logits[static_cast<std::size_t>(label)]));
      });
      agreeing += std::count(says.begin(), says.end(), says[0]) == static_cast<long>(Net::heads);
    }
  }
  const auto n = static_cast<double>(samples.size());
  for (std::size_t h = 0; h < Net::heads; ++h)
    report.heads[h] = {Net::head_names[h], report.heads[h].error / n, report.heads[h].loss / n};
  report.agreement = static_cast<double>(agreeing) / n;
  return report;
}

}  // namespace rocket
