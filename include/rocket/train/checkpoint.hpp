/// \file
/// All of a training run in a file (safetensors.hpp), so that it goes on as if it had never been interrupted:
///
///     trunk.0.weight, ...               the net's parameters and statistics
///     optimizer.0.trunk.0.weight, ...   what the optimizer remembers, vector by vector
///     training.sums                     the terms of Losses, summed over the steps of the unfinished epoch
///
/// and texts in the metadata: rocket.checkpoint (the version of this list), rocket.version, rocket.net (its layers and
/// what they share), rocket.kinds (optimizer, schedule, hint, block), rocket.seed, rocket.position (TrainingPosition as
/// JSON). Random numbers need no more: they are functions of seed and position. Needs nlohmann-json.
#pragma once
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "rocket/net/summary.hpp"
#include "rocket/net/weights.hpp"
#include "rocket/train/trainer.hpp"
#include "rocket/version.hpp"

namespace rocket {

namespace detail {

/// A line a layer: what it is called, what it does, how often, how much of it is shared.
template <class Net>
std::string describe_net() {
  const auto spell_shape = [](Shape shape) { return spell_list(extents_of(shape)); };
  std::string text = "reads " + spell_shape(Net::input);
  for (const LayerRow& row : layer_table<Net>())
    text += '\n' + row.part + ": " + row.name + ' ' + std::string{row.layer} + ' ' + spell_shape(row.input) + " -> " +
            spell_shape(row.output) + ", " + std::to_string(row.copies) + " of it, " + std::to_string(row.shared) +
            " parameters shared";
  return text;
}

inline std::string spell_version() {
  return std::to_string(version_major) + '.' + std::to_string(version_minor) + '.' + std::to_string(version_patch);
}

using Json = nlohmann::json;

inline std::string spell_position(const TrainingPosition& at) {
  Json json{{"epoch", at.epoch}, {"step", at.step},
            {"steps", at.steps}, {"optimizer_steps", at.optimizer_steps},
            {"stage", at.stage}, {"nameless_steps", at.nameless_steps}};
  if (at.fit_began) json["fit_began"] = *at.fit_began;
  return json.dump();
}

/// Without the sums.
inline TrainingPosition read_position(const std::string& path, const std::string& text) {
  const std::string place = "__metadata__, rocket.position";
  const Json json = Json::parse(text, nullptr, false);
  const auto fail = [&](const std::string& expected) { throw FileError(path, place, expected, text); };
  if (!json.is_object()) fail("an object");
  const auto read = [&](const char* name, auto& into, std::int64_t least = 0) {
    using Number = std::remove_cvref_t<decltype(into)>;
    const bool is_number = json.contains(name) && json[name].is_number_integer();
    const bool fits = is_number && json[name] >= least && json[name] <= std::numeric_limits<Number>::max();
    if (!fits) fail(std::string{name} + ", a number of steps or epochs");
    into = json[name].template get<Number>();
  };
  TrainingPosition at;
  read("epoch", at.epoch);
  read("step", at.step);
  read("steps", at.steps);
  read("optimizer_steps", at.optimizer_steps);
  read("stage", at.stage, std::numeric_limits<int>::min());
  read("nameless_steps", at.nameless_steps);
  if (json.contains("fit_began")) read("fit_began", at.fit_began.emplace());
  if (at.step > at.steps || (at.fit_began ? *at.fit_began > at.epoch : at.step > 0)) fail("a step of the run");
  return at;
}

/// What a file says of a run, beside its numbers.
template <class Trainer>
std::map<std::string, std::string> describe_run(const Trainer& trainer) {
  using Net = std::remove_cvref_t<decltype(trainer.net())>;
  return {{"rocket.checkpoint", "1"},
          {"rocket.net", describe_net<Net>()},
          {"rocket.kinds", Trainer::kinds()},
          {"rocket.seed", std::to_string(trainer.net().seed().value)}};
}

/// All arrays of a run, as tensors or slots. `sums` has the terms of Losses.
template <class As, class Trainer, class Sums>
std::vector<As> arrays_of_run(Trainer& trainer, std::span<Sums> sums) {
  using Net = std::remove_cvref_t<decltype(trainer.net())>;
  std::vector<As> list;
  append_net(list, trainer.net());
  for (std::size_t s = 0; s < Trainer::optimizer_states; ++s)
    append_arrays(list, "optimizer." + std::to_string(s) + '.', Net::parameter_table(),
                  trainer.optimizer_state().subspan(s * Net::parameters, Net::parameters));
  const auto bytes = [&] {
    if constexpr (std::is_const_v<Sums>)
      return std::as_bytes(sums);
    else
      return std::as_writable_bytes(sums);
  }();
  list.push_back(As{"training.sums", std::string{tensor_type<double>}, {sums.size()}, bytes});
  return list;
}

/// The first lines in which two texts differ.
inline std::pair<std::string, std::string> first_difference(std::string_view a, std::string_view b) {
  const auto next_line = [](std::string_view& text) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    return line;
  };
  for (;;) {
    const std::string_view of_a = next_line(a), of_b = next_line(b);
    if (of_a != of_b || (a.empty() && b.empty()))
      return {of_a.empty() ? "no more" : std::string{of_a}, of_b.empty() ? "no more" : std::string{of_b}};
  }
}

}  // namespace detail

