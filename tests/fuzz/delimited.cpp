// Any bytes as separated values, the first two as options: refused, or records whose rows a table has, the same part by
// part, and again once the ids are known.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include <rocket/data/delimited.hpp>

#include "fuzz.hpp"
#include "records.hpp"

using namespace rocket;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static MemoryFile file;
  if (size < 2) return 0;
  const auto has = [&](int bit) { return (data[bit / 8] >> bit % 8 & 1) != 0; };
  const auto how = [&](int bit) { return has(bit) ? Faults::count : Faults::refuse; };
  DelimitedOptions options{.malformed = how(0), .empty = how(1), .unknown = how(2), .beyond = how(3)};
  options.max_bytes = std::size_t{1} << 16;
  options.separator = has(4) ? '\t' : ',';
  options.quote = has(5) ? '"' : '\0';
  options.header = has(6);
  if (!options.header || has(7)) options.columns = {"label", "user", "seen", "tags", "price", "more"};
  if (has(8)) options.weight = "more";
  if (has(9)) options.classes = 5;
  options.fields = {{.field = "seen", .between = '|'},
                    {.field = "tags", .between = ' '},
                    {.field = "price", .columns = {"price", "more"}, .transform = has(10) ? log_of_count : nullptr}};
  FieldIds<Inputs> ids;
  if (has(11)) ids["seen"] = has(12) ? IdRows::hashed(5) : IdRows::numbered(5);
  const std::string& path = file.write(text_of(data + 2, size - 2));
  const auto read = [&] {
    return read_or_refuse(path, [&](const std::string& at) { return read_delimited(at, ids, options); });
  };
  const auto records = read();
  if (!records) return 0;
  require_sound(*records, ids, options.classes);
  require(records->weights.size() == (has(8) ? records->size() : 0), "weights where there is a column");
  for (const float weight : records->weights) require(weight >= 0 && std::isfinite(weight), "weights");
  ids.freeze();
  const auto again = read();
  require(again && again->words == records->words, "the same records once the ids are known");
  DelimitedReader<Inputs> reader{path, ids, options};
  Records<Inputs> part;
  std::size_t done = 0;
  while (reader.read(part, 1 + data[1] % 3)) {
    for (std::size_t i = 0; i < part.size(); ++i, ++done)
      require(std::ranges::equal(part.row(i), records->row(done)) && part.labels[i] == records->labels[done],
              "the same records part by part");
  }
  require(done == records->size() && reader.report().lines == records->report.lines, "all of them");
  return 0;
}
