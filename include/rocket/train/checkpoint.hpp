/// \file
/// All of a training run in a file (safetensors.hpp), so that it goes on as if it had never been interrupted:
///
///     trunk.0.weight, ...               the net's parameters and statistics
///     optimizer.0.trunk.0.weight, ...   what the optimizer remembers, vector by vector
///     training.sums                     TrainingPosition::sums
///     callback.best.parameters, ...     what callbacks remember that were given along (callback.hpp)
///
/// and texts in the metadata: rocket.checkpoint (the version of this list), rocket.version, rocket.net (its layers and
/// what they share, and a hash of its type), rocket.kinds (optimizer, schedule, hint, block), rocket.seed, rocket.position
/// (TrainingPosition as JSON). Random numbers need no more: they are functions of seed and position. Types are spelled by
/// the compiler, so a run is taken up by a program of the same one. Needs nlohmann-json.
#pragma once
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "rocket/core/text.hpp"
#include "rocket/net/summary.hpp"
#include "rocket/net/weights.hpp"
#include "rocket/train/callback.hpp"
#include "rocket/train/non_finite.hpp"
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
  // Amounts that are part of a type: Dropout's rate, how a convolution is computed.
  return text + "\nas a type " + spell_checksum(name_hash(type_name<Net>()));
}

inline std::string spell_version() {
  return std::to_string(version_major) + '.' + std::to_string(version_minor) + '.' + std::to_string(version_patch);
}

/// visit(name, number) for every number of a position but the sums.
template <class Position, class Visit>
void each_number(Position& at, const Visit& visit) {
  visit("epoch", at.epoch);
  visit("calls", at.calls);
  visit("step", at.step);
  visit("steps", at.steps);
  visit("samples", at.samples);
  visit("labels", at.labels);
  visit("optimizer_steps", at.optimizer_steps);
  visit("stage", at.stage);
  visit("nameless_steps", at.nameless_steps);
}

inline std::string spell_position(const TrainingPosition& at) {
  Json json = Json::object();
  each_number(at, [&](const char* name, auto number) { json[name] = number; });
  if (at.call_began) json["call_began"] = *at.call_began;
  return json.dump();
}

/// Without the sums.
inline TrainingPosition read_position(const std::string& path, const std::string& text) {
  const auto fail = [&](const std::string& expected) {
    throw FileError(path, "__metadata__, rocket.position", expected, text);
  };
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) fail("an object");
  const auto read = [&](const char* name, auto& into) {
    using Number = std::remove_cvref_t<decltype(into)>;
    using Limits = std::numeric_limits<Number>;
    const auto found = json.find(name);
    bool fits = found != json.end();
    if (fits && found->is_number_unsigned())
      fits = found->template get<std::uint64_t>() <= static_cast<std::uint64_t>(Limits::max());
    else
      fits = fits && found->is_number_integer() && Limits::is_signed &&
             found->template get<std::int64_t>() >= static_cast<std::int64_t>(Limits::min());
    if (!fits) fail(std::string{name} + ", a whole number");
    into = found->template get<Number>();
  };
  TrainingPosition at;
  each_number(at, read);
  if (json.contains("call_began")) read("call_began", at.call_began.emplace());
  if (!at.is_sound()) fail("a position that a trainer can stand at");
  return at;
}

/// What a run must be to take up one that was saved, in the order in which it is told.
template <class Trainer>
std::vector<std::pair<std::string, std::string>> describe_run(const Trainer& trainer) {
  using Net = std::remove_cvref_t<decltype(trainer.net())>;
  return {{"rocket.checkpoint", "1"},
          {"rocket.net", describe_net<Net>()},
          {"rocket.kinds", Trainer::kinds()},
          {"rocket.seed", std::to_string(trainer.net().seed().value)}};
}

/// Texts of one's own have keys of their own.
inline void check_notes(const std::map<std::string, std::string>& notes) {
  for (const auto& [key, text] : notes) {
    if (key.starts_with("rocket.")) throw ValueError("notes", "keys that don't begin with \"rocket.\"", key);
    try {
      static_cast<void>(Json{{key, text}}.dump());
    } catch (const Json::exception& error) {
      throw ValueError("notes, " + key, "UTF-8", error.what());
    }
  }
}

