/// \file
/// Names of fields and arrays as C++ has them.
#pragma once
#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace rocket::detail {

/// Words that a name can't be, of C++20, and the names that a written header has for itself.
inline bool is_taken(std::string_view word) {
  static constexpr std::array words{
      "alignas",     "alignof",  "and",        "and_eq",    "asm",       "auto",         "bitand",
      "bitor",       "bool",     "break",      "case",      "catch",     "char",         "char16_t",
      "char32_t",    "char8_t",  "class",      "co_await",  "co_return", "co_yield",     "compl",
      "concept",     "const",    "const_cast", "consteval", "constexpr", "constinit",    "continue",
      "decltype",    "default",  "delete",     "do",        "double",    "dynamic_cast", "else",
      "enum",        "explicit", "export",     "extern",    "false",     "float",        "for",
      "friend",      "goto",     "if",         "inline",    "int",       "long",         "mutable",
      "namespace",   "new",      "noexcept",   "not",       "not_eq",    "nullptr",      "operator",
      "or",          "or_eq",    "private",    "protected", "public",    "register",     "reinterpret_cast",
      "requires",    "return",   "short",      "signed",    "sizeof",    "static",       "static_assert",
      "static_cast", "struct",   "switch",     "template",  "this",      "thread_local", "throw",
      "true",        "try",      "typedef",    "typeid",    "typename",  "union",        "unsigned",
      "using",       "virtual",  "void",       "volatile",  "wchar_t",   "while",        "xor",
      "xor_eq",      "Record",   "no_row",     "no_rows",   "std"};
  return std::find(words.begin(), words.end(), word) != words.end();
}

inline bool is_digit(char c) { return c >= '0' && c <= '9'; }
inline bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// Whether a program may call something its own so: letters, digits and single underscores, no digit or underscore
/// first, no word of C++.
inline bool is_identifier(std::string_view name) {
  if (name.empty() || !is_letter(name[0]) || is_taken(name)) return false;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name[i] == '_' ? name[i - 1] == '_' : !is_letter(name[i]) && !is_digit(name[i])) return false;
  }
  return true;
}

/// A name made an identifier: whatever is no letter or digit becomes an underscore, several become one; "field_" is put
/// before what doesn't begin with a letter, an underscore behind a word of C++.
inline std::string as_identifier(std::string_view name) {
  std::string made;
  for (const char c : name) {
    const char kept = is_letter(c) || is_digit(c) ? c : '_';
    if (kept != '_' || made.empty() || made.back() != '_') made += kept;
  }
  if (made.empty() || !is_letter(made[0])) made = "field_" + made.substr(!made.empty() && made[0] == '_' ? 1 : 0);
  if (is_taken(made)) made += '_';
  return made;
}

}  // namespace rocket::detail