/// Writes all that a run hangs on, in place of what was there: see replace_file. From outside of fit or, in a callback,
/// from between two steps.
/// \param notes  texts to keep with it, such as a commit; no key begins with "rocket."
/// \throws ValueError  where a note's key is one of Rocket's
/// \throws FileError   where the file can't be written; the old one is there as before
template <class Trainer>
void save_checkpoint(const Trainer& trainer, const std::string& path,
                     const std::map<std::string, std::string>& notes = {}) {
  std::map<std::string, std::string> metadata = detail::describe_run(trainer);
  metadata["rocket.version"] = detail::spell_version();
  metadata["rocket.position"] = detail::spell_position(trainer.position());
  for (const auto& [key, text] : notes) {
    if (key.starts_with("rocket.")) throw ValueError("notes", "keys that don't begin with \"rocket.\"", key);
    metadata[key] = text;
  }
  std::array<double, detail::loss_terms.size()> sums;
  for (std::size_t i = 0; i < sums.size(); ++i) sums[i] = trainer.position().sums.*detail::loss_terms[i];
  write_safetensors(path, detail::arrays_of_run<Tensor>(trainer, std::span<const double>{sums}), metadata);
}

/// Takes a run up where save_checkpoint left it: the trainer, built of the same net, seed and kinds of options, takes
/// the same steps, to the bit, as the one that was saved would have. Amounts (rates, weights) are those that the
/// trainer was built with. Saved within a call of fit, the next call of fit is that one: it takes the steps that were
/// left.
/// \throws FileError  where the file isn't sound or of another run, before anything has changed
template <class Trainer>
void load_checkpoint(Trainer& trainer, const std::string& path) {
  const TensorFile file = read_safetensors(path);
  const auto text_of = [&](const std::string& key) {
    const auto found = file.metadata.find(key);
    if (found == file.metadata.end()) throw FileError(path, "__metadata__", key + ", as in a checkpoint", "none");
    return found->second;
  };
  for (const auto& [key, expected] : detail::describe_run(trainer)) {
    const std::string found = text_of(key);
    if (found == expected) continue;
    const auto [ours, theirs] = detail::first_difference(expected, found);
    throw FileError(path, "__metadata__, " + key, ours + " (the trainer's)", theirs);
  }
  TrainingPosition position = detail::read_position(path, text_of("rocket.position"));
  std::array<double, detail::loss_terms.size()> sums;
  fill_all(path, file, detail::arrays_of_run<Slot>(trainer, std::span<double>{sums}));
  for (std::size_t i = 0; i < sums.size(); ++i) position.sums.*detail::loss_terms[i] = sums[i];
  trainer.restore(position);
}

}  // namespace rocket
