#include "serve/record.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <rocket/core/error.hpp>
#include <string>

namespace serve {

namespace {

using nlohmann::json;
using rocket::Field;
using rocket::ValueError;
using rocket::Word;

/// A field of somebody's record.
struct Place {
  const std::string& whose;
  const Field& field;
};

[[noreturn]] void refuse(const Place& place, const std::string& expected, const json& found) {
  throw ValueError(place.whose + ", field " + std::string{place.field.name}, expected, found.dump());
}

/// A row that its table doesn't have is the net's to refuse.
Word row_of(const Place& at, const json& value) {
  if (value.is_null()) return {};
  if (!value.is_number_unsigned() || value.get<std::uint64_t>() >= Word::most_rows) refuse(at, "a row", value);
  return Word::row(value.get<std::uint32_t>());
}
Word number_of(const Place& at, const json& value) {
  if (!value.is_number() || !std::isfinite(value.get<float>())) refuse(at, "a number", value);
  return Word::number(value.get<float>());
}

void read_field(const Place& at, const json& value, std::span<Word> into) {
  const Field& field = at.field;
  const bool is_number = field.table.empty();
  if (field.most == 1 && !field.pools && !value.is_array()) {
    into[0] = is_number ? number_of(at, value) : row_of(at, value);
    return;
  }
  const auto most = static_cast<std::size_t>(field.most);
  const bool fits = value.is_array() && (is_number ? value.size() == most : value.size() <= most);
  if (!fits) refuse(at, "a list of " + std::string{is_number ? "" : "at most "} + std::to_string(most), value);
  for (std::size_t k = 0; k < value.size(); ++k) {
    const json& one = value[k];
    if (!field.weighted()) {
      into[k] = is_number ? number_of(at, one) : row_of(at, one);
    } else {
      if (!one.is_array() || one.size() != 2) refuse(at, "pairs of row and weight", one);
      into[k] = row_of(at, one[0]);
      into[most + k] = number_of(at, one[1]);
    }
  }
}

}  // namespace

void read_record(const json& object, std::span<const Field> fields, const char* but, std::span<Word> into,
                 const std::string& whose) {
  if (!object.is_object()) throw ValueError(whose, "an object", object.dump());
  std::ranges::fill(into, Word{});
  for (const auto& [name, value] : object.items()) {
    const auto field = std::ranges::find(fields, name, &Field::name);
    if (field != fields.end())
      read_field({whose, *field}, value,
                 into.subspan(static_cast<std::size_t>(field->begin_word), static_cast<std::size_t>(field->words())));
    else if (name != but)
      throw ValueError(whose, "members that are fields", '"' + name + '"');
  }
}

}  // namespace serve
