#pragma once
#include <cstddef>
#include <cstdio>
#include <string>

namespace support {

/// printf into a string.
template <class... Values>
std::string format(const char* pattern, Values... values) {
  std::string text(static_cast<std::size_t>(std::snprintf(nullptr, 0, pattern, values...)), '\0');
  std::snprintf(text.data(), text.size() + 1, pattern, values...);
  return text;
}
inline std::string format(const char* text) { return text; }

}  // namespace support
