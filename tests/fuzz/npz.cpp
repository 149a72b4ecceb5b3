// Any bytes as an archive of arrays or, behind a first byte that says so, as an array in a sound one, where no checksum
// is in the way: refused with FileError, or read, and then the same again when they are written.
#include <rocket/files/npz.hpp>

#include "arrays.hpp"
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
  if (size == 0) return 0;
  const std::string bytes{text_of(data + 1, size - 1)};
  const auto archive = [&] {
    if (data[0] == 's') return zipped({{"a.npy", bytes}});
    if (data[0] == 'd') return zipped({{"a.npy", bytes}}, ZIP_CM_DEFLATE);
    return bytes;
  };
  const auto file = read_or_refuse("any path", [&](const std::string& path) { return read(path, archive()); });
  if (!file) return 0;
  write_npz(path_to_write(), file->tensors);
  require_same_arrays(*file, read_npz(path_to_write()));
  unlink(path_to_write().c_str());
  return 0;
}
