// Zip archives made by hand: sound ones, and those that no library would write.
#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <zip.h>

struct ZipMember {
  std::string name;
  std::string content;
};

// The bytes of an archive, packed by that method.
inline std::string zipped(const std::vector<ZipMember>& members, zip_int32_t method = ZIP_CM_STORE) {
  const auto expect = [](bool well) {
    if (!well) throw std::runtime_error("cannot make a zip archive");
  };
  zip_source_t* const source = zip_source_buffer_create(nullptr, 0, 0, nullptr);
  zip_t* const archive = zip_open_from_source(source, ZIP_TRUNCATE, nullptr);
  expect(archive != nullptr);
  zip_source_keep(source);
  for (const ZipMember& member : members) {
    zip_source_t* const content = zip_source_buffer(archive, member.content.data(), member.content.size(), 0);
    const zip_int64_t number = zip_file_add(archive, member.name.c_str(), content, 0);
    expect(number >= 0 && zip_set_file_compression(archive, static_cast<zip_uint64_t>(number), method, 0) == 0);
  }
  expect(zip_close(archive) == 0);
  zip_stat_t all;
  expect(zip_source_open(source) == 0 && zip_source_stat(source, &all) == 0);
  std::string bytes(all.size, '\0');
  expect(zip_source_read(source, bytes.data(), bytes.size()) == static_cast<zip_int64_t>(bytes.size()));
  zip_source_close(source);
  zip_source_free(source);
  return bytes;
}

// Where the records that describe the entries begin; in each of them flags, method, checksum and sizes begin at these
// bytes.
inline constexpr std::string_view zip_central = "PK\1\2", zip_local = "PK\3\4";
inline constexpr std::size_t zip_flags = 8, zip_method = 10, zip_crc = 16, zip_packed = 20, zip_unpacked = 24;

// The archive with another number, little endian, at a byte of its n-th central record.
inline std::string with_number(std::string archive, std::size_t at, std::uint64_t number, std::size_t bytes,
                               std::size_t n = 0) {
  std::size_t record = archive.find(zip_central);
  for (; n > 0; --n) record = archive.find(zip_central, record + 1);
  for (std::size_t b = 0; b < bytes; ++b) archive.at(record + at + b) = static_cast<char>(number >> 8 * b);
  return archive;
}

// With every occurrence of a text replaced by one of the same length.
inline std::string with_text(std::string archive, std::string_view text, std::string_view other) {
  for (std::size_t at = 0; (at = archive.find(text, at)) != archive.npos; at += text.size())
    archive.replace(at, text.size(), other);
  return archive;
}
