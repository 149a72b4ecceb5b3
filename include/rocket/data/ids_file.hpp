/// \file
/// Which rows ids have, in a safetensors file (rocket/files/safetensors.hpp), for those who serve a net, or train it
/// further: the rows of its tables mean nothing without. For each table, under its name, one of
///
///     TABLE.ids        U8 [bytes]: a vocabulary's ids, one behind the other in the order of their rows, any bytes
///     TABLE.ends       I64 [ids]: where each of them ends in it
///
///     TABLE.hashed     I64 [1]: rows of a hash
///     TABLE.numbered   I64 [1]: rows, whose numbers are the ids
///
/// and where unknown ids share a row
///
///     TABLE.unknown    I64 [1]: the last row, which is theirs
///
/// In Python: begin, end = ([0] + list(ends))[k:k + 2]; bytes(ids[begin:end]) is the id of row k.
///
/// Needs nlohmann-json.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rocket/core/error.hpp"
#include "rocket/core/fields.hpp"
#include "rocket/data/id_rows.hpp"
#include "rocket/files/safetensors.hpp"

namespace rocket {

namespace detail {

/// Makes ids of the arrays of a file.
class IdsReader {
 public:
  explicit IdsReader(const TensorFile& file) : file_{file} {}

  IdRows read(const std::string& table) {
    const auto hashed = number(table + ".hashed", 1), numbered = number(table + ".numbered", 1);
    const Tensor* texts = file_.find(table + ".ids");
    if (hashed.has_value() + numbered.has_value() + (texts != nullptr) != 1)
      fail('"' + table + '"', "one of " + table + ".ids, .hashed and .numbered",
           texts || hashed || numbered ? "several" : "none");
    IdRows ids = texts ? vocabulary(table, *texts) : hashed ? IdRows::hashed(*hashed) : IdRows::numbered(*numbered);
    const std::size_t known = texts ? ids.ids().size() : ids.rows();
    if (const auto unknown = number(table + ".unknown", 0)) {
      if (hashed || *unknown != known)
        fail('"' + table + ".unknown\"", hashed ? "none: a hash knows every id" : "the row " + std::to_string(known),
             std::to_string(*unknown));
      ids.share_unknown();
    }
    ids.freeze();
    return ids;
  }

  /// Refuses arrays that nobody asked for.
  void end() const {
    for (const Tensor& tensor : file_.tensors)
      if (std::find(asked_.begin(), asked_.end(), tensor.name) == asked_.end())
        fail('"' + tensor.name + '"', "arrays of tables that the fields look up", "another one");
  }

 private:
  [[noreturn]] void fail(const std::string& place, const std::string& expected, const std::string& found) const {
    throw FileError(file_.path, place, expected, found);
  }

  /// An array of one extent, if there is one of that name.
  const Tensor* find(const std::string& name, std::string_view type) {
    asked_.push_back(name);
    const Tensor* found = file_.find(name);
    if (found && (found->type != type || found->shape.size() != 1))
      fail('"' + name + '"', std::string{type} + " with one extent", found->type + ' ' + spell_list(found->shape));
    return found;
  }
  static std::int64_t number(const Tensor& tensor, std::size_t k) {
    std::int64_t value = 0;
    std::memcpy(&value, tensor.bytes.data() + k * sizeof value, sizeof value);  // they lie anywhere
    return value;
  }
  std::optional<std::size_t> number(const std::string& name, std::int64_t least) {
    const Tensor* found = find(name, "I64");
    if (!found) return std::nullopt;
    if (found->shape[0] != 1) fail('"' + name + '"', "one number", std::to_string(found->shape[0]));
    const std::int64_t value = number(*found, 0);
    if (value < least || value > std::int64_t{Word::most_rows})
      fail('"' + name + '"', std::to_string(least) + " to " + std::to_string(Word::most_rows), std::to_string(value));
    return static_cast<std::size_t>(value);
  }

