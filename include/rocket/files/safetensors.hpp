/// \file
/// Named arrays in a file, as Hugging Face's safetensors has them, which Python, Rust and others read:
///
///     8 bytes    how long the header is, little endian
///     header     JSON: {"__metadata__": {"key": "text", ...},
///                       "name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, ...}
///     data       all arrays, without a gap; offsets count from here
///
/// What is written here has a checksum of the data in its metadata; what has one is checked.
///
/// Needs nlohmann-json.
#pragma once
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "rocket/core/error.hpp"
#include "rocket/core/text.hpp"
#include "rocket/files/replace_file.hpp"
#include "rocket/files/tensor_file.hpp"

namespace rocket {

namespace detail {

using Json = nlohmann::json;

inline constexpr std::string_view metadata_key = "__metadata__";
/// In the metadata: name_hash of the data, in hexadecimal.
inline constexpr const char* checksum_key = "rocket.checksum";
/// The longest header that is believed, as in the format's own library.
inline constexpr std::uint64_t longest_header = 100'000'000;

inline std::string_view characters_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Reads the header of a file, whose bytes and path are there, and tells what is wrong with it.
class HeaderReader {
 public:
  explicit HeaderReader(TensorFile& file) : file_{file} {}

  void read() {
    const std::span<const std::byte> all{file_.bytes};
    if (all.size() < 8) fail("", "8 bytes that say how long the header is", std::to_string(all.size()) + " bytes");
    std::uint64_t length = 0;
    std::memcpy(&length, all.data(), 8);
    const std::uint64_t room = std::min<std::uint64_t>(all.size() - 8, longest_header);
    if (length > room)
      fail("byte 0", "the length of a header, at most " + std::to_string(room) + " bytes",
           std::to_string(length) + ": not a safetensors file, or one that was cut off");
    const auto header = all.subspan(8, static_cast<std::size_t>(length));
    data_ = all.subspan(8 + header.size());
    const Json json = parse(characters_of(header));
    if (!json.is_object()) fail("header", "an object", json.type_name());
    for (const auto& [name, value] : json.items()) {
      if (name == metadata_key)
        read_metadata(value);
      else
        read_tensor(name, value);
    }
    check_places();
    check_sum();
  }

 private:
  [[noreturn]] void fail(const std::string& place, const std::string& expected, const std::string& found) const {
    throw FileError(file_.path, place, expected, found);
  }

  /// JSON with no key twice, and no deeper than the format goes.
  Json parse(std::string_view text) const {
    std::vector<std::set<std::string>> keys;
    const auto watch = [&](int depth, Json::parse_event_t event, Json& parsed) {
      using Event = Json::parse_event_t;
      if ((event == Event::object_start || event == Event::array_start) && depth > 2)
        fail("header", "an object of objects", "more levels");
      if (event == Event::object_start) keys.emplace_back();
      if (event == Event::object_end) keys.pop_back();
      if (event == Event::key && !keys.back().insert(parsed.get<std::string>()).second)
        fail("header", "each key once", '"' + parsed.get<std::string>() + "\" again");
      return true;
    };
    try {
      return Json::parse(text.begin(), text.end(), watch);
    } catch (const Json::exception& error) {  // also of a number that no double holds
      fail("header", "JSON", error.what());
    }
  }

  void read_metadata(const Json& value) {
    if (!value.is_object()) fail("__metadata__", "an object of texts", value.type_name());
    for (const auto& [key, text] : value.items()) {
      if (!text.is_string()) fail("__metadata__, \"" + key + '"', "a text", text.type_name());
      file_.metadata[key] = text.get<std::string>();
    }
  }

  void read_tensor(const std::string& name, const Json& value) {
    const std::string place = '"' + name + '"';
    if (!value.is_object() || value.size() != 3 || !value.contains("dtype") || !value.contains("shape") ||
        !value.contains("data_offsets"))
      fail(place, "an object of dtype, shape and data_offsets", value.dump());
    if (!value["dtype"].is_string() || bytes_of_type(value["dtype"].get<std::string>()) == 0)
      fail(place + ", dtype", "a type of the format", value["dtype"].dump());
    Tensor tensor{name, value["dtype"].get<std::string>(), numbers(place + ", shape", value["shape"]), {}};
    const std::vector<std::uint64_t> ends = numbers(place + ", data_offsets", value["data_offsets"]);
    if (ends.size() != 2 || ends[0] > ends[1] || ends[1] > data_.size())
      fail(place + ", data_offsets",
           "begin and end within the " + std::to_string(data_.size()) + " bytes of data that the file has",
           spell_list(ends));
    const std::optional<std::uint64_t> bytes = bytes_of_array(tensor.type, tensor.shape);
    if (!bytes) fail(place + ", shape", "a size that can be counted", spell_list(tensor.shape));
    if (*bytes != ends[1] - ends[0])
      fail(place + ", data_offsets", std::to_string(*bytes) + " bytes, as shape and dtype say", spell_list(ends));
    tensor.bytes = data_.subspan(static_cast<std::size_t>(ends[0]), static_cast<std::size_t>(*bytes));
    file_.tensors.push_back(std::move(tensor));
  }

