#pragma once
#include <rocket/models/wide_resnet.hpp>
#include <rocket/net/copy_by_name.hpp>
#include <rocket/objective/objectives.hpp>
#include <rocket/train/train.hpp>

#include <algorithm>
#include <span>
#include <stdexcept>
#include <string_view>
#include <type_traits>

#include "images/kept.hpp"
#include "images/maps.hpp"
#include "images/nets.hpp"
#include "support/net_facts.hpp"

/// The nets of the paper for images of one shape, and all ways to train them.
template <class Input, int Classes, int Width, Sharing How>
class Experiment {
  static constexpr bool bottom = is_bottom(How);
  static constexpr bool small = Input::shape.size() < 1000;  // 28 x 28 grey pixels get shallower nets
  static constexpr int booster_depth = small ? 22 : 40;
  static constexpr int light_depth = bottom ? booster_depth : small ? 10 : 16;

  /// Of bottom, the light net is the booster without its last group.
  template <rocket::Shows What>
  using Sharers = rocket::Interval<Input, Classes, rocket::WideResNet<light_depth, Width, bottom ? 2 : 3, What>,
                                   rocket::WideResNet<booster_depth, Width, 3, What>>;
  template <class Shared, bool does>
  struct MaybeShared {
    using type = Shared;
  };
  template <class Shared>
  struct MaybeShared<Shared, false> {
    using type = typename Shared::unshared;
  };
  using Pair = typename MaybeShared<Sharers<rocket::Shows::nothing>, shares(How)>::type;
  using Light = typename Pair::light;
  using Booster = typename Pair::booster;
  /// The same nets, whose groups show attention maps: they have the names and the numbers of those that don't.
  using ShowingLight = typename Sharers<rocket::Shows::attention>::light;
  using ShowingBooster = typename Sharers<rocket::Shows::attention>::booster;

 public:
  static Nets nets() {
    const std::string ending = "-" + std::to_string(Width);
    const std::string booster = "WRN-" + std::to_string(booster_depth) + ending;
    const std::string light =
        bottom ? booster + " without its last group" : "WRN-" + std::to_string(light_depth) + ending;
    return {light, booster, rocket::layer_table<Pair>, facts, train};
  }

 private:
  static Outcome train(const Job& job) {
    const Recipe& recipe = job.recipe;
    switch (job.mode) {
      case Mode::base:
        return trained(Light{job.seed}, job, {});
      case Mode::booster:
        return trained(Booster{job.seed}, job, {});
      case Mode::rocket_no_hint:
        return trained(Pair{job.seed}, job, {}, rocket::NoHint{});
      case Mode::rocket:
        return with_block(job.settings.block, [&](auto block) {
          return trained(Pair{job.seed}, job, {.hint = recipe.hint_weight}, recipe.hint, block);
        });
      case Mode::rocket_kd:
        return with_block(job.settings.block, [&](auto block) {
          return trained(Pair{job.seed}, job, {.hint = recipe.hint_weight}, recipe.hint, block, distiller(job));
        });
      case Mode::kd:
        return trained(Light{job.seed}, job, {.light = recipe.distilled_light}, distiller(job));
      case Mode::no_joint: {
        Light light{job.seed};
        rocket::copy_by_name(light, trained_booster(job));  // the layers that both have by name
        return trained(std::move(light), job, {}, teacher(job, recipe.hint, recipe.hint_weight));
      }
      case Mode::at:
        break;
    }
    if constexpr (bottom)
      throw rocket::ValueError("mode", "one of those that bottom has", "at");
    else
      return train_by_attention(job);
  }

  /// Attention transfer needs nets that show their maps.
  static Outcome train_by_attention(const Job& job) {
    return trained(ShowingLight{job.seed}, job, {},
                   rocket::Teacher{showing<ShowingBooster>(trained_booster(job)), rocket::AttentionTransfer{},
                                   job.recipe.attention});
  }

  template <class Showing, class Net>
  static Showing showing(const Net& trained) {
    Showing net{rocket::Seed{}};
    if (rocket::copy_by_name(net, trained).left != 0)
      throw std::logic_error("the net that shows its maps has arrays that the trained one doesn't have");
    return net;
  }

  static Booster trained_booster(const Job& job) {
    Booster booster{job.seed};
    std::copy(job.booster->parameters.begin(), job.booster->parameters.end(), booster.parameter_vector().begin());
    std::copy(job.booster->statistics.begin(), job.booster->statistics.end(), booster.statistic_vector().begin());
    return booster;
  }
  static auto teacher(const Job& job, const ChosenHint& hint, double weight) {
    return rocket::Teacher{trained_booster(job), hint, weight};
  }
  static auto distiller(const Job& job) {
    return teacher(job, {rocket::Kl{job.recipe.temperature}}, job.recipe.distillation);
  }

  /// Calls with the gradient block. Where nothing is shared, there are two of them.
  static auto with_block(Block block, const auto& call) {
    using rocket::GradientBlock;
    if (block == Block::none) return call(GradientBlock::none);
    if constexpr (shares(How)) {
      if (block == Block::booster_parameters) return call(GradientBlock::booster_parameters);
      if (block == Block::light_input) return call(GradientBlock::light_input);
    }
    return call(GradientBlock::logits);
  }

