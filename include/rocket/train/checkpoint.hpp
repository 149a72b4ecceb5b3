/// \file
/// All of a training run in a file (safetensors.hpp), so that it goes on as if it had never been interrupted:
///
///     trunk.0.weight, ...               the net's parameters and statistics
///     optimizer.0.trunk.0.weight, ...   what the optimizer remembers, vector by vector
///     training.sums                     TrainingPosition::sums
///     callback.best.parameters, ...     what callbacks remember that were given along (callback.hpp)
///
/// and texts in the metadata: rocket.checkpoint (the version of this list), rocket.version, rocket.net (its fields
/// and layers, how much they share, a hash of its type), rocket.kinds (optimizer, schedule, hint, block), rocket.seed,
/// rocket.position (TrainingPosition as JSON). Random numbers need no more: they are functions of seed and position.
/// Types are spelled by the compiler, so a run is taken up by a program of the same one. Needs nlohmann-json.
#pragma once
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
#include <vector>

#include <nlohmann/json.hpp>

#include "rocket/core/error.hpp"
#include "rocket/net/weights.hpp"
#include "rocket/train/position.hpp"
#include "rocket/train/run_state.hpp"
#include "rocket/version.hpp"

namespace rocket {

namespace detail {

/// The version of the list above.
inline constexpr const char* checkpoint_version = "2";

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
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  each_number(at, [&](const char* name, auto number) { json[name] = number; });
  if (at.call_began) json["call_began"] = *at.call_began;
  return json.dump();
}

/// Without the sums.
inline TrainingPosition read_position(const std::string& path, const std::string& text) {
  const auto fail = [&](const std::string& expected) {
    throw FileError(path, "__metadata__, rocket.position", expected, text);
  };
  const std::string_view view = text;  // the kind of iterators with which the header is read, too
  const Json json = Json::parse(view.begin(), view.end(), nullptr, false);
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

/// Texts of one's own have keys of their own.
inline void check_notes(const std::map<std::string, std::string>& notes) {
  for (const auto& [key, text] : notes) {
    if (key.starts_with("rocket.")) throw ValueError("notes", "keys that don't begin with \"rocket.\"", key);
    try {
      static_cast<void>(nlohmann::ordered_json{{key, text}}.dump());
    } catch (const Json::exception& error) {
      throw ValueError("notes, " + key, "UTF-8", error.what());
    }
  }
}

/// The terms of Losses: the array "training.sums".
using Sums = std::array<double, loss_terms.size()>;
template <class As, class T>
As sums_as(std::span<T> sums) {
  return As{"training.sums", std::string{tensor_type<double>}, {sums.size()}, bytes_of(sums)};
}

}  // namespace detail

/// Writes all that a run hangs on, in place of what was there: see replace_file.
/// \param notes  texts to keep with it, such as a commit; no key begins with "rocket."
/// \throws ValueError  where a note's key is one of Rocket's
/// \throws FileError   where the file can't be written; the old one is there as before
inline void save_checkpoint(const RunState& run, const std::string& path,
                            const std::map<std::string, std::string>& notes = {}) {
  detail::check_notes(notes);
  std::map<std::string, std::string> metadata = notes;
  metadata["rocket.checkpoint"] = detail::checkpoint_version;
  for (const auto& [key, text] : run.kinds) metadata["rocket." + key] = text;
  metadata["rocket.version"] = detail::spell_version();
  metadata["rocket.position"] = detail::spell_position(run.position);
  detail::Sums sums;
  for (std::size_t i = 0; i < sums.size(); ++i) sums[i] = run.position.sums.*detail::loss_terms[i];
  std::vector<Tensor> arrays = run.arrays;
  arrays.push_back(detail::sums_as<Tensor>(std::span<const double>{sums}));
  write_safetensors(path, arrays, metadata);
}

/// As above, of a trainer: from outside of fit or, in a callback, from between two steps.
/// \param callbacks  whose memory is to be kept, too
/// \throws NonFiniteError  where a number of the net or the optimizer isn't finite; the old file is there as before
template <class Trainer, Remembers... Callbacks>
void save_checkpoint(const Trainer& trainer, const std::string& path,
                     const std::map<std::string, std::string>& notes = {}, const Callbacks&... callbacks) {
  save_checkpoint(detail::state_of(trainer, callbacks...), path, notes);
}

/// Takes a run up where save_checkpoint left it: the trainer, built of the same net, seed and kinds of options, takes
/// the same steps, to the bit, as the one that was saved would have. What isn't checked must be the same, too: amounts
/// (rates, weights, schedules), a teacher's numbers, and the samples' features (their number and labels are checked).
/// \param how  what the next call of fit is; see TakeUp
/// \throws FileError   where the file isn't sound or of another run, before anything has changed
/// \throws ValueError  within fit, before anything has changed
inline void load_checkpoint(AnyRun run, const std::string& path, TakeUp how = TakeUp::here) {
  const TensorFile file = read_safetensors(path);
  const auto text_of = [&](const std::string& key) {
    const auto found = file.metadata.find(key);
    if (found == file.metadata.end())
      throw FileError(path, "__metadata__", key + ", as save_checkpoint writes it",
                      "none (load_weights reads weights alone)");
    return found->second;
  };
  const auto check = [&](const std::string& key, const std::string& expected) {
    const std::string found = text_of(key);
    if (found == expected) return;
    const auto [ours, theirs] = detail::first_difference(expected, found);
    throw FileError(path, "__metadata__, " + key, std::string{ours} + ", as the trainer has",
                    std::string{theirs} + ": it is of another run");
  };
  check("rocket.checkpoint", detail::checkpoint_version);
  for (const auto& [key, expected] : run.kinds()) check("rocket." + key, expected);
  TrainingPosition position = detail::read_position(path, text_of("rocket.position"));
  detail::Sums sums;
  std::vector<Slot> slots = run.slots();
  slots.push_back(detail::sums_as<Slot>(std::span<double>{sums}));
  try {
    check_all(path, file, slots);
  } catch (const FileError& error) {
    if (!error.place().starts_with("\"callback.")) throw;
    throw FileError(error.path(), error.place(), error.expected(),
                    error.found() + " (the callbacks to give are those that were saved, in their order)");
  }
  std::memcpy(sums.data(), file.find("training.sums")->bytes.data(), sizeof sums);
  for (std::size_t i = 0; i < sums.size(); ++i) position.sums.*detail::loss_terms[i] = sums[i];
  run.restore(position, how);
  fill_all(path, file, slots);
}

/// As above, of a trainer.
/// \param callbacks  the same as were given to save_checkpoint, in their order: they remember what they did then
template <class Trainer, Remembers... Callbacks>
void load_checkpoint(Trainer& trainer, const std::string& path, TakeUp how = TakeUp::here, Callbacks&... callbacks) {
  load_checkpoint(AnyRun{trainer, callbacks...}, path, how);
}

}  // namespace rocket