  std::vector<std::uint64_t> numbers(const std::string& place, const Json& value) const {
    std::vector<std::uint64_t> found;
    if (!value.is_array()) fail(place, "a list of sizes", value.type_name());
    for (const Json& number : value) {
      if (!number.is_number_unsigned()) fail(place, "a list of sizes", value.dump());
      found.push_back(number.get<std::uint64_t>());
    }
    return found;
  }

  /// One array behind the other, up to the end: no byte is in two arrays, or in none.
  void check_places() {
    const auto begin = [&](const Tensor& t) { return t.bytes.data() - data_.data(); };
    std::sort(file_.tensors.begin(), file_.tensors.end(), [&](const Tensor& a, const Tensor& b) {
      return std::pair{begin(a), a.bytes.size()} < std::pair{begin(b), b.bytes.size()};
    });
    std::size_t end = 0;
    for (const Tensor& tensor : file_.tensors) {
      if (static_cast<std::size_t>(begin(tensor)) != end)
        fail('"' + tensor.name + "\", data_offsets",
             "a begin at byte " + std::to_string(end) + ", where the one before ends", std::to_string(begin(tensor)));
      end += tensor.bytes.size();
    }
    if (end != data_.size())
      fail("byte " + std::to_string(file_.bytes.size() - data_.size() + end), "the end of the file",
           std::to_string(data_.size() - end) + " bytes more");
  }

  void check_sum() {
    const auto written = file_.metadata.find(checksum_key);
    if (written == file_.metadata.end()) return;
    const std::string found = spell_hash(name_hash(characters_of(data_)));
    if (written->second != found) fail("data", "the checksum " + written->second, found + ": the file is damaged");
    file_.metadata.erase(written);
  }

  TensorFile& file_;
  std::span<const std::byte> data_;
};

inline std::vector<std::byte> read_bytes(const std::string& path) {
  const auto fail = [&] { throw FileError(path, "", "a readable file", std::generic_category().message(errno)); };
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file{std::fopen(path.c_str(), "rb"), std::fclose};
  if (!file) fail();
  std::vector<std::byte> bytes;
  constexpr std::size_t chunk = 1u << 16;
  for (std::size_t got = chunk; got == chunk;) {
    const std::size_t before = bytes.size();
    bytes.resize(before + chunk);
    got = std::fread(bytes.data() + before, 1, chunk, file.get());
    if (std::ferror(file.get()) != 0) fail();
    bytes.resize(before + got);
  }
  return bytes;
}

}  // namespace detail

/// Reads a file of arrays. Everything the header says is checked: sizes, types, that no arrays overlap, no byte is left
/// over, and the checksum, if it has one.
/// \throws FileError  with the place, what was expected there and what was found
inline TensorFile read_safetensors(const std::string& path) {
  TensorFile file;
  file.path = path;
  file.bytes = detail::read_bytes(path);
  detail::HeaderReader{file}.read();
  return file;
}

/// Writes arrays to a file, in their order, in place of what was there: see replace_file.
/// \throws ValueError  before anything is written, where a name is given twice, or bytes don't fit shape and type
/// \throws FileError   where the file can't be written
inline void write_safetensors(const std::string& path, std::span<const Tensor> tensors,
                              const std::map<std::string, std::string>& metadata = {}) {
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  header[std::string{detail::metadata_key}] = metadata;
  std::vector<std::string_view> pieces(2);
  std::uint64_t end = 0;
  unsigned long long hash = name_hash("");
  for (const Tensor& tensor : tensors) {
    if (header.contains(tensor.name))
      throw ValueError("tensors", "each name once, and none \"__metadata__\"", '"' + tensor.name + "\" again");
    detail::check_size(tensor);
    header[tensor.name] = {
        {"dtype", tensor.type}, {"shape", tensor.shape}, {"data_offsets", {end, end + tensor.bytes.size()}}};
    end += tensor.bytes.size();
    pieces.push_back(detail::characters_of(tensor.bytes));
    hash = name_hash(pieces.back(), hash);
  }
  header[std::string{detail::metadata_key}][detail::checksum_key] = detail::spell_hash(hash);
  std::string text;
  try {
    text = header.dump();
  } catch (const nlohmann::json::type_error& error) {
    throw ValueError("names of tensors and metadata", "UTF-8", error.what());
  }
  text.resize((text.size() + 7) / 8 * 8, ' ');  // so that data begins where a double may
  std::array<char, 8> length;
  const std::uint64_t count = text.size();
  std::memcpy(length.data(), &count, 8);
  pieces[0] = {length.data(), length.size()};
  pieces[1] = text;
  replace_file(path, pieces);
}

}  // namespace rocket
