#pragma once
#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "rocket/core/error.hpp"
#include "rocket/core/type_list.hpp"
#include "rocket/kernels/softmax.hpp"
#include "rocket/train/predictions.hpp"

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
/// Adds up what a report says, prediction by prediction.
template <class Net>
class ReportSums {
  using T = typename Net::Scalar;

 public:
  void operator()(const HeadLogits<T, Net::heads>& logits, int label) {
    std::array<int, Net::heads> says;
    for_each_index<Net::heads>([&](auto h) {
      constexpr auto classes = static_cast<std::size_t>(kernels::classes_of(Net::outputs[h]));
      const kernels::Softmax<T, classes> softmax{logits[h].data()};
      says[h] = softmax.largest.position;
      sums_.heads[h].error += says[h] != label;
      sums_.heads[h].loss += static_cast<double>(-softmax.log(logits[h][static_cast<std::size_t>(label)]));
    });
    sums_.agreement += std::count(says.begin(), says.end(), says[0]) == static_cast<long>(Net::heads);
    ++sums_.samples;
  }
  /// What they come to.
  Report<Net::heads> report() const {
    Report<Net::heads> means = sums_;
    const auto n = static_cast<double>(means.samples);
    for (std::size_t h = 0; h < Net::heads; ++h)
      means.heads[h] = {Net::head_names[h], sums_.heads[h].error / n, sums_.heads[h].loss / n};
    means.agreement /= n;
    return means;
  }

 private:
  Report<Net::heads> sums_{.agreement = 0};
};
}  // namespace detail

/// How well the net does on all samples, in evaluation mode; takes what for_each_prediction takes, and throws alike.
/// The result doesn't depend on threads.
template <class Net, class Given = Samples<typename Net::Feature>>
Report<Net::heads> evaluate(const Net& net, const Given& given, InferenceWorkspace<Net>& workspace, int threads = 1) {
  detail::ReportSums<Net> sums;
  for_each_prediction(net, given, workspace, threads, sums);
  return sums.report();
}

}  // namespace rocket
