// Any bytes as a shard of samples or of records: refused, or read, and then the same again when they are written.
#include <rocket/data/shard_file.hpp>

#include "fuzz.hpp"

using namespace rocket;

namespace {

using Inputs = Fields<Id<"user", 2>, Bag<"tags", 2, 2, Pool::weighted_sum, "user">>;

void test_records(const Records<Inputs>& records) {
  require(records.words.size() == records.size() * Inputs::words, "whole records");
  for (const int label : records.labels) require(label >= 0 && label < records.classes, "a label is a class");
  for (const float weight : records.weights) require(weight >= 0, "a weight counts");
  write_shard(path_to_write(), records);
  const Records<Inputs> again = read_record_shard<Inputs>(path_to_write());
  unlink(path_to_write().c_str());
  require(again.labels == records.labels && again.classes == records.classes && again.name == records.name &&
              again.words == records.words && again.weights == records.weights,
          "they are read as they were written");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static MemoryFile file;
  const std::string& path = file.write(text_of(data, size));
  if (const auto records = read_or_refuse(path, read_record_shard<Inputs>)) test_records(*records);
  const auto samples = read_or_refuse(path, read_shard);
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
