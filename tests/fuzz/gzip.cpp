// Any bytes as a file, and packed by gzip: what is read is what is there, or what was packed; what is cut off, goes on
// or was damaged is refused.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <rocket/core/text.hpp>
#include <rocket/data/gzip.hpp>

#include "fuzz.hpp"

using namespace rocket;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static MemoryFile file;
  const auto read = [&](std::string_view bytes, std::size_t max_bytes = unlimited_bytes) {
    return read_or_refuse(file.write(bytes), [&](const std::string& path) { return read_file(path, max_bytes); });
  };
  const std::string_view bytes = text_of(data, size);
  const std::optional<std::string> found = read(bytes, std::max(size, most_unpacked));
  if (!is_packed(bytes)) require(found == bytes, "a plain file is read as it is");
  if (const auto inner = unpack(bytes, most_unpacked)) require(found == inner, "a packed file is unpacked");
  if (!found) return 0;
  require(read(bytes, found->size()) == found, "a limit that just fits");
  require(found->empty() || !read(bytes, found->size() - 1), "a limit that is too low");

  const std::string packed = pack(*found);
  require(read(packed) == found, "what was packed is read again");
  require(read(packed + packed) == *found + *found, "two streams are one file");
  require(!read(packed + '\0'), "what is behind a stream is refused");

  // Somewhere, and the same place for the same bytes.
  const auto hash = name_hash(bytes);
  const std::size_t at = hash % packed.size();
  const std::string cut = packed.substr(0, at);
  require(is_packed(cut) ? !read(cut) : read(cut) == cut, "a stream that is cut off is refused");
  std::string damaged = packed;
  damaged[at] = static_cast<char>(damaged[at] ^ 1 << (hash >> 61));
  if (const auto read_damaged = read(damaged))
    require(*read_damaged == *found || !is_packed(damaged), "a damaged stream is refused");
  return 0;
}
