#pragma once
#include <rocket/rocket.hpp>

#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "support/hint_weights.hpp"
#include "support/run.hpp"

namespace support {

/// The paper's modes for one pair of nets, whatever they are trained on. An experiment derives from this, and has
///
///     template <class Net> static Net made(const Job& job);                      // with its initial values
///     static auto trained(auto net, const Job& job, const auto&... options);     // {Trainer, Run}: trained and tested
///
/// \tparam TheJob    one seed, its data, its `recipe`, with HintWeights `hints`, and `trained_booster`, an optional one
///                   for the variants that need it
/// \tparam Pair      the two nets, launched
/// \tparam Unshared  the same with nothing shared; void: there is no such variant
template <class Experiment, class TheJob, class Pair, class Unshared = void>
struct Modes {
  using Job = TheJob;
  using LightNet = typename Pair::light;
  using BoosterNet = typename Pair::booster;

  struct Variant {
    const char* name;
    Run (*run)(const Job&);
    bool needs_booster = false;  ///< one that was trained alone
  };

  static BoosterNet train_booster(const Job& job) {
    return Experiment::trained(Experiment::template made<BoosterNet>(job), job).first.net();
  }

  static std::vector<Variant> variants() {
    using Block = rocket::GradientBlock;
    std::vector<Variant> list{
        {"base", [](const Job& j) { return run<LightNet>(j); }},
        {"booster", [](const Job& j) { return run<BoosterNet>(j); }},
        {"rocket-no-hint", [](const Job& j) { return run<Pair>(j, rocket::NoHint{}); }},
        {"rocket", [](const Job& j) { return hinted(j, rocket::LogitMse{}, j.recipe.hints.logit_mse); }},
        {"rocket-softmax-mse",
         [](const Job& j) { return hinted(j, rocket::SoftmaxMse{}, j.recipe.hints.softmax_mse); }},
        {"rocket-kl",
         [](const Job& j) { return hinted(j, rocket::Kl{j.recipe.hints.temperature}, j.recipe.hints.kl); }},
        {"rocket-hard-label", [](const Job& j) { return hinted(j, rocket::HardLabel{}, j.recipe.hints.hard_label); }},
        {"rocket-scale-free",
         [](const Job& j) { return hinted(j, rocket::ScaleFreeLogitMse{}, j.recipe.hints.scale_free); }},
        {"rocket-block-none", [](const Job& j) { return blocked(j, Block::none); }},
        {"rocket-block-booster", [](const Job& j) { return blocked(j, Block::booster_parameters); }},
        {"rocket-block-light-input", [](const Job& j) { return blocked(j, Block::light_input); }}};
    if constexpr (!std::is_void_v<Unshared>)
      list.push_back({"no-sharing", [](const Job& j) {
                        return run<Unshared>(j, rocket::LogitMse{}, weighing(j.recipe.hints.logit_mse));
                      }});
    list.push_back({"no-joint", no_joint, true});
    list.push_back({"kd", [](const Job& j) { return run<LightNet>(j, teacher(j)); }, true});
    list.push_back(
        {"rocket+kd",
         [](const Job& j) { return run<Pair>(j, rocket::LogitMse{}, weighing(j.recipe.hints.logit_mse), teacher(j)); },
         true});
    return list;
  }

 private:
  template <class Net, class... Options>
  static Run run(const Job& job, const Options&... options) {
    return Experiment::trained(Experiment::template made<Net>(job), job, options...).second;
  }
  static rocket::LossWeights weighing(double hint) { return {.hint = hint}; }
  static Run hinted(const Job& job, auto hint, double weight) {
    return run<Pair>(job, hint, weighing(weight), rocket::GradientBlock::logits);
  }
  static Run blocked(const Job& job, auto block) {
    return run<Pair>(job, rocket::LogitMse{}, weighing(job.recipe.hints.logit_mse), block);
  }
  static auto teacher(const Job& job) {
    return rocket::Teacher{job.trained_booster.value(), rocket::Kl{job.recipe.hints.temperature},
                           job.recipe.hints.teacher_kl};
  }
  /// The light net starts from what the booster has of its arrays.
  static Run no_joint(const Job& job) {
    LightNet light = Experiment::template made<LightNet>(job);
    rocket::copy_by_name(light, job.trained_booster.value());
    const rocket::Teacher by_booster{job.trained_booster.value(), rocket::LogitMse{},
                                     job.recipe.hints.teacher_logit_mse};
    return Experiment::trained(std::move(light), job, by_booster).second;
  }
};

/// The names of variants, in their order.
template <class Variant>
std::vector<std::string> names_of(const std::vector<Variant>& variants) {
  std::vector<std::string> names;
  for (const Variant& variant : variants) names.push_back(variant.name);
  return names;
}

}  // namespace support
