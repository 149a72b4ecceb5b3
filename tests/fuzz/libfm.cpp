// Any bytes as lines of libfm's formats, the first one as options: refused, or records whose rows a table has.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include <rocket/data/libfm.hpp>

#include "fuzz.hpp"

using namespace rocket;

namespace {
using Inputs =
    Fields<Id<"user", 2>, Bag<"seen", 2, 3>, Bag<"tags", 2, 2, Pool::weighted_sum, "user">, Numbers<"price", 2>>;
}

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
  const RecordReport& report = records->report;
  require(records->size() > 0 && records->words.size() == records->size() * Inputs::words, "whole records");
  require(records->size() + report.malformed == report.lines, "every line is a record or malformed");
  require(report.first_fault.empty() == (report.malformed + report.unknown + report.beyond == 0), "faults are told");
  const auto rows = ids.rows();
  for (std::size_t i = 0; i < records->size(); ++i) {
    require(records->labels[i] == 0 || records->labels[i] == 1, "two labels");
    for (const Field& field : Inputs::list)
      for (int k = 0; k < field.words(); ++k) {
        const Word word = records->row(i)[static_cast<std::size_t>(field.begin_word + k)];
        if (field.table.empty() || k >= field.most)
          require(std::isfinite(word.as_number()), "finite numbers");
        else
          require(!word.is_row() || word.as_row() < rows[field.table == "user" ? 0 : 1], "rows of the table");
      }
  }
  ids.freeze();
  const auto again = read();
  require(again && again->words == records->words, "the same records once the ids are known");
  return 0;
}
