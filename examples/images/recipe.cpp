#include "images/recipe.hpp"

#include <array>
#include <cstdio>

namespace {

/// The weights of the paper's hint, and of the others what examples/digits found best by hold-out.
double default_weight(HintKind hint) {
  switch (hint) {
    case HintKind::softmax_mse:
      return 3;
    case HintKind::kl:
      return 0.3;
    case HintKind::hard_label:
      return 0.1;
    case HintKind::logit_mse:
    case HintKind::scale_free:
      break;
  }
  return 0.03;
}

ChosenHint hint_for(HintKind hint) {
  switch (hint) {
    case HintKind::softmax_mse:
      return {rocket::SoftmaxMse{}};
    case HintKind::kl:
      return {rocket::Kl{.temperature = 4}};
    case HintKind::hard_label:
      return {rocket::HardLabel{}};
    case HintKind::scale_free:
      return {rocket::ScaleFreeLogitMse{}};
    case HintKind::logit_mse:
      break;
  }
  return {rocket::LogitMse{}};
}

ChosenSchedule schedule_for(const Settings& settings) {
  if (settings.schedule == "constant") return {rocket::ConstantSchedule{}};
  if (settings.schedule == "cosine") return {rocket::CosineSchedule{}};
  rocket::StepSchedule steps{.at = settings.drops, .drop = 0.2, .reset_momentum = true};
  if (settings.schedule == "paper") {
    std::array percents{30, 60, 80};
    if (is_bottom(settings.sharing)) percents = {35, 65, 95};
    if (settings.data == Data::svhn) percents = {25, 50, 75};
    for (const int percent : percents) steps.at.push_back(percent * settings.epochs / 100.0);
  }
  return {steps};
}

}  // namespace

Recipe recipe_for(const Settings& settings) {
  Recipe recipe;
  if (settings.data == Data::svhn)
    recipe.optimizer = {.kind = rocket::Adam{}, .rate = 1e-3, .weight_decay = 5e-4};
  else
    recipe.optimizer = {.kind = rocket::Sgd{.momentum = 0.9}, .rate = 0.1, .weight_decay = 5e-4};
  if (settings.rate) recipe.optimizer.rate = *settings.rate;
  if (settings.weight_decay) recipe.optimizer.weight_decay = *settings.weight_decay;
  recipe.schedule = schedule_for(settings);
  recipe.hint = hint_for(settings.hint);
  recipe.hint_weight = settings.hint_weight.value_or(default_weight(settings.hint));
  recipe.distillation = 2 * 0.9 / (settings.data == Data::cifar100 ? 100 : 10);
  return recipe;
}

std::string describe(const Settings& settings, const Recipe& recipe) {
  char text[200];
  const bool sgd = std::holds_alternative<rocket::Sgd>(recipe.optimizer.kind);
  std::snprintf(text, sizeof text, "%s, rate %g, weight decay %g, batches of %d, %d epochs, ",
                sgd ? "SGD with momentum 0.9" : "Adam", recipe.optimizer.rate, recipe.optimizer.weight_decay,
                settings.batch, settings.epochs);
  std::string line = text;
  if (const auto* steps = std::get_if<rocket::StepSchedule>(&recipe.schedule.kind)) {
    line += "rate x 0.2 after";
    for (const double epoch : steps->at) {
      std::snprintf(text, sizeof text, " %g", epoch);
      line += text;
    }
  } else {
    line += settings.schedule + " rate";
  }
  std::snprintf(text, sizeof text, "; hint %s x %g, block %s", word(settings.hint), recipe.hint_weight,
                word(settings.block));
  return line + text;
}
