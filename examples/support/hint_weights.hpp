#pragma once

namespace support {

/// The weight of each hint, of its kind's own scale.
struct HintWeights {
  double logit_mse;
  double scale_free;
  double softmax_mse;
  double kl;
  double hard_label;
  double teacher_kl;         ///< KD
  double teacher_logit_mse;  ///< no joint training
  double temperature;        ///< of both KLs

  /// One weight for all of them: for trying weights out.
  void set_all(double weight) {
    logit_mse = scale_free = softmax_mse = kl = hard_label = teacher_kl = teacher_logit_mse = weight;
  }
};

}  // namespace support
