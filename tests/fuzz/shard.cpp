// Any bytes as a shard of samples: refused, or read, and then the same again when they are written.
#include <rocket/data/shard_file.hpp>

#include "fuzz.hpp"

using namespace rocket;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static MemoryFile file;
  const auto samples = read_or_refuse(file.write(text_of(data, size)), read_shard);
  if (!samples) return 0;
  require(samples->features.size() == samples->size() * static_cast<std::size_t>(samples->features_per_sample),
          "as many features as samples have");
  for (const int label : samples->labels) require(label >= 0 && label < samples->classes, "a label is a class");
  write_shard(path_to_write(), *samples);
  const Dataset again = read_shard(path_to_write());
  unlink(path_to_write().c_str());
  require(again.labels == samples->labels && again.classes == samples->classes && again.name == samples->name &&
              again.features_per_sample == samples->features_per_sample,
          "it is read as it was written");
  require(std::ranges::equal(std::as_bytes(std::span{again.features}), std::as_bytes(std::span{samples->features})),
          "features keep their bits");
  return 0;
}
