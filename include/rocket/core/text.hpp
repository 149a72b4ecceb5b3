#pragma once
#include <cstddef>
#include <string_view>
#include <utility>

namespace rocket {

/// A string literal as a template argument: `Named<"group0", ...>`, `Head<"light", ...>`.
template <std::size_t N>
struct FixedString {
  char characters[N]{};  ///< and the 0 at the end
  /// From a literal.
  // NOLINTNEXTLINE(google-explicit-constructor): implicit, so that a literal can stand in the argument list.
  constexpr FixedString(const char (&literal)[N]) {
    for (std::size_t i = 0; i < N; ++i) characters[i] = literal[i];
  }
  /// The characters without the 0.
  constexpr std::string_view view() const { return {characters, N - 1}; }
};

/// A short text that can be built while the program is compiled: the names of parameters.
struct Text {
  static constexpr std::size_t capacity = 96;  ///< the most characters; more do not compile
  char characters[capacity]{};                 ///< the first `length` are used, the others 0
  std::size_t length = 0;                      ///< characters

  constexpr Text() = default;
  /// A copy of that text.
  constexpr explicit Text(std::string_view text) { append(text); }

  /// The characters.
  constexpr std::string_view view() const { return {characters, length}; }
  /// Whether there is no character.
  constexpr bool empty() const { return length == 0; }

  /// Puts characters, or the digits of a number that isn't negative, behind what is there.
  constexpr Text& append(std::string_view text) {
    if (length + text.size() > capacity) throw "rocket: a parameter's name is longer than Text::capacity";
    for (const char c : text) characters[length++] = c;
    return *this;
  }
  constexpr Text& append(int number) {
    if (number >= 10) append(number / 10);
    const char digit = static_cast<char>('0' + number % 10);
    return append(std::string_view{&digit, 1});
  }
  /// "trunk" / "0" -> "trunk.0"; an empty text takes the part without a dot.
  template <class Part>
  constexpr Text operator/(Part part) const {
    Text joined = *this;
    if (!joined.empty()) joined.append(".");
    joined.append(part);
    return joined;
  }
  constexpr bool operator==(const Text& other) const {
    if (length != other.length) return false;
    for (std::size_t i = length; i-- > 0;)  // names differ in their ends more often than in their beginnings
      if (characters[i] != other.characters[i]) return false;
    return true;
  }
};

/// Spells a name in an error message: compilers print the characters of a type, but not those of a string.
template <char... Characters>
struct Spelled {};

namespace detail {
template <Text Name, class Indices>
struct Spell;
template <Text Name, std::size_t... I>
struct Spell<Name, std::index_sequence<I...>> {
  using type = Spelled<Name.characters[I]...>;
};
}  // namespace detail

/// The type that spells a name.
template <Text Name>
using Spell = typename detail::Spell<Name, std::make_index_sequence<Name.length>>::type;

namespace detail {
template <class T>
constexpr std::string_view name_of_this() {
  return __PRETTY_FUNCTION__;  // "... [with T = rocket::Sgd; ...]", "... [T = rocket::Sgd]"
}
}  // namespace detail

/// A type as the compiler spells it: "rocket::Sgd". Compilers differ in that.
template <class T>
constexpr std::string_view type_name() {
  constexpr std::string_view known = detail::name_of_this<int>(), text = detail::name_of_this<T>();
  constexpr std::size_t before = known.rfind("int"), behind = known.size() - before - 3;
  return text.substr(before, text.size() - before - behind);
}

namespace detail {
/// The first lines in which two texts differ; "no more" where one of them has ended.
constexpr std::pair<std::string_view, std::string_view> first_difference(std::string_view a, std::string_view b) {
  const auto next_line = [](std::string_view& text) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return line;
  };
  for (;;) {
    const bool a_ended = a.empty(), b_ended = b.empty();
    const std::string_view of_a = next_line(a), of_b = next_line(b);
    if (of_a != of_b || a_ended || b_ended)
      return {a_ended ? "no more" : of_a, b_ended ? "no more" : of_b};
  }
}
}  // namespace detail

/// A 64-bit hash of a name (FNV-1a), the same on every machine: names random streams.
/// \param h  that of what comes before
constexpr unsigned long long name_hash(std::string_view text, unsigned long long h = 0xcbf29ce484222325ULL) {
  for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return h;
}

}  // namespace rocket
