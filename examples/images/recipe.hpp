#pragma once
#include <map>
#include <string>

#include "images/chosen.hpp"
#include "images/settings.hpp"

/// How all nets of an experiment are trained. The paper's recipe: SGD with rate 0.1 and momentum 0.9, weight decay 5e-4
/// on everything, batches of 128, the rate times 0.2 after 30, 60 and 80 % of the epochs (bottom: 35, 65, 95 %), the
/// momentum forgotten at each drop. On SVHN Adam with rate 1e-3 and drops at 20/40/60 of an assumed 80 epochs: the
/// paper names these epochs, but not how many there are. The dropout of 20 % that it puts behind the booster's own
/// layers there is not in.
struct Recipe {
  ChosenOptimizer optimizer;
  ChosenSchedule schedule;
  ChosenHint hint;
  double hint_weight = 0.03;  ///< a sum over classes, a mean over the batch
  double temperature = 4;     ///< of KL, as a hint and to a trained booster
  /// Of KL to a trained booster. The paper's code weighs the mean over classes by 2 alpha T^2 with alpha 0.9; Kl has
  /// T^2 and the sum in it.
  double distillation = 0.18;
  double distilled_light = 0.1;  ///< of H(y, p) in kd: 1 - alpha
  double attention = 1e3;        ///< the paper's beta
};

Recipe recipe_for(const Settings& settings);

/// The amounts that a mode may use, by name: for results.settings.
std::map<std::string, std::string> amounts(const Recipe& recipe);

/// One line for the reader: what the chosen modes use.
std::string describe(const Settings& settings, const Recipe& recipe);
