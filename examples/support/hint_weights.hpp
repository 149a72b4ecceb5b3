#pragma once

namespace support {

/// The weights of hints, each of its kind's own scale, and the temperature of those that are a KL.
struct HintWeights {
  double logit_mse;
  double scale_free;
  double softmax_mse;
  double kl;
  double hard_label;
  double teacher_kl;         ///< KD
  double teacher_logit_mse;  ///< no joint training
  double temperature;

  /// One weight for all hints: for trying weights out.
  void set_all(double weight) {
    logit_mse = scale_free = softmax_mse = kl = hard_label = teacher_kl = teacher_logit_mse = weight;
  }
};

}  // namespace support
