// Any bytes as a file of ids: refused, or each id has a row of its own, and the same again when they are written.
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <rocket/data/ids_file.hpp>

#include "fuzz.hpp"

using namespace rocket;

namespace {
using Inputs = Fields<Id<"user", 2>, Id<"item", 2>>;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static MemoryFile file;
  const auto loaded = read_or_refuse(file.write(text_of(data, size)), load_ids<Inputs>);
  if (!loaded) return 0;
  for (std::size_t t = 0; t < Inputs::table_count; ++t) {
    const IdRows& rows = loaded->of(t);
    const std::vector<std::string_view> ids = rows.ids();
    for (std::size_t k = 0; k < ids.size(); ++k)
      require(rows.find(ids[k]) == Word::row(static_cast<std::uint32_t>(k)), "each has its row");
    require(rows.rows() >= 1 && rows.rows() >= ids.size(), "a table has room");
    const Word other = rows.find("none of them, as long as it is");
    require(!other.is_row() || other.as_row() < rows.rows(), "a row of the table");
  }
  save_ids(*loaded, path_to_write());
  const auto again = load_ids<Inputs>(path_to_write());
  unlink(path_to_write().c_str());
  require(again.rows() == loaded->rows(), "rows are written");
  for (std::size_t t = 0; t < Inputs::table_count; ++t)
    require(again.of(t).ids() == loaded->of(t).ids() && again.of(t).kind() == loaded->of(t).kind() &&
                again.of(t).shared_row() == loaded->of(t).shared_row(),
            "they are read as they were written");
  return 0;
}
