/// \file
/// Training that has left the finite numbers: it is stopped at the first step whose loss isn't one, before that step
/// has changed anything, and whoever trains is told where it began.
#pragma once
#include <array>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "rocket/core/error.hpp"
#include "rocket/core/finite.hpp"
#include "rocket/net/summary.hpp"
#include "rocket/objective/losses.hpp"

namespace rocket {

/// A loss, or a number that is to be saved, is infinite or no number at all.
///
/// A step whose loss isn't finite changes nothing. But gradients can overflow where the loss doesn't; then that step's
/// update spoils the net, and the next step is the one that is refused.
///
/// The message reads "expected a finite loss of the light net, found nan, first in X".
class NonFiniteError : public Error {
 public:
  /// \param expected  what should have been there, such as "a finite loss of the light net"
  /// \param found     what was there instead
  /// \param where     where it began, such as "the output of light.2 (Dense), sample 3 of the batch"
  NonFiniteError(const std::string& expected, const std::string& found, std::string where)
      : Error("expected " + expected + ", found " + found + ", first in " + where), where_{std::move(where)} {}

  /// Where it began: the features, an array of the net, or the first layer that put out such a number.
  const std::string& where() const noexcept { return where_; }

 private:
  std::string where_;
};

namespace detail {

/// A term of the losses, and what a message calls it.
struct LossTerm {
  double Losses::*number;
  const char* name;
};
inline constexpr std::array<LossTerm, 4> unbounded_terms{{{&Losses::light, "a finite loss of the light net"},
                                                          {&Losses::booster, "a finite loss of the booster"},
                                                          {&Losses::hint, "a finite hint"},
                                                          {&Losses::teacher, "a finite hint of the teacher"}}};
/// The first term that isn't finite, or null.
inline const LossTerm* not_finite(const Losses& losses) {
  for (const LossTerm& term : unbounded_terms)
    if (!std::isfinite(losses.*term.number)) return &term;
  return nullptr;
}

/// The first array of a net, parameters before statistics, that holds a number which isn't finite; empty: none.
template <class Net>
std::string array_not_finite(const Net& net) {
  std::string found;
  const auto look = [&](const std::string& name, Shape, auto numbers) {
    if (found.empty() && first_not_finite(numbers) < numbers.size()) found = name;
  };
  each_array(Net::parameter_table(), net.parameter_vector(), look);
  each_array(Net::statistic_table(), net.statistic_vector(), look);
  for (const auto& table : net.tables().list_of(net.tables().vector())) look(table.name, Shape{}, table.numbers);
  return found;
}

/// By its index in the data, where that is known.
inline std::string describe_sample(std::size_t row, std::span<const int> samples) {
  if (samples.empty()) return "sample " + std::to_string(row) + " of the batch";
  return "sample " + std::to_string(samples[row]);
}

/// A layer of the table, which copy of it, and the sample.
template <class Net>
std::string describe_fault(const Fault& fault, std::span<const int> samples) {
  const LayerRow row = layer_table<Net>()[static_cast<std::size_t>(fault.leaf)];
  const std::string copy = row.copies > 1 ? ", copy " + std::to_string(fault.copy) : "";
  return "the output of " + row.name + " (" + std::string{row.layer} + copy + "), " +
         describe_sample(fault.number / static_cast<std::size_t>(row.output.size()), samples);
}

}  // namespace detail
}  // namespace rocket