  IdRows vocabulary(const std::string& table, const Tensor& texts) {
    find(table + ".ids", "U8");
    const Tensor* ends = find(table + ".ends", "I64");
    if (!ends) fail('"' + table + ".ends\"", "an array that says where ids end", "none of that name");
    const std::string_view all = characters_of(texts.bytes);
    std::vector<std::string_view> ids;
    std::size_t begin = 0;
    const auto count = static_cast<std::size_t>(ends->shape[0]);
    for (std::size_t k = 0; k < count; ++k) {
      const std::int64_t end = number(*ends, k);
      if (std::cmp_less(end, begin) || std::cmp_greater(end, all.size()))
        fail('"' + table + ".ends\", number " + std::to_string(k),
             std::to_string(begin) + " to " + std::to_string(all.size()), std::to_string(end));
      ids.push_back(all.substr(begin, static_cast<std::size_t>(end) - begin));
      begin = static_cast<std::size_t>(end);
    }
    if (begin != all.size())
      fail('"' + table + ".ends\"", "an end of the last id at " + std::to_string(all.size()), std::to_string(begin));
    try {
      return IdRows::of(ids);
    } catch (const ValueError& error) {
      fail('"' + table + "\", " + error.argument(), error.expected(), error.found());
    }
  }

  const TensorFile& file_;
  std::vector<std::string> asked_;
};

}  // namespace detail

/// Writes which rows ids have, in place of what was there: see replace_file. What a vocabulary counted isn't kept:
/// drop_rare() forgets none of the ids that are loaded.
/// \throws FileError  where the file can't be written
template <class Inputs>
void save_ids(const FieldIds<Inputs>& ids, const std::string& path) {
  constexpr std::size_t tables = Inputs::table_count;
  std::vector<std::string> texts(tables);
  std::vector<std::vector<std::int64_t>> ends(tables), numbers(tables);
  std::vector<Tensor> arrays;
  const auto add = [&](std::string name, std::string type, const auto& values) {
    const auto bytes = std::as_bytes(std::span{values});
    arrays.push_back({std::move(name), std::move(type), {values.size()}, bytes});
  };
  for (std::size_t t = 0; t < tables; ++t) {
    const std::string table{Inputs::tables[t].name};
    const IdRows& rows = ids.of(t);
    const auto add_number = [&](const std::string& name, std::size_t value) {
      numbers[t].push_back(static_cast<std::int64_t>(value));
      add(table + name, "I64", std::span{numbers[t]}.last(1));
    };
    numbers[t].reserve(2);  // so that what arrays look at stays
    if (rows.kind() == IdRows::Kind::vocabulary) {
      for (const std::string_view id : rows.ids()) {
        texts[t] += id;
        ends[t].push_back(static_cast<std::int64_t>(texts[t].size()));
      }
      add(table + ".ids", "U8", texts[t]);
      add(table + ".ends", "I64", ends[t]);
    } else {
      const std::size_t shared = rows.shared_row() ? 1 : 0;
      add_number(rows.kind() == IdRows::Kind::hash ? ".hashed" : ".numbered", rows.rows() - shared);
    }
    if (const auto unknown = rows.shared_row()) add_number(".unknown", *unknown);
  }
  write_safetensors(path, arrays);
}

/// Which rows ids have, as save_ids() wrote it, frozen.
/// \tparam Inputs     Fields<...> that look up tables of the same names
/// \throws FileError  for a file that read_safetensors() refuses, of other tables than the fields', or in which an id
///                    is twice, or whose parts don't fit together otherwise
template <class Inputs>
FieldIds<Inputs> load_ids(const std::string& path) {
  const TensorFile file = read_safetensors(path);
  detail::IdsReader reader{file};
  FieldIds<Inputs> ids;
  for (std::size_t t = 0; t < Inputs::table_count; ++t) ids.of(t) = reader.read(std::string{Inputs::tables[t].name});
  reader.end();
  return ids;
}

}  // namespace rocket
