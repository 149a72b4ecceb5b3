// Any bytes as an archive of arrays or, behind a first byte that says so, as an array in a sound one, where no checksum
// is in the way: refused with FileError, or read, and then the same again when they are written.
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <utility>

#include <rocket/files/npz.hpp>

#include "support/zip.hpp"

using namespace rocket;

namespace {

TensorFile read(const std::string& path, const std::string& archive) {
  detail::ZipError error;
  detail::ZipSource source{zip_source_buffer_create(archive.data(), archive.size(), 0, error.get())};
  return detail::NpzReader{path, std::move(source), error}.read();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::string path = "/tmp/rocket-fuzz-" + std::to_string(getpid());
  if (size == 0) return 0;
  const std::string bytes{reinterpret_cast<const char*>(data) + 1, size - 1};
  TensorFile file;
  try {
    if (data[0] == 's')
      file = read(path, zipped({{"a.npy", bytes}}));
    else if (data[0] == 'd')
      file = read(path, zipped({{"a.npy", bytes}}, ZIP_CM_DEFLATE));
    else
      file = read(path, bytes);
  } catch (const FileError&) {
    return 0;
  }
  write_npz(path, file.tensors);
  const TensorFile again = read_npz(path);
  unlink(path.c_str());
  if (!std::equal(again.tensors.begin(), again.tensors.end(), file.tensors.begin(), file.tensors.end(),
                  [](const Tensor& a, const Tensor& b) {
                    return a.name == b.name && a.type == b.type && a.shape == b.shape &&
                           std::equal(a.bytes.begin(), a.bytes.end(), b.bytes.begin(), b.bytes.end());
                  }))
    std::abort();
  return 0;
}
