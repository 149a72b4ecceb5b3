#include "report/variants.hpp"

#include <algorithm>

#include "support/comparison.hpp"

Colour colour_of(const support::Results& results, const std::string& variant) {
  const auto names = support::variants_of(results);
  return line_colour(static_cast<std::size_t>(std::find(names.begin(), names.end(), variant) - names.begin()));
}

std::string class_name(const support::Results& results, std::size_t label) {
  return label < results.classes.size() ? results.classes[label] : std::to_string(label);
}
