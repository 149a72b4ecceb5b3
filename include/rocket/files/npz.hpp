/// \file
/// Named arrays in a file, as numpy's savez and savez_compressed write them: a zip archive with an entry NAME.npy for
/// each array (npy_header.hpp and its numbers).
///
/// Needs libzip.
#pragma once
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <zip.h>

#include "rocket/core/error.hpp"
#include "rocket/files/npy_header.hpp"
#include "rocket/files/replace_file.hpp"
#include "rocket/files/tensor_file.hpp"

namespace rocket {

namespace detail {

inline constexpr std::string_view npy_suffix = ".npy";

/// What libzip says of a failure.
class ZipError {
 public:
  ZipError() { zip_error_init(&error_); }
  ~ZipError() { zip_error_fini(&error_); }
  ZipError(const ZipError&) = delete;
  ZipError& operator=(const ZipError&) = delete;

  zip_error_t* get() { return &error_; }
  std::string text() { return zip_error_strerror(&error_); }
  /// Whether it is about the file as such, not about what is in it.
  bool is_of_system() const {
    const int code = zip_error_code_zip(&error_);
    return code == ZIP_ER_NOENT || code == ZIP_ER_OPNOTSUPP || zip_error_system_type(&error_) == ZIP_ET_SYS;
  }

 private:
  zip_error_t error_;
};

struct CloseZip {
  void operator()(zip_source_t* source) const { zip_source_free(source); }
  void operator()(zip_t* archive) const { zip_discard(archive); }
  void operator()(zip_file_t* entry) const { zip_fclose(entry); }
};
using ZipSource = std::unique_ptr<zip_source_t, CloseZip>;
using ZipArchive = std::unique_ptr<zip_t, CloseZip>;
using ZipEntry = std::unique_ptr<zip_file_t, CloseZip>;

/// As zip_open_from_source; the source stays the caller's, too.
inline ZipArchive open_archive(const ZipSource& source, int flags, ZipError& error) {
  ZipArchive archive{zip_open_from_source(source.get(), flags, error.get())};
  if (archive) zip_source_keep(source.get());
  return archive;
}

/// Reads the arrays of an archive and tells what is wrong with it.
class NpzReader {
 public:
  /// \param path    where it is, for errors
  /// \param source  its bytes; null where there are none
  /// \param error   of what made the source
  NpzReader(const std::string& path, ZipSource source, ZipError& error) : source_{std::move(source)} {
    file_.path = path;
    if (source_) archive_ = open_archive(source_, ZIP_RDONLY, error);
    if (!archive_)
      fail("", error.is_of_system() ? "a readable file" : "a zip archive, as numpy's savez writes it", error.text());
    zip_stat_t all;
    if (zip_source_stat(source_.get(), &all) != 0 || (all.valid & ZIP_STAT_SIZE) == 0)
      fail("", "a readable file", zip_error_strerror(zip_source_error(source_.get())));
    packed_left_ = all.size;
    file_.bytes.reserve(static_cast<std::size_t>(all.size));  // enough, unless something is deflated
  }

  TensorFile read() {
    const zip_int64_t entries = zip_get_num_entries(archive_.get(), 0);
    for (zip_int64_t e = 0; e < entries; ++e) read_entry(static_cast<zip_uint64_t>(e));
    std::span<const std::byte> rest{file_.bytes};  // only now do they stay where they are
    for (Tensor& tensor : file_.tensors) {
      tensor.bytes = rest.first(static_cast<std::size_t>(*bytes_of_array(tensor.type, tensor.shape)));
      rest = rest.subspan(tensor.bytes.size());
    }
    return std::move(file_);
  }

 private:
  [[noreturn]] void fail(const std::string& place, const std::string& expected, const std::string& found) const {
    throw FileError(file_.path, place, expected, found);
  }

