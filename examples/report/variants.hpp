#pragma once
#include <string>

#include "report/palette.hpp"
#include "support/run.hpp"

/// The variant that tells most of a pair: rocket, else the first whose runs satisfy the condition; empty: none.
template <class Condition>
std::string pair_to_show(const support::Results& results, const Condition& has_it) {
  std::string first;
  for (const support::Run& run : results.runs) {
    if (!has_it(run)) continue;
    if (run.variant == "rocket") return run.variant;
    if (first.empty()) first = run.variant;
  }
  return first;
}

/// The colour that a variant has in all pictures.
Colour colour_of(const support::Results& results, const std::string& variant);

/// What a class is called: its name, or its number.
std::string class_name(const support::Results& results, std::size_t label);
