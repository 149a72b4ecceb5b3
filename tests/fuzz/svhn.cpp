// Any bytes as a file of SVHN: refused, or images and labels that are the same again when they are written; packed
// variables are as good as those that aren't.
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include <zlib.h>

#include <rocket/data/svhn.hpp>

#include "fuzz.hpp"

using namespace rocket;

namespace {

constexpr std::size_t pixels = 32 * 32 * 3, header = 128, tag = 8;

std::string word(std::size_t value) {
  std::string bytes;
  for (const int shift : {0, 8, 16, 24}) bytes.push_back(static_cast<char>(value >> shift & 0xFF));
  return bytes;
}

std::size_t word_at(std::string_view bytes, std::size_t place) {
  std::size_t value = 0;
  for (std::size_t i = 4; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[place + i]);
  return value;
}

std::string element(std::size_t type, const std::string& data) {
  return word(type) + word(data.size()) + data + std::string((8 - data.size() % 8) % 8, '\0');
}

std::string variable(const std::string& name, const std::string& sizes, const std::string& values) {
  const std::string flags{9, 0, 0, 0, 0, 0, 0, 0};
  return element(14, element(6, flags) + element(5, sizes) + element(1, name) + element(2, values));
}

std::string written(const ImageSet& set) {
  std::string x, y;
  for (std::size_t i = 0; i < set.size(); ++i) {
    y.push_back(static_cast<char>(set.labels[i] == 0 ? 10 : set.labels[i]));
    for (std::size_t p = 0; p < pixels; ++p)  // row innermost, then column, then channel
      x.push_back(static_cast<char>(set.image(i)[(p % 32 * 32 + p / 32 % 32) * 3 + p / 1024]));
  }
  return std::string(header - 4, ' ') + std::string{0, 1, 'I', 'M'} + variable("y", word(set.size()) + word(1), y) +
         variable("X", word(32) + word(32) + word(3) + word(set.size()), x);
}

std::string zlib_stream(std::string_view bytes) {
  uLongf size = compressBound(static_cast<uLong>(bytes.size()));
  std::string packed(size, '\0');
  if (compress2(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<const Bytef*>(bytes.data()),
                static_cast<uLong>(bytes.size()), Z_BEST_SPEED) != Z_OK)
    throw std::runtime_error("cannot pack");
  packed.resize(size);
  return packed;
}

// The same file with every variable packed, up to what isn't one.
std::string with_packed_variables(std::string_view bytes) {
  std::string packed{bytes.substr(0, header)};
  std::size_t place = packed.size();
  while (bytes.size() - place >= tag) {
    const std::size_t size = tag + word_at(bytes, place + 4);
    if (word_at(bytes, place) != 14 || size > bytes.size() - place) break;
    const std::string stream = zlib_stream(bytes.substr(place, size));
    packed += word(15) + word(stream.size()) + stream;
    place += size;
  }
  return packed.append(bytes.substr(place));
}

bool same(const std::optional<ImageSet>& a, const std::optional<ImageSet>& b) {
  return a.has_value() == b.has_value() && (!a || (a->pixels == b->pixels && a->labels == b->labels));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static MemoryFile file;
  const auto read = [&](std::string_view bytes) { return read_or_refuse(file.write(bytes), read_svhn); };
  const auto bytes = file_of(text_of(data, size));
  if (!bytes) return 0;
  const auto set = read(*bytes);
  require(same(read(with_packed_variables(*bytes)), set), "a variable is packed or not");
  if (!set) return 0;
  require(set->size() > 0 && set->classes == 10, "an image, and 10 classes");
  require(set->height == 32 && set->width == 32 && set->channels == 3, "images of 32 x 32 x 3");
  require(set->pixels.size() == set->size() * pixels, "as many pixels as the images have");
  for (const int label : set->labels) require(label >= 0 && label < 10, "labels within the classes");
  require(same(read(written(*set)), set), "what was written is read again");
  return 0;
}