/// All arrays of a run, as tensors or slots. `sums` has the terms of Losses.
template <class As, class Trainer, class Sums, class... Callbacks>
std::vector<As> arrays_of_run(Trainer& trainer, std::span<Sums> sums, Callbacks&... callbacks) {
  using Net = std::remove_cvref_t<decltype(trainer.net())>;
  std::vector<As> list;
  append_net(list, trainer.net());
  for (std::size_t s = 0; s < Trainer::optimizer_states; ++s)
    append_arrays(list, "optimizer." + std::to_string(s) + '.', Net::parameter_table(),
                  trainer.optimizer_state().subspan(s * Net::parameters, Net::parameters));
  const auto append = [&]<class T, std::size_t N>(const std::string& name, std::span<T, N> numbers) {
    list.push_back(
        As{name, std::string{tensor_type<std::remove_const_t<T>>}, {numbers.size()}, bytes_of(std::span<T>{numbers})});
  };
  append("training.sums", sums);
  [[maybe_unused]] const auto append_memory = [&]<class Callback>(Callback& callback) {
    Callback::each_memory(callback, [&](std::string_view name, auto numbers) {
      append("callback." + std::string{Callback::memory} + '.' + std::string{name}, numbers);
    });
  };
  (append_memory(callbacks), ...);
  return list;
}

/// A run that has left the finite numbers isn't worth a file, least of all in place of one that hasn't.
template <class Trainer>
void check_can_go_on(const Trainer& trainer) {
  std::string where = array_not_finite(trainer.net());
  if (where.empty() && first_not_finite(trainer.optimizer_state()) < trainer.optimizer_state().size())
    where = "the optimizer's state";
  if (!where.empty()) throw NonFiniteError("a checkpoint of finite numbers", "others", where);
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
/// \param notes      texts to keep with it, such as a commit; no key begins with "rocket."
/// \param callbacks  whose memory is to be kept, too
/// \throws ValueError      where a note's key is one of Rocket's
/// \throws NonFiniteError  where a number of the net or the optimizer isn't finite; the old file is there as before
/// \throws FileError       where the file can't be written; the old one is there as before
template <class Trainer, Remembers... Callbacks>
void save_checkpoint(const Trainer& trainer, const std::string& path,
                     const std::map<std::string, std::string>& notes = {}, const Callbacks&... callbacks) {
  detail::check_notes(notes);
  detail::check_can_go_on(trainer);
  std::map<std::string, std::string> metadata = notes;
  for (const auto& [key, text] : detail::describe_run(trainer)) metadata[key] = text;
  metadata["rocket.version"] = detail::spell_version();
  metadata["rocket.position"] = detail::spell_position(trainer.position());
  std::array<double, detail::loss_terms.size()> sums;
  for (std::size_t i = 0; i < sums.size(); ++i) sums[i] = trainer.position().sums.*detail::loss_terms[i];
  write_safetensors(path, detail::arrays_of_run<Tensor>(trainer, std::span<const double>{sums}, callbacks...),
                    metadata);
}

/// Takes a run up where save_checkpoint left it: the trainer, built of the same net, seed and kinds of options, takes
/// the same steps, to the bit, as the one that was saved would have. What isn't checked must be the same, too: amounts
/// (rates, weights, schedules), a teacher's numbers, and the samples' features (their number and labels are checked).
/// \param how        what the next call of fit is; see TakeUp
/// \param callbacks  the same as were given to save_checkpoint: they remember what they did then
/// \throws FileError   where the file isn't sound or of another run, before anything has changed
/// \throws ValueError  within fit, before anything has changed
template <class Trainer, Remembers... Callbacks>
void load_checkpoint(Trainer& trainer, const std::string& path, TakeUp how = TakeUp::here, Callbacks&... callbacks) {
  const TensorFile file = read_safetensors(path);
  const auto text_of = [&](const std::string& key) {
    const auto found = file.metadata.find(key);
    if (found == file.metadata.end())
      throw FileError(path, "__metadata__", key + ", as save_checkpoint writes it",
                      "none (load_weights reads weights alone)");
    return found->second;
  };
  for (const auto& [key, expected] : detail::describe_run(trainer)) {
    const std::string found = text_of(key);
    if (found == expected) continue;
    const auto [ours, theirs] = detail::first_difference(expected, found);
    throw FileError(path, "__metadata__, " + key, ours + ", as the trainer has", theirs + ": it is of another run");
  }
  TrainingPosition position = detail::read_position(path, text_of("rocket.position"));
  std::array<double, detail::loss_terms.size()> sums;
  const std::vector<Slot> slots = detail::arrays_of_run<Slot>(trainer, std::span<double>{sums}, callbacks...);
  check_all(path, file, slots);
  std::memcpy(sums.data(), file.find("training.sums")->bytes.data(), sizeof sums);
  for (std::size_t i = 0; i < sums.size(); ++i) position.sums.*detail::loss_terms[i] = sums[i];
  trainer.restore(position, how);
  fill_all(path, file, slots);
}

}  // namespace rocket
