#pragma once
#include <rocket/rocket.hpp>

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "digits/recipe.hpp"
#include "support/net_facts.hpp"
#include "support/run.hpp"

/// The paper's modes for one pair of dense nets on samples of `Features` numbers in ten classes. The booster's own
/// layers are `First` and `Second` wide, chosen so that it does at least eight times the light net's multiply-adds.
template <int Features, int First, int Second>
struct Experiment {
  using Input = rocket::Input<Features>;
  using Trunk = rocket::Sequential<rocket::Dense<16>, rocket::BatchNorm<>, rocket::Relu>;
  using Light = rocket::Sequential<rocket::Dense<10>>;
  using Booster = rocket::Sequential<rocket::Dense<First>, rocket::BatchNorm<>, rocket::Relu, rocket::Dense<Second>,
                                     rocket::BatchNorm<>, rocket::Relu, rocket::Dense<10>>;
  using Pair = rocket::Launch<Input, Trunk, Light, Booster>;
  using Unshared = rocket::LaunchUnshared<Input, Trunk, Light, Booster>;
  using LightNet = typename Pair::light;
  using BoosterNet = typename Pair::booster;
  static_assert(BoosterNet::multiply_adds >= 8 * LightNet::multiply_adds);

  /// One seed: its data and recipe.
  struct Job {
    rocket::Seed seed;
    const rocket::Dataset& train;
    const rocket::Dataset& test;
    const Recipe& recipe;
    std::optional<BoosterNet> trained_booster;  ///< for the variants that need one
  };
  struct Variant {
    const char* name;
    support::Run (*run)(const Job&);
    bool needs_booster = false;  ///< one that was trained alone
  };

  /// Trains a net with whatever its variant adds to the recipe, and tests it.
  template <class Net, class... Options>
  static auto trained(Net net, const Job& job, const Options&... options) {
    const Recipe& recipe = job.recipe;
    const rocket::Sgd sgd{.rate = recipe.rate, .momentum = recipe.momentum, .weight_decay = recipe.weight_decay};
    rocket::Trainer trainer{std::move(net), sgd, rocket::CosineSchedule{}, rocket::Threads{1}, options...};
    const auto start = std::chrono::steady_clock::now();
    trainer.fit(job.train, {.epochs = recipe.epochs, .batch_size = recipe.batch});
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;

    support::Run run;
    run.seconds = seconds.count();
    run.checksum = support::checksum(trainer.net());
    for (const rocket::HeadReport& head : trainer.evaluate(job.test).heads)
      (head.name == "light" ? run.light_error : run.booster_error) = head.error;
    return std::pair{std::move(trainer), run};
  }
  template <class Net, class... Options>
  static support::Run run(const Job& job, const Options&... options) {
    return trained(Net{job.seed}, job, options...).second;
  }
  static BoosterNet train_booster(const Job& job) { return trained(BoosterNet{job.seed}, job).first.net(); }

  static rocket::LossWeights hint_weight(double weight) { return {.hint = weight}; }

  static support::Run rocket_with(const Job& job, auto hint, double weight, auto block) {
    return run<Pair>(job, hint, hint_weight(weight), block);
  }
  static support::Run no_joint(const Job& job) {
    LightNet light{job.seed};
    rocket::copy_by_name(light, job.trained_booster.value());  // the trunk
    return trained(std::move(light), job,
                   rocket::Teacher{job.trained_booster.value(), rocket::LogitMse{}, job.recipe.teacher_logit_mse})
        .second;
  }
  static auto teacher(const Job& job) {
    return rocket::Teacher{job.trained_booster.value(), rocket::Kl{job.recipe.temperature}, job.recipe.teacher_kl};
  }

  using Block = rocket::GradientBlock;
  static constexpr std::array variants{
      Variant{"base", [](const Job& j) { return run<LightNet>(j); }},
      Variant{"booster", [](const Job& j) { return run<BoosterNet>(j); }},
      Variant{"rocket-no-hint", [](const Job& j) { return run<Pair>(j, rocket::NoHint{}); }},
      Variant{"rocket",
              [](const Job& j) { return rocket_with(j, rocket::LogitMse{}, j.recipe.logit_mse, Block::logits); }},
      Variant{"rocket-softmax-mse",
              [](const Job& j) { return rocket_with(j, rocket::SoftmaxMse{}, j.recipe.softmax_mse, Block::logits); }},
      Variant{
          "rocket-kl",
          [](const Job& j) { return rocket_with(j, rocket::Kl{j.recipe.temperature}, j.recipe.kl, Block::logits); }},
      Variant{"rocket-hard-label",
              [](const Job& j) { return rocket_with(j, rocket::HardLabel{}, j.recipe.hard_label, Block::logits); }},
      Variant{"rocket-block-none",
              [](const Job& j) { return rocket_with(j, rocket::LogitMse{}, j.recipe.logit_mse, Block::none); }},
      Variant{"rocket-block-booster",
              [](const Job& j) {
                return rocket_with(j, rocket::LogitMse{}, j.recipe.logit_mse, Block::booster_parameters);
              }},
      Variant{"rocket-block-light-input",
              [](const Job& j) { return rocket_with(j, rocket::LogitMse{}, j.recipe.logit_mse, Block::light_input); }},
      Variant{
          "rocket-scale-free",
          [](const Job& j) { return rocket_with(j, rocket::ScaleFreeLogitMse{}, j.recipe.scale_free, Block::logits); }},
      Variant{"no-sharing",
              [](const Job& j) { return run<Unshared>(j, rocket::LogitMse{}, hint_weight(j.recipe.logit_mse)); }},
      Variant{"no-joint", no_joint, true},
      Variant{"kd", [](const Job& j) { return run<LightNet>(j, teacher(j)); }, true},
      Variant{
          "rocket+kd",
          [](const Job& j) { return run<Pair>(j, rocket::LogitMse{}, hint_weight(j.recipe.logit_mse), teacher(j)); },
          true},
  };

  static std::map<std::string, support::NetFacts> nets(const rocket::Dataset& data, const Recipe& recipe) {
    using Joint = decltype(rocket::Trainer{Pair{rocket::Seed{}}, rocket::LogitMse{}});
    return {{"light", facts<LightNet>(data)},
            {"booster", facts<BoosterNet>(data)},
            {"joint", {Pair::parameters, std::nullopt, std::nullopt, Joint::workspace_bytes(recipe.batch)}}};
  }

 private:
  /// What a net alone costs.
  template <class Net>
  static support::NetFacts facts(const rocket::Dataset& data) {
    const Net net{rocket::Seed{1}};
    return {Net::parameters, Net::multiply_adds, support::microseconds_a_sample(net, data.features), std::nullopt};
  }
};
