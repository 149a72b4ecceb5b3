// Any bytes as separated values, the first one as options: refused, or finite numbers and labels within their classes,
// and then the same again when they are written.
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <rocket/data/csv.hpp>

#include "fuzz.hpp"

using namespace rocket;

namespace {

CsvOptions options_of(unsigned bits) {
  constexpr std::array separators{',', ';', '\t', ' '};
  constexpr std::array columns{last_column, 0, 1, 7};
  constexpr std::array classes{0, 1, 2, 10};
  return {.label_column = columns[bits & 3],
          .classes = classes[bits >> 2 & 3],
          .header = (bits >> 4 & 1) != 0,
          .separator = separators[bits >> 5 & 3],
          .max_bytes = std::size_t{1} << 16};
}

// One of the texts that read as these samples.
std::string written(const Dataset& dataset, const CsvOptions& options) {
  std::string text = options.header
                         ? std::string(static_cast<std::size_t>(dataset.features_per_sample), options.separator) + '\n'
                         : "";
  const int label_column = options.label_column == last_column ? dataset.features_per_sample : options.label_column;
  for (std::size_t i = 0; i < dataset.size(); ++i) {
    const auto row = dataset.row(i);
    for (int column = 0, feature = 0; column <= dataset.features_per_sample; ++column) {
      if (column > 0) text += options.separator;
      if (column == label_column) {
        text += std::to_string(dataset.labels[i]);
      } else {
        std::array<char, 32> digits;
        const double number = row[static_cast<std::size_t>(feature++)];
        text.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr);
      }
    }
    text += '\n';
  }
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static MemoryFile file;
  if (size == 0) return 0;
  CsvOptions options = options_of(data[0]);
  const auto read = [&](std::string_view text) {
    return read_or_refuse(file.write(text), [&](const std::string& path) { return read_csv(path, options); });
  };
  const std::optional<Dataset> set = read(text_of(data + 1, size - 1));
  if (!set) return 0;
  require(set->size() > 0 && set->features_per_sample > 0, "a sample and a feature");
  require(set->features.size() == set->size() * static_cast<std::size_t>(set->features_per_sample),
          "rows of one length");
  require(options.classes == 0 || set->classes == options.classes, "as many classes as were asked for");
  for (const float feature : set->features) require(std::isfinite(feature), "finite features");
  for (const int label : set->labels) require(label >= 0 && label < set->classes, "labels within the classes");

  options.max_bytes = unlimited_bytes;  // it may be longer than what was read
  const std::optional<Dataset> again = read(written(*set, options));
  require(again && again->features == set->features && again->labels == set->labels &&
              again->features_per_sample == set->features_per_sample && again->classes == set->classes,
          "what was written is read again");
  return 0;
}
