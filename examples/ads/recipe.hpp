#pragma once
#include "support/hint_weights.hpp"

namespace ads {

/// How the nets of this experiment are trained, the same for all variants: Adam, whose rate falls along half a cosine.
///
/// All of it was chosen on Frappe by `ads --hold-out`, that is by the light net's AUC on a quarter of the training
/// part, over seeds that the experiment doesn't use; the test part was not looked at. Rate, weight decay and epochs are
/// those of base and booster at their best. The weight of each hint is the largest of 0.003, 0.01, 0.03, ... 3 that is
/// within 0.0003 of the best.
struct Recipe {
  int epochs = 6;
  int batch = 256;
  double rate = 1e-2;
  double weight_decay = 1e-3;
  support::HintWeights hints{.logit_mse = 0.003,
                             .scale_free = 0.003,
                             .softmax_mse = 0.3,
                             .kl = 0.03,
                             .hard_label = 0.01,
                             .teacher_kl = 0.1,
                             .teacher_logit_mse = 0.003,
                             .temperature = 2};
};

}  // namespace ads
