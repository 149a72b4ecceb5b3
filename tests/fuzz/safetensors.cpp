// Any bytes as a file of arrays: refused, or read, and then the same again when they are written.
#include <rocket/files/safetensors.hpp>

#include "arrays.hpp"

using namespace rocket;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static MemoryFile bytes;
  const auto file = read_or_refuse(bytes.write(text_of(data, size)), read_safetensors);
  if (!file) return 0;
  write_safetensors(path_to_write(), file->tensors, file->metadata);
  const TensorFile again = read_safetensors(path_to_write());
  unlink(path_to_write().c_str());
  require(again.metadata == file->metadata, "texts stay");
  require_same_arrays(*file, again);
  return 0;
}