  void read_entry(zip_uint64_t number) {
    zip_stat_t stat;
    constexpr zip_uint64_t wanted =
        ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD | ZIP_STAT_ENCRYPTION_METHOD;
    if (zip_stat_index(archive_.get(), number, 0, &stat) != 0 || (stat.valid & wanted) != wanted)
      fail("entry " + std::to_string(number), "its name, sizes and how it is packed", zip_strerror(archive_.get()));
    std::string_view name = stat.name;
    place_ = '"' + std::string{name} + '"';
    if (!name.ends_with(npy_suffix)) fail(place_, "a name that ends in .npy", "another: it is no array");
    name.remove_suffix(npy_suffix.size());
    if (!names_.emplace(name).second) fail(place_, "each name once", "it again");
    if (stat.encryption_method != ZIP_EM_NONE) fail(place_, "an entry that anybody can read", "an encrypted one");
    if (stat.comp_method != ZIP_CM_STORE && stat.comp_method != ZIP_CM_DEFLATE)
      fail(place_, "an entry that is stored or deflated", "method " + std::to_string(stat.comp_method));
    // So no byte is unpacked twice, and the file's size bounds all that comes out of it.
    if (stat.comp_size > packed_left_)
      fail(place_, "entries that don't overlap",
           std::to_string(stat.comp_size) + " bytes, packed, where " + std::to_string(packed_left_) +
               " are left in the file");
    packed_left_ -= stat.comp_size;

    entry_.reset(zip_fopen_index(archive_.get(), number, 0));
    if (!entry_) fail(place_, "an entry that can be read", zip_strerror(archive_.get()));
    left_ = stat.size;
    const NpyHeader header = NpyHeaderReader{file_.path, place_, read_header()}.read();
    const std::optional<std::uint64_t> bytes = bytes_of_array(*header.type, *header.shape);
    if (!bytes) fail(place_ + ", shape", "a size that can be counted", spell_list(*header.shape));
    if (*bytes != left_)
      fail(place_, std::to_string(*bytes) + " bytes of numbers, as shape and descr say", std::to_string(left_));
    const std::span<std::byte> numbers = read_numbers();
    if (*header.by_columns)
      columns_to_rows(numbers, *header.shape, static_cast<std::size_t>(bytes_of_type(*header.type)));
    file_.tensors.push_back({std::string{name}, *header.type, *header.shape, {}});
  }

  /// The next bytes of the entry: all that were asked for.
  void read_all(std::span<std::byte> into, const std::string& expected) {
    if (into.size() > left_) fail(place_, expected, "the end of the entry");
    if (read_some(into) != into.size()) fail(place_, expected, "the end of what was packed");
    left_ -= into.size();
  }
  std::size_t read_some(std::span<std::byte> into) {
    const zip_int64_t got = zip_fread(entry_.get(), into.data(), into.size());
    if (got < 0) fail(place_, "an entry that is sound", zip_file_strerror(entry_.get()));
    return static_cast<std::size_t>(got);
  }
  std::string read_text(std::size_t characters, const std::string& expected) {
    std::string text(characters, '\0');
    read_all(std::as_writable_bytes(std::span{text}), expected);
    return text;
  }

  std::string read_header() {
    const std::string start = read_text(npy_magic.size() + 2, "the 8 bytes that a .npy begins with");
    const unsigned version = static_cast<unsigned char>(start[npy_magic.size()]);
    if (!start.starts_with(npy_magic)) fail(place_, "\"\\x93NUMPY\"", "other bytes: it is no array");
    if (version < 1 || version > 3 || start.back() != 0)
      fail(place_, "version 1.0, 2.0 or 3.0",
           std::to_string(version) + '.' + std::to_string(static_cast<unsigned char>(start.back())));
    std::uint64_t length = 0;
    const std::string digits = read_text(version == 1 ? 2 : 4, "the length of a header");
    for (std::size_t d = digits.size(); d-- > 0;) length = length << 8 | static_cast<unsigned char>(digits[d]);
    if (length > longest_npy_header)
      fail(place_ + ", header", "at most " + std::to_string(longest_npy_header) + " bytes", std::to_string(length));
    return read_text(static_cast<std::size_t>(length), "a header of " + std::to_string(length) + " bytes");
  }

  /// What is left of the entry, and its checksum. Memory is there for what has been unpacked, not for what is promised.
  std::span<std::byte> read_numbers() {
    constexpr std::uint64_t chunk = 1u << 20;
    const std::size_t begin = file_.bytes.size();
    while (left_ > 0) {
      const std::size_t before = file_.bytes.size();
      file_.bytes.resize(before + static_cast<std::size_t>(std::min(left_, chunk)));
      read_all(std::span{file_.bytes}.subspan(before), "all numbers of the array");
    }
    std::array<std::byte, 1> more;
    if (read_some(more) != 0) fail(place_, "the end of the entry", "more bytes");
    return std::span{file_.bytes}.subspan(begin);
  }

  TensorFile file_;
  ZipSource source_;
  ZipArchive archive_;
  std::set<std::string, std::less<>> names_;
  zip_uint64_t packed_left_ = 0;  // bytes of the file that belong to no entry that was read
  // Of the entry that is read:
  std::string place_;
  ZipEntry entry_;
  std::uint64_t left_ = 0;  // bytes to come, unpacked
};

/// Refuses what isn't for numpy, or not for an archive.
inline void check_for_npz(std::span<const Tensor> tensors) {
  constexpr std::size_t longest_name = 65535 - npy_suffix.size();
  std::set<std::string_view> names;
  for (const Tensor& tensor : tensors) {
    const std::string argument = "tensors, \"" + tensor.name + '"';
    if (!names.insert(tensor.name).second)
      throw ValueError("tensors", "each name once", '"' + tensor.name + "\" again");
    if (tensor.name.find('\0') != tensor.name.npos) throw ValueError(argument, "a name without a 0", "one");
    if (tensor.name.size() > longest_name)
      throw ValueError("tensors", "names of at most " + std::to_string(longest_name) + " bytes",
                       std::to_string(tensor.name.size()));
    check_size(tensor);
    if (spell_npy_type(tensor.type).empty()) throw ValueError(argument, "a type that numpy has", tensor.type);
    if (tensor.shape.size() > most_extents)
      throw ValueError(argument, "at most " + std::to_string(most_extents) + " extents",
                       std::to_string(tensor.shape.size()));
  }
}

/// Packs arrays into an archive in memory.
class NpzPacker {
 public:
  explicit NpzPacker(const std::string& path) : path_{path} {
    source_.reset(zip_source_buffer_create(nullptr, 0, 0, error_.get()));
    if (source_) archive_ = open_archive(source_, ZIP_TRUNCATE, error_);
    if (!archive_) fail(error_.text());
  }

