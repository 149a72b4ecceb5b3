#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "rocket/core/error.hpp"
#include "rocket/core/samples.hpp"

namespace rocket {

/// How much samples count by their label, in training: a factor on all terms of a sample's loss, hints included. Losses
/// stay means over the batch, not over the weights. For classes that are rarer, or dearer, than others.
///
///     Trainer{net, LabelWeights{{1, 4}}, ...}   // a sample of class 1 counts as four of class 0
struct LabelWeights {
  std::vector<double> of{};  ///< a weight a class, each at least 0; empty: all 1

  /// Throws ValueError unless there are none, or as many as classes that make sense.
  void check(int classes) const {
    if (!of.empty() && of.size() != static_cast<std::size_t>(classes))
      throw ValueError("LabelWeights::of", std::to_string(classes) + " weights", std::to_string(of.size()));
    for (std::size_t k = 0; k < of.size(); ++k) detail::check_weight_at("LabelWeights::of", k, of[k]);
  }
};

}  // namespace rocket
