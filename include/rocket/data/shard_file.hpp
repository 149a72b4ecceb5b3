/// \file
/// A file of samples that is read as fast as the disk gives it (safetensors.hpp): the shards of data that don't fit into
/// memory (shards.hpp).
///
///     features   F32, samples x features a sample
///     labels     I32, samples
///
/// and in the metadata "rocket.classes" and "rocket.name". Needs nlohmann-json.
#pragma once
#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <system_error>
#include <vector>

#include "rocket/data/dataset.hpp"
#include "rocket/files/safetensors.hpp"

namespace rocket {

/// Writes samples, in place of what was there: see replace_file.
/// \throws ValueError  where they don't fit together   \throws FileError  where the file can't be written
inline void write_shard(const std::string& path, const Dataset& samples) {
  static_cast<void>(make_samples(samples.features, samples.labels, samples.features_per_sample, samples.classes));
  static_assert(sizeof(int) == sizeof(std::int32_t));
  const std::uint64_t size = samples.size(), width = static_cast<std::uint64_t>(samples.features_per_sample);
  const std::vector<Tensor> tensors{{"features", "F32", {size, width}, std::as_bytes(std::span{samples.features})},
                                    {"labels", "I32", {size}, std::as_bytes(std::span{samples.labels})}};
  write_safetensors(path, tensors,
                    {{"rocket.classes", std::to_string(samples.classes)}, {"rocket.name", samples.name}});
}

/// Reads what write_shard has written.
/// \throws FileError  where the file isn't sound, isn't one of samples, or has a label that is no class
inline Dataset read_shard(const std::string& path) {
  const TensorFile file = read_safetensors(path);
  const auto tensor = [&](const char* name, const char* type, std::size_t rank) {
    const Tensor* found = file.find(name);
    const std::string expected = std::string{type} + " of " + std::to_string(rank) + " extents";
    if (!found) throw FileError(path, name, expected, "no array of that name");
    if (found->type != type || found->shape.size() != rank)
      throw FileError(path, name, expected, found->type + " of " + std::to_string(found->shape.size()));
    return found;
  };
  const Tensor& features = *tensor("features", "F32", 2);
  const Tensor& labels = *tensor("labels", "I32", 1);
  if (features.shape[0] != labels.shape[0])
    throw FileError(path, "labels", std::to_string(features.shape[0]) + ", one a row of features",
                    std::to_string(labels.shape[0]));
  constexpr std::uint64_t most = std::numeric_limits<int>::max();
  if (features.shape[1] < 1 || features.shape[1] > most)
    throw FileError(path, "features", "at least 1 a sample", std::to_string(features.shape[1]));

  Dataset samples;
  samples.features_per_sample = static_cast<int>(features.shape[1]);
  const auto classes = file.metadata.find("rocket.classes");
  const std::string text = classes == file.metadata.end() ? "none" : classes->second;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), samples.classes);
  if (error != std::errc{} || end != text.data() + text.size() || samples.classes < 1)
    throw FileError(path, "__metadata__, rocket.classes", "a number of classes", text);
  const auto name = file.metadata.find("rocket.name");
  if (name != file.metadata.end()) samples.name = name->second;
  const auto take = [](auto& numbers, std::span<const std::byte> bytes) {
    numbers.resize(bytes.size() / sizeof numbers[0]);
    std::copy(bytes.begin(), bytes.end(), std::as_writable_bytes(std::span{numbers}).begin());
  };
  take(samples.features, features.bytes);
  take(samples.labels, labels.bytes);
  for (std::size_t i = 0; i < samples.size(); ++i)
    if (samples.labels[i] < 0 || samples.labels[i] >= samples.classes)
      throw FileError(path, "labels[" + std::to_string(i) + ']', "a class in [0, " + text + ')',
                      std::to_string(samples.labels[i]));
  return samples;
}

}  // namespace rocket