  /// Tests after every epoch, and remembers the curve.
  template <class Trainer, class Net>
  struct Watcher {
    Trainer& trainer;
    const Job& job;
    Tested tested{};

    static constexpr std::string_view memory = "curve";
    template <class Self, class Visit>
    static void each_memory(Self& self, const Visit& visit) {
      visit("rows", self.job.journal.memory());
    }
    void take_up() {
      job.journal.take_up(trainer.position());
      if (trainer.position().epoch == job.settings.epochs) tested = test();
    }

    void on_step(const rocket::StepReport& report) { job.journal.step(report); }
    void on_epoch(const rocket::EpochReport& report) {
      job.journal.trained();
      tested = test();
      job.journal.epoch(report, tested);
    }

   private:
    Tested test() {
      Tested found;
      if constexpr (Net::heads == 2) {
        const auto [confusion, both, distance] =
            trainer.measure(job.test, rocket::Confusion{}, rocket::HeadConfusion{}, LogitDistance{});
        add(found, "light", confusion.light());
        add(found, "booster", confusion.booster());
        add(found, both, distance);
      } else {
        add(found, Net::head_names[0], trainer.measure(job.test, rocket::Confusion{}).heads[0]);
      }
      return found;
    }
  };

  template <class Net, class... Options>
  static Outcome trained(Net net, const Job& job, const rocket::LossWeights& weights, const Options&... options) {
    job.journal.begin(job.mode, job.seed.value, job.work);
    rocket::Trainer trainer{
        std::move(net), job.recipe.optimizer, job.recipe.schedule, rocket::Threads{job.settings.threads}, weights,
        options...};
    Watcher<decltype(trainer), Net> watcher{trainer, job};
    rocket::LayerTimes times;
    if (job.settings.profile) trainer.time_layers(&times);
    Kept kept{rocket::AnyRun{trainer, watcher}, job.folder, job.description};
    if (kept.taken_up()) watcher.take_up();
    kept.check_done(
        trainer.fit(job.train, {.epochs = job.settings.epochs, .batch_size = job.settings.batch}, watcher, kept));

    Outcome outcome;
    outcome.run.variant = word(job.mode);
    outcome.run.seed = static_cast<int>(job.seed.value);
    outcome.run.light_error = watcher.tested.light_error;
    outcome.run.booster_error = watcher.tested.booster_error;
    outcome.run.seconds = job.journal.seconds();
    outcome.run.epochs = job.journal.epochs();
    outcome.run.confusion = std::move(watcher.tested.confusion);
    if constexpr (Net::heads == 2) {
      const Net& pair = std::as_const(trainer).net();
      outcome.run.maps = with_maps(job.shown, job.test, showing<ShowingLight>(pair.launch_light()),
                                   showing<ShowingBooster>(pair.launch_booster()));
    }
    const std::span<const float> parameters = std::as_const(trainer).net().parameter_vector();
    const std::span<const float> statistics = std::as_const(trainer).net().statistic_vector();
    outcome.run.checksum = support::checksum(trainer.net());
    if (job.settings.profile) outcome.run.profile = {times, rocket::timed_layer_table<Net>(times)};
    outcome.numbers = {{parameters.begin(), parameters.end()}, {statistics.begin(), statistics.end()}};
    return outcome;
  }

  static std::map<std::string, support::NetFacts> facts(Block block, int batch, bool with_times) {
    const std::size_t joint = with_block(block, [&](auto which) {
      return decltype(rocket::Trainer{Pair{rocket::Seed{}}, ChosenOptimizer{}, ChosenSchedule{}, rocket::Threads{1},
                                      rocket::LossWeights{}, ChosenHint{}, which})::workspace_bytes(batch);
    });
    return {{"light", facts_of<Light>(batch, with_times)},
            {"booster", facts_of<Booster>(batch, with_times)},
            {"joint", {Pair::parameters, Pair::multiply_adds, std::nullopt, joint}}};
  }

  /// What a net alone costs; its time on a random image.
  template <class Net>
  static support::NetFacts facts_of(int batch, bool with_times) {
    support::NetFacts found{
        Net::parameters, Net::multiply_adds, std::nullopt,
        rocket::Trainer<Net, ChosenOptimizer, ChosenSchedule, rocket::Threads, rocket::LossWeights>::workspace_bytes(
            batch)};
    if (!with_times) return found;
    const Net net{rocket::Seed{1}};
    const rocket::Random random{1};
    std::vector<float> image(static_cast<std::size_t>(Net::input.size()));
    for (std::size_t i = 0; i < image.size(); ++i) image[i] = static_cast<float>(random.normal(i));
    found.microseconds = support::microseconds_a_sample(net, image);
    return found;
  }
};

template <class Input, int Classes, int Width, Sharing How>
Nets nets() {
  return Experiment<Input, Classes, Width, How>::nets();
}
