#pragma once
#include <rocket/objective/objectives.hpp>
#include <rocket/train/train.hpp>

#include <algorithm>
#include <array>
#include <variant>

/// \file
/// Kinds that are settled at run time: one type for the compiler, so that a pair of nets is compiled once and not once
/// a hint, optimizer and schedule. A question a sample is nothing beside a convolution.

/// One of the hints.
struct ChosenHint {
  std::variant<rocket::LogitMse, rocket::SoftmaxMse, rocket::Kl, rocket::HardLabel, rocket::ScaleFreeLogitMse> kind;

  template <class T, std::size_t C, class BoosterGradient>
  T operator()(std::span<const T, C> light, std::span<const T, C> booster, std::span<T, C> light_gradient,
               BoosterGradient booster_gradient) const {
    return std::visit([&](const auto& hint) { return hint(light, booster, light_gradient, booster_gradient); }, kind);
  }

  template <class T, int Classes>
  double batch_scale(const rocket::HintBatch<T, Classes>& batch) const {
    const auto scale_of = [&](const auto& hint) {
      if constexpr (requires { hint.batch_scale(batch); })
        return static_cast<double>(hint.batch_scale(batch));
      else
        return 1.0;
    };
    return std::visit(scale_of, kind);
  }
};

/// One of two optimizers; SGD leaves the second of its vectors alone.
struct ChosenOptimizer {
  std::variant<rocket::Sgd, rocket::Adam> kind;
  double rate = 0.1;
  double weight_decay = 0;
  rocket::Decays decays = rocket::Decays::all;

  static constexpr std::size_t states = 2;

  template <class T>
  void operator()(const rocket::Piece& piece, T* parameters, const T* gradients, std::array<T*, states> state) const {
    const auto step = [&](const auto& optimizer) {
      std::array<T*, std::remove_cvref_t<decltype(optimizer)>::states> own;
      std::copy_n(state.begin(), own.size(), own.begin());
      optimizer(piece, parameters, gradients, own);
    };
    std::visit(step, kind);
  }
};

/// One of the schedules.
struct ChosenSchedule {
  std::variant<rocket::ConstantSchedule, rocket::StepSchedule, rocket::CosineSchedule> kind;

  double factor(double epoch, double epochs) const {
    return std::visit([&](const auto& schedule) { return schedule.factor(epoch, epochs); }, kind);
  }
  int stage(double epoch) const {
    return std::visit([&](const auto& schedule) { return schedule.stage(epoch); }, kind);
  }
};