  /// The numbers must stay until the archive is finished.
  void add(const Tensor& tensor) {
    const std::string& header = headers_.emplace_back(spell_npy_header(tensor));
    const std::array pieces{piece_of(header.data(), header.size()), piece_of(tensor.bytes.data(), tensor.bytes.size())};
    ZipSource content{zip_source_buffer_fragment_create(pieces.data(), pieces.size(), 0, error_.get())};
    if (!content) fail(error_.text());
    const std::string name = tensor.name + std::string{npy_suffix};
    const zip_int64_t number = zip_file_add(archive_.get(), name.c_str(), content.get(), ZIP_FL_ENC_UTF_8);
    if (number < 0 && zip_error_code_zip(zip_get_error(archive_.get())) == ZIP_ER_INVAL)
      throw ValueError("tensors, \"" + tensor.name + '"', "a name in UTF-8, without control characters", "another");
    if (number < 0) fail(zip_strerror(archive_.get()));
    static_cast<void>(content.release());  // the archive's now
    const auto entry = static_cast<zip_uint64_t>(number);
    constexpr zip_uint16_t midnight = 0, first_of_1980 = 1 << 5 | 1;  // as in numpy: the same arrays, the same file
    if (zip_set_file_compression(archive_.get(), entry, ZIP_CM_STORE, 0) != 0 ||
        zip_file_set_dostime(archive_.get(), entry, midnight, first_of_1980, 0) != 0)
      fail(zip_strerror(archive_.get()));
  }

  /// The bytes of the archive.
  std::string finish() {
    if (headers_.empty()) return std::string{"PK\5\6"} + std::string(18, '\0');  // libzip would rather write nothing
    if (zip_close(archive_.get()) != 0) fail(zip_strerror(archive_.get()));
    static_cast<void>(archive_.release());
    zip_stat_t all;
    if (zip_source_open(source_.get()) != 0 || zip_source_stat(source_.get(), &all) != 0) fail_at_source();
    std::string bytes(static_cast<std::size_t>(all.size), '\0');
    const zip_int64_t got = zip_source_read(source_.get(), bytes.data(), bytes.size());
    if (got < 0 || static_cast<std::size_t>(got) != bytes.size()) fail_at_source();
    zip_source_close(source_.get());
    return bytes;
  }

 private:
  [[noreturn]] void fail(const std::string& found) const {
    throw FileError(path_, "", "an archive that can be packed in memory", found);
  }
  [[noreturn]] void fail_at_source() const { fail(zip_error_strerror(zip_source_error(source_.get()))); }

  /// libzip reads from it, no more.
  static zip_buffer_fragment_t piece_of(const void* data, std::size_t bytes) {
    return {static_cast<zip_uint8_t*>(const_cast<void*>(data)), bytes};
  }

  std::string path_;
  ZipError error_;
  std::deque<std::string> headers_;  // stay where they are
  ZipSource source_;
  ZipArchive archive_;
};

}  // namespace detail

/// Reads an archive of arrays, whose entries are stored or deflated; the names are those of the entries without ".npy".
/// Arrays that are stored by columns (fortran_order) are turned. Everything is checked: names, types, sizes, that no
/// entry is longer or shorter than its array, checksums. Memory grows with what is there, not with what a header
/// promises: up to 1032 times the file, which is as tight as deflate can pack.
/// \throws FileError  with the entry, what was expected there and what was found; numbers that are big endian, objects,
///                    texts, structures and encrypted entries are refused, too
inline TensorFile read_npz(const std::string& path) {
  detail::ZipError error;
  detail::ZipSource source{zip_source_file_create(path.c_str(), 0, -1, error.get())};
  return detail::NpzReader{path, std::move(source), error}.read();
}

/// Writes arrays to an archive, in their order and stored, as savez does, in place of what was there: see replace_file.
/// The archive is packed in memory first.
/// \throws ValueError  before anything is written, where a name is given twice or is none for an archive, bytes don't
///                     fit shape and type, or numpy has no such type
/// \throws FileError   where the file can't be written
inline void write_npz(const std::string& path, std::span<const Tensor> tensors) {
  detail::check_for_npz(tensors);
  detail::NpzPacker packer{path};
  for (const Tensor& tensor : tensors) packer.add(tensor);
  replace_file(path, packer.finish());
}

}  // namespace rocket
