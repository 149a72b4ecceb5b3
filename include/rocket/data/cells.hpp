#pragma once
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

/// \file
/// Text that is cut into cells: what readers of lines share.

namespace rocket::detail {

/// Cuts the text at the first separator, a character or any of a text's: returns what stands before, leaves what stands
/// behind.
template <class Separator>
std::string_view take_until(std::string_view& text, Separator separator) {
  const std::size_t end = std::min(text.find_first_of(separator), text.size());
  const std::string_view taken = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return taken;
}

/// The same at blanks and tabs.
inline std::string_view take_word(std::string_view& text) { return take_until(text, " \t"); }

/// Without what some systems write before the end of a line.
inline std::string_view without_return(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

/// Without the byte order mark that some editors begin with.
inline std::string_view without_mark(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  return text;
}

/// The next line, without what ends it, on whatever system it was written.
inline std::string_view take_line(std::string_view& text) { return without_return(take_until(text, '\n')); }

/// Without a byte order mark, and without blank lines at the end.
inline std::string_view lines_of(std::string_view text) {
  text = without_mark(text);
  return text.substr(0, text.find_last_not_of("\r\n") + 1);
}

/// Without blanks around it.
inline std::string_view trim(std::string_view cell) {
  cell.remove_prefix(std::min(cell.find_first_not_of(" \t"), cell.size()));
  return cell.substr(0, cell.find_last_not_of(" \t") + 1);
}

/// What a message shows of a cell: enough to find it, however long it is.
inline std::string quote_cell(std::string_view cell) {
  constexpr std::size_t shown = 40;
  if (cell.empty()) return "an empty cell";
  return '"' + std::string(cell.substr(0, shown)) + (cell.size() > shown ? "..." : "") + '"';
}

/// The whole cell as an integer; none where it isn't one, or doesn't fit.
template <class Integer>
std::optional<Integer> as_integer(std::string_view cell) {
  Integer value = 0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  return error == std::errc{} && end == cell.data() + cell.size() ? std::optional{value} : std::nullopt;
}

/// The whole cell as a finite float; none where it isn't one.
inline std::optional<float> as_float(std::string_view cell) {
  double value = 0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  const bool whole = error == std::errc{} && end == cell.data() + cell.size();
  if (!whole || !(std::abs(value) <= double{std::numeric_limits<float>::max()})) return std::nullopt;
  return static_cast<float>(value);
}

/// The same with blanks around it, and a plus before it, allowed.
inline std::optional<float> as_signed_float(std::string_view cell) {
  cell = trim(cell);
  if (cell.starts_with('+') && !cell.starts_with("+-")) cell.remove_prefix(1);
  return as_float(cell);
}

}  // namespace rocket::detail
