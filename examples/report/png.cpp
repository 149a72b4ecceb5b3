#include "report/png.hpp"

#include <zlib.h>

#include <array>
#include <new>
#include <string_view>

namespace {

using Rgb = std::array<double, 3>;

/// Nine of the 256 colours of viridis (S. van der Walt, N. Smith, CC0), evenly apart.
constexpr std::array<Rgb, 9> viridis{{{68, 1, 84},
                                      {72, 40, 120},
                                      {62, 74, 137},
                                      {49, 104, 142},
                                      {38, 130, 142},
                                      {31, 158, 137},
                                      {53, 183, 121},
                                      {109, 205, 89},
                                      {253, 231, 37}}};

void append_number(std::string& bytes, unsigned long number) {
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(number >> shift & 255);
}

void append_chunk(std::string& png, std::string_view kind, std::string_view data) {
  append_number(png, data.size());
  const std::string checked = std::string{kind} + std::string{data};
  png += checked;
  append_number(png, crc32(0, reinterpret_cast<const Bytef*>(checked.data()), static_cast<uInt>(checked.size())));
}

std::string compressed(const std::string& bytes) {
  uLongf size = compressBound(static_cast<uLong>(bytes.size()));
  std::string packed(size, '\0');
  if (compress2(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<const Bytef*>(bytes.data()),
                static_cast<uLong>(bytes.size()), Z_BEST_COMPRESSION) != Z_OK)
    throw std::bad_alloc{};  // the only way to fail with room enough
  packed.resize(size);
  return packed;
}

std::string base64(const std::string& bytes) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    unsigned three = 0;
    for (std::size_t k = 0; k < 3; ++k)
      three = three << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0u);
    for (std::size_t k = 0; k < 4; ++k) text += i + k <= bytes.size() ? digits[three >> (18 - 6 * k) & 63] : '=';
  }
  return text;
}

enum class Kind : char { grey = 0, rgb = 2, palette = 3 };

std::string address(const support::Raster& raster, Kind kind) {
  std::string head;
  append_number(head, static_cast<unsigned long>(raster.width));
  append_number(head, static_cast<unsigned long>(raster.height));
  head += {8, static_cast<char>(kind), 0, 0, 0};
  std::string png = "\x89PNG\r\n\x1a\n";
  append_chunk(png, "IHDR", head);
  if (kind == Kind::palette) {
    std::string colours;
    for (std::size_t level = 0; level < 256; ++level) {
      const std::size_t before = level / 32, after = std::min(before + 1, viridis.size() - 1);
      const double share = static_cast<double>(level % 32) / 32;
      for (std::size_t c = 0; c < 3; ++c)
        colours += static_cast<char>(
            static_cast<unsigned char>(viridis[before][c] + share * (viridis[after][c] - viridis[before][c])));
    }
    append_chunk(png, "PLTE", colours);
  }
  std::string rows;
  const std::size_t width = static_cast<std::size_t>(raster.width) * static_cast<std::size_t>(raster.channels);
  for (std::size_t at = 0; at < raster.levels.size(); at += width) {
    rows += '\0';  // no filter
    rows.append(reinterpret_cast<const char*>(raster.levels.data()) + at, width);
  }
  append_chunk(png, "IDAT", compressed(rows));
  append_chunk(png, "IEND", "");
  return "data:image/png;base64," + base64(png);
}

}  // namespace

std::string png_address(const support::Raster& raster) {
  return address(raster, raster.channels == 3 ? Kind::rgb : Kind::palette);
}
std::string grey_png_address(const support::Raster& raster) { return address(raster, Kind::grey); }
