#pragma once
#include <algorithm>
#include <string>

namespace rocket::detail {

/// For people who wait: "2 h 05 min", "3 min 07 s", "42 s".
inline std::string spell_duration(double seconds) {
  const auto s = static_cast<long>(std::clamp(seconds, 0.0, 1e9));
  const auto two_digits = [](long number) {
    return std::string{number < 10 ? "0" : ""}.append(std::to_string(number));
  };
  if (s >= 3600) return std::to_string(s / 3600) + " h " + two_digits(s / 60 % 60) + " min";
  if (s >= 60) return std::to_string(s / 60) + " min " + two_digits(s % 60) + " s";
  return std::to_string(s) + " s";
}

}  // namespace rocket::detail
