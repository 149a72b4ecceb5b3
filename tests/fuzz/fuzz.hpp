// What the targets share: bytes as a file, a reader that may refuse them, and seeds that gzip packed, since a file may
// be large and dull.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <zlib.h>

#include <rocket/core/error.hpp>

// Ends the program, which is how libFuzzer is told, unless what must hold does.
inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "broken: %s\n", what);
  std::abort();
}

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// A file in memory, with a path that whoever reads files can open.
class MemoryFile {
 public:
  MemoryFile() : number_{memfd_create("rocket-fuzz", 0)}, path_{"/proc/self/fd/" + std::to_string(number_)} {
    if (number_ < 0) throw std::runtime_error("no file in memory");
  }
  ~MemoryFile() { ::close(number_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  // Replaces what was in it and returns the path.
  const std::string& write(std::string_view bytes) {
    if (ftruncate(number_, 0) != 0 || pwrite(number_, bytes.data(), bytes.size(), 0) != std::ssize(bytes))
      throw std::runtime_error("cannot write in memory");
    return path_;
  }

 private:
  int number_;
  std::string path_;
};

// Where to write what is read again: in memory, since writers flush to the disk.
inline const std::string& path_to_write() {
  static const std::string path = "/dev/shm/rocket-fuzz-" + std::to_string(getpid());
  return path;
}

// What a reader of that path returns; none where it refuses. Any other exception ends the program.
template <class Read>
auto read_or_refuse(const std::string& path, const Read& read) -> std::optional<decltype(read(path))> {
  try {
    return read(path);
  } catch (const rocket::FileError& error) {
    require(error.path() == path, "a refusal names the file");
    require(!error.expected().empty() && error.expected() != error.found(), "a refusal says what is wrong");
    return std::nullopt;
  }
}

inline bool is_packed(std::string_view bytes) { return bytes.starts_with("\x1F\x8B"); }

// A gzip stream of those bytes.
inline std::string pack(std::string_view bytes) {
  z_stream stream{};
  constexpr int gzip = 16, least_memory = 1;
  if (deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, gzip + 9, least_memory, Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::runtime_error("cannot pack");
  std::string packed(deflateBound(&stream, static_cast<uLong>(bytes.size())), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));  // zlib only reads there
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  const int code = deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  if (code != Z_STREAM_END) throw std::runtime_error("cannot pack");
  return packed;
}

// What a gzip stream holds, if it is sound, has nothing behind it and holds no more bytes than that.
inline std::optional<std::string> unpack(std::string_view packed, std::size_t most) {
  z_stream stream{};
  constexpr int gzip = 16;
  if (inflateInit2(&stream, gzip + MAX_WBITS) != Z_OK) throw std::runtime_error("cannot unpack");
  std::string bytes(most, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(bytes.data());
  stream.avail_out = static_cast<uInt>(bytes.size());
  const bool sound = inflate(&stream, Z_FINISH) == Z_STREAM_END && stream.avail_in == 0;
  bytes.resize(stream.total_out);
  inflateEnd(&stream);
  return sound ? std::optional{std::move(bytes)} : std::nullopt;
}

// What a packed seed may hold.
inline constexpr std::size_t most_unpacked = 1u << 14;

// The file that an input stands for: those bytes, or what gzip packed of them. None where that isn't sound, or large.
inline std::optional<std::string> file_of(std::string_view input) {
  std::optional<std::string> file{input};
  while (file && is_packed(*file)) file = unpack(*file, most_unpacked);
  return file;
}

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

// Mostly changes what is in a gzip stream, not the stream: hardly any change of that one gets past its check sum. A
// program has one definition of it: include this in one file.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned seed) {
  const std::string_view bytes = text_of(data, size);
  if (seed % 8 != 0 && is_packed(bytes)) {
    if (std::optional<std::string> inner = unpack(bytes, most_unpacked)) {
      const std::size_t inner_size = inner->size();
      inner->resize(most_unpacked);
      inner->resize(LLVMFuzzerMutate(reinterpret_cast<std::uint8_t*>(inner->data()), inner_size, most_unpacked));
      const std::string packed = pack(*inner);
      if (packed.size() <= max_size) {
        std::copy(packed.begin(), packed.end(), data);
        return packed.size();
      }
    }
  }
  return LLVMFuzzerMutate(data, size, max_size);
}
