/// \file
/// Reads a file as it is or as gzip packed it. Needs zlib.
#pragma once

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <limits>
#include <memory>
#include <string>
#include <system_error>

#include <zlib.h>

#include "rocket/core/error.hpp"

namespace rocket {

/// No limit on how many bytes a file may hold.
inline constexpr std::size_t unlimited_bytes = std::numeric_limits<std::size_t>::max();

/// The bytes of a file, unpacked if gzip packed it; the content decides, not the name.
///
/// \param path       the file
/// \param max_bytes  how many unpacked bytes are acceptable: a small packed file can hold a great many
/// \throws FileError for a file that is missing, unreadable, a directory, cut short, damaged or beyond max_bytes
inline std::string read_file(const std::string& path, std::size_t max_bytes = unlimited_bytes) {
  errno = 0;
  const std::unique_ptr<gzFile_s, int (*)(gzFile)> file(gzopen(path.c_str(), "rb"), gzclose_r);
  if (!file) throw FileError(path, "", "a readable file", std::generic_category().message(errno));

  constexpr std::size_t chunk = 1u << 20;
  std::string bytes;
  for (;;) {
    // One byte more than allowed tells a file that is too long from one that just fits.
    const std::size_t room = max_bytes - bytes.size();
    const std::size_t wanted = room < chunk ? room + 1 : chunk;
    const std::size_t before = bytes.size();
    bytes.resize(before + wanted);
    const int got = gzread(file.get(), bytes.data() + before, static_cast<unsigned>(wanted));
    bytes.resize(before + static_cast<std::size_t>(std::max(got, 0)));

    if (bytes.size() > max_bytes) {
      throw FileError(path, "byte " + std::to_string(max_bytes),
                      "the end of the file (at most " + std::to_string(max_bytes) + " bytes)", "more bytes");
    }
    if (bytes.size() == before + wanted) continue;

    int code = Z_OK;
    gzerror(file.get(), &code);
    if (code == Z_OK) return bytes;
    const std::string place = "byte " + std::to_string(bytes.size());
    if (code == Z_ERRNO) throw FileError(path, place, "a readable file", std::generic_category().message(errno));
    if (code == Z_BUF_ERROR) throw FileError(path, place, "the rest of the gzip stream", "the end of the file");
    throw FileError(path, "after " + place, "a sound gzip stream", "damaged data");
  }
}

}  // namespace rocket
