#include "images/recipe.hpp"

#include <array>

#include "support/format.hpp"

namespace {

/// The paper's for its hint; for the others what examples/digits chose by hold-out for its dense nets, not on images.
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

ChosenHint hint_for(HintKind hint, double temperature) {
  switch (hint) {
    case HintKind::softmax_mse:
      return {rocket::SoftmaxMse{}};
    case HintKind::kl:
      return {rocket::Kl{temperature}};
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
    if (settings.data == Data::svhn) percents = {25, 50, 75};  // 20/40/60 of an assumed 80
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
  recipe.hint = hint_for(settings.hint, recipe.temperature);
  recipe.hint_weight = settings.hint_weight.value_or(default_weight(settings.hint));
  recipe.distillation = 2 * 0.9 / (settings.data == Data::cifar100 ? 100 : 10);
  return recipe;
}

std::map<std::string, std::string> amounts(const Recipe& recipe) {
  const auto text = [](double amount) { return support::format("%g", amount); };
  return {{"hint_weight", text(recipe.hint_weight)},
          {"temperature", text(recipe.temperature)},
          {"distillation_weight", text(recipe.distillation)},
          {"kd_light_weight", text(recipe.distilled_light)},
          {"attention_weight", text(recipe.attention)}};
}

std::string describe(const Settings& settings, const Recipe& recipe) {
  using support::format;
  const bool sgd = std::holds_alternative<rocket::Sgd>(recipe.optimizer.kind);
  std::string line =
      format("%s, rate %g, weight decay %g, batches of %d, %d epochs, ", sgd ? "SGD with momentum 0.9" : "Adam",
             recipe.optimizer.rate, recipe.optimizer.weight_decay, settings.batch, settings.epochs);
  if (const auto* steps = std::get_if<rocket::StepSchedule>(&recipe.schedule.kind)) {
    line += "rate x 0.2 after";
    for (const double epoch : steps->at) line += format(" %g", epoch);
  } else {
    line += settings.schedule + " rate";
  }
  if (settings.any(takes_hint)) line += format("; hint %s x %g", word(settings.hint), recipe.hint_weight);
  if (settings.any(takes_block)) line += format(", block %s", word(settings.block));
  if (settings.wants(Mode::kd)) line += format("; kd: light loss x %g", recipe.distilled_light);
  if (settings.wants(Mode::kd) || settings.wants(Mode::rocket_kd))
    line += format("; distillation: kl x %g at temperature %g", recipe.distillation, recipe.temperature);
  if (settings.wants(Mode::at)) line += format("; attention x %g", recipe.attention);
  if (settings.data == Data::svhn) line += "; without the dropout that the paper has in the booster here";
  return line;
}
