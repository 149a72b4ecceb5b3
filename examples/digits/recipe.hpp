#pragma once

/// \file
/// How the nets of this experiment are trained, the same for all variants.
///
/// Normalisation, rate, weight decay, epochs and hint weights were chosen on the digits by `digits --hold-out`, that is by
/// the error on a quarter of the training part, over seeds that the experiment doesn't use. The test part was not looked at.

struct Recipe {
  int epochs = 40;
  int batch = 32;
  double rate = 0.1;  ///< with momentum, along half a cosine to 0
  double momentum = 0.9;
  double weight_decay = 3e-3;
  /// Weights of the hints, each of the kind's own scale.
  double logit_mse = 0.03;
  double scale_free = 0.3;
  double softmax_mse = 1;
  double kl = 0.3;
  double hard_label = 0.3;
  double teacher_kl = 0.3;         ///< KD
  double teacher_logit_mse = 0.03;  ///< no joint training
  double temperature = 4;

  /// One weight for all of them: for trying weights out.
  void set_hint_weights(double weight) {
    logit_mse = scale_free = softmax_mse = kl = hard_label = teacher_kl = teacher_logit_mse = weight;
  }
};
