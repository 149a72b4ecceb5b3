#pragma once
#include <array>
#include <string_view>

/// \file
/// What can be chosen on the command line, and the words for it.

enum class Data { cifar10, cifar100, svhn, fashion_mnist };

/// What the light net and the booster have in common. Two of them share nothing, not even the first convolution.
enum class Sharing { interval, bottom, none, bottom_none };

/// How a net is trained: the paper's comparisons.
enum class Mode { base, booster, rocket_no_hint, rocket, kd, at, rocket_kd, no_joint };

enum class HintKind { logit_mse, softmax_mse, kl, hard_label, scale_free };

/// rocket::GradientBlock
enum class Block { logits, none, booster_parameters, light_input };

template <class Value>
struct Choice {
  const char* word;
  Value value;
};
template <class Value>
Choice(const char*, Value) -> Choice<Value>;

/// Defaults come first.
inline constexpr std::array data_choices{Choice{"cifar10", Data::cifar10}, Choice{"cifar100", Data::cifar100},
                                         Choice{"svhn", Data::svhn}, Choice{"fashion-mnist", Data::fashion_mnist}};
inline constexpr std::array sharing_choices{Choice{"interval", Sharing::interval}, Choice{"bottom", Sharing::bottom},
                                            Choice{"none", Sharing::none}, Choice{"bottom-none", Sharing::bottom_none}};
inline constexpr std::array mode_choices{Choice{"base", Mode::base},
                                         Choice{"booster", Mode::booster},
                                         Choice{"rocket-no-hint", Mode::rocket_no_hint},
                                         Choice{"rocket", Mode::rocket},
                                         Choice{"kd", Mode::kd},
                                         Choice{"at", Mode::at},
                                         Choice{"rocket+kd", Mode::rocket_kd},
                                         Choice{"no-joint", Mode::no_joint}};
inline constexpr std::array hint_choices{
    Choice{"logit-mse", HintKind::logit_mse}, Choice{"softmax-mse", HintKind::softmax_mse}, Choice{"kl", HintKind::kl},
    Choice{"hard-label", HintKind::hard_label}, Choice{"scale-free", HintKind::scale_free}};
inline constexpr std::array block_choices{Choice{"logits", Block::logits}, Choice{"none", Block::none},
                                          Choice{"booster-parameters", Block::booster_parameters},
                                          Choice{"light-input", Block::light_input}};

/// The word for a value that is among the choices.
template <class Choices, class Value>
constexpr const char* word_for(const Choices& choices, Value value) {
  for (const auto& choice : choices)
    if (choice.value == value) return choice.word;
  return "";
}

constexpr const char* word(Data data) { return word_for(data_choices, data); }
constexpr const char* word(Sharing sharing) { return word_for(sharing_choices, sharing); }
constexpr const char* word(Mode mode) { return word_for(mode_choices, mode); }
constexpr const char* word(HintKind hint) { return word_for(hint_choices, hint); }
constexpr const char* word(Block block) { return word_for(block_choices, block); }

/// Whether the light net is the booster without its last group, sharing or not.
constexpr bool is_bottom(Sharing sharing) { return sharing == Sharing::bottom || sharing == Sharing::bottom_none; }
constexpr bool shares(Sharing sharing) { return sharing == Sharing::interval || sharing == Sharing::bottom; }

/// Which nets a mode trains.
constexpr bool trains_light(Mode mode) { return mode != Mode::booster; }
constexpr bool trains_booster(Mode mode) {
  return mode == Mode::booster || mode == Mode::rocket || mode == Mode::rocket_no_hint || mode == Mode::rocket_kd;
}
/// Whether it needs a booster that was trained alone before.
constexpr bool needs_teacher(Mode mode) {
  return mode == Mode::kd || mode == Mode::at || mode == Mode::rocket_kd || mode == Mode::no_joint;
}
/// Whether --hint and --hint-weight say something to it.
constexpr bool takes_hint(Mode mode) {
  return mode == Mode::rocket || mode == Mode::rocket_kd || mode == Mode::no_joint;
}
/// Whether --block does.
constexpr bool takes_block(Mode mode) { return mode == Mode::rocket || mode == Mode::rocket_kd; }
