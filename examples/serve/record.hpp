#pragma once
#include <span>
#include <string>

#include <nlohmann/json_fwd.hpp>
#include <rocket/core/fields.hpp>

namespace serve {

/// Reads a record out of an object with one member a field: a row or null, a list of at most as many rows as the field
/// has room for, of pairs of row and weight where they are weighted, a number, or a list of as many numbers as there
/// are. What isn't there is empty.
/// \param but    a member that is none of a field, and somebody else's to read
/// \param into   words of all fields
/// \param whose  "request" or "candidate 3": where errors are
/// \throws rocket::ValueError  where a member is of no field, or its value isn't one of the field's
void read_record(const nlohmann::json& object, std::span<const rocket::Field> fields, const char* but,
                 std::span<rocket::Word> into, const std::string& whose);

}  // namespace serve
