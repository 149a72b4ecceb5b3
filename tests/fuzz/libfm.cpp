// Any bytes as lines of libfm's formats, the first one as options: refused, or records whose rows a table has.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include <rocket/data/libfm.hpp>

#include "fuzz.hpp"
#include "records.hpp"

using namespace rocket;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static MemoryFile file;
  if (size == 0) return 0;
  const auto how = [&](int bit) { return (data[0] >> bit & 1) != 0 ? Faults::count : Faults::refuse; };
  LibfmOptions options{.malformed = how(0), .unknown = how(1), .beyond = how(2), .max_bytes = std::size_t{1} << 16};
  if ((data[0] & 8) != 0) options.begins = {0, 10, 20, 30};
  FieldIds<Inputs> ids;
  if ((data[0] & 16) != 0) ids["seen"] = IdRows::hashed(5);
  const auto read = [&] {
    return read_or_refuse(file.write(text_of(data + 1, size - 1)),
                          [&](const std::string& path) { return read_libfm(path, ids, options); });
  };
  const auto records = read();
  if (!records) return 0;
  require_sound(*records, ids, 2);
  ids.freeze();
  const auto again = read();
  require(again && again->words == records->words, "the same records once the ids are known");
  return 0;
}
