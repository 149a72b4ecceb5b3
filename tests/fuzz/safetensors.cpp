// Any bytes as a file of arrays: refused with FileError, or read, and then the same again when they are written.
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <rocket/files/safetensors.hpp>

using namespace rocket;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::string path = "/tmp/rocket-fuzz-" + std::to_string(getpid());
  TensorFile file;
  file.path = path;
  file.bytes.assign(reinterpret_cast<const std::byte*>(data), reinterpret_cast<const std::byte*>(data) + size);
  try {
    detail::HeaderReader{file}.read();
  } catch (const FileError&) {
    return 0;
  }
  write_safetensors(path, file.tensors, file.metadata);
  const TensorFile again = read_safetensors(path);
  unlink(path.c_str());
  if (again.metadata != file.metadata || again.tensors.size() != file.tensors.size()) std::abort();
  for (const Tensor& tensor : file.tensors) {
    const Tensor* found = again.find(tensor.name);
    if (!found || found->type != tensor.type || found->shape != tensor.shape ||
        !std::equal(found->bytes.begin(), found->bytes.end(), tensor.bytes.begin(), tensor.bytes.end()))
      std::abort();
  }
  return 0;
}
