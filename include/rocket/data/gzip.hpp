/// \file
/// Reads a file as it is or as gzip packed it. Needs zlib.
#pragma once

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <limits>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <system_error>

#include <zlib.h>

#include "rocket/core/error.hpp"

namespace rocket {

/// No limit on how many bytes a file may hold.
inline constexpr std::size_t unlimited_bytes = std::numeric_limits<std::size_t>::max();

namespace detail {

/// The bytes of one file, piece by piece, unpacked on the way.
///
/// zlib's own reader of files (gzread) drops what follows a gzip stream and is none. But a file may be several streams,
/// and damage to the head of one would hide all the rest.
class FileReader {
 public:
  /// \param max_bytes  how many unpacked bytes are acceptable
  FileReader(const std::string& path, std::size_t max_bytes)
      : path_{path}, max_bytes_{max_bytes}, file_{std::fopen(path.c_str(), "rb"), std::fclose} {
    if (!file_) fail("", "a readable file", std::generic_category().message(errno));
    refill();
    packed_ = stream_.avail_in >= 2 && buffer_[0] == 0x1F && buffer_[1] == 0x8B;
    constexpr int gzip = 16;  // its head and tail, no other ones
    if (packed_ && inflateInit2(&stream_, gzip + MAX_WBITS) != Z_OK) throw std::bad_alloc{};
  }
  ~FileReader() {
    if (packed_) inflateEnd(&stream_);
  }
  FileReader(const FileReader&) = delete;
  FileReader& operator=(const FileReader&) = delete;

  /// Writes the next bytes and returns how many: fewer than there is room for only at the end of the file.
  std::size_t read(std::span<char> into) {
    // One byte more than allowed tells a file that is too long from one that just fits.
    const std::size_t before = count_, left = max_bytes_ - before;
    if (left < into.size()) into = into.first(left + 1);
    while (!into.empty() && (stream_.avail_in > 0 || refill())) {
      const std::size_t count = packed_ ? unpack(into) : copy(into);
      into = into.subspan(count);
      count_ += count;
    }
    if (!into.empty() && within_stream_) fail(place(), "the rest of the gzip stream", "the end of the file");
    if (count_ > max_bytes_) {
      fail("byte " + std::to_string(max_bytes_),
           "the end of the file (at most " + std::to_string(max_bytes_) + " bytes)", "more bytes");
    }
    return count_ - before;
  }

 private:
  /// Whether there were more bytes in the file.
  bool refill() {
    stream_.next_in = buffer_.data();
    stream_.avail_in = static_cast<uInt>(std::fread(buffer_.data(), 1, buffer_.size(), file_.get()));
    if (std::ferror(file_.get()) != 0) fail(place(), "a readable file", std::generic_category().message(errno));
    return stream_.avail_in > 0;
  }

  std::size_t copy(std::span<char> into) {
    const std::size_t count = std::min<std::size_t>(into.size(), stream_.avail_in);
    std::copy_n(stream_.next_in, count, into.begin());
    stream_.next_in += count;
    stream_.avail_in -= static_cast<uInt>(count);
    return count;
  }

  std::size_t unpack(std::span<char> into) {
    stream_.next_out = reinterpret_cast<Bytef*>(into.data());
    stream_.avail_out = static_cast<uInt>(into.size());
    const int code = inflate(&stream_, Z_NO_FLUSH);
    if (code != Z_OK && code != Z_STREAM_END) fail("after " + place(), "a sound gzip stream", "damaged data");
    within_stream_ = code == Z_OK;
    if (code == Z_STREAM_END) inflateReset(&stream_);  // another one may follow
    return into.size() - stream_.avail_out;
  }

  std::string place() const { return "byte " + std::to_string(count_); }
  [[noreturn]] void fail(const std::string& where, const std::string& expected, const std::string& found) const {
    throw FileError(path_, where, expected, found);
  }

  const std::string& path_;
  const std::size_t max_bytes_;
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
  std::array<Bytef, 1u << 14> buffer_;  // of the file as it is
  z_stream stream_{};                   // of a plain file, too, it says what is left in the buffer
  std::size_t count_ = 0;               // of bytes that were written
  bool packed_ = false;
  bool within_stream_ = false;
};

}  // namespace detail

/// The bytes of a file, unpacked if gzip packed it; the content decides, not the name.
///
/// \param path       the file
/// \param max_bytes  how many unpacked bytes are acceptable: a small packed file can hold a great many
/// \throws FileError for a file that is missing, unreadable, a directory, cut short, damaged, beyond max_bytes or,
///                   packed, goes on with what isn't packed
inline std::string read_file(const std::string& path, std::size_t max_bytes = unlimited_bytes) {
  detail::FileReader reader{path, max_bytes};
  constexpr std::size_t chunk = 1u << 16;
  std::string bytes;
  for (;;) {
    const std::size_t before = bytes.size();
    bytes.resize(before + chunk);
    bytes.resize(before + reader.read(std::span{bytes}.subspan(before)));
    if (bytes.size() < before + chunk) return bytes;
  }
}

}  // namespace rocket
