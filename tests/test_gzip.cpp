// Whole files, plain and packed, sound and damaged.
#include <cstddef>
#include <string>

#include <rocket/core/error.hpp>
#include <rocket/data/gzip.hpp>

#include "support/catch.hpp"
#include "support/temporary_folder.hpp"
#include "support/throws.hpp"

using namespace rocket;

namespace {

FileError read_error(const std::string& path, std::size_t max_bytes = unlimited_bytes) {
  const auto error = thrown_by<FileError>([&] { (void)read_file(path, max_bytes); });
  CHECK(error.path() == path);
  return error;
}

// Bytes that gzip cannot pack much, so that a packed file has a middle to damage.
std::string noise(std::size_t size) {
  std::string bytes;
  unsigned state = 1;
  for (std::size_t i = 0; i < size; ++i) {
    state = state * 1664525u + 1013904223u;
    bytes.push_back(static_cast<char>(state >> 24));
  }
  return bytes;
}

}  // namespace

TEST_CASE("a file is read as it is or unpacked", "[gzip]") {
  const TemporaryFolder folder;
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{1} << 20, (std::size_t{1} << 21) + 3}) {
    const std::string bytes = noise(size);
    CHECK((read_file(folder.write("plain", bytes)) == bytes));
    CHECK((read_file(folder.write_gzip("packed.gz", bytes)) == bytes));
    CHECK((read_file(folder.write_gzip("packed", bytes)) == bytes));
  }
}

TEST_CASE("a file beyond the acceptable size is refused", "[gzip]") {
  const TemporaryFolder folder;
  const std::string plain = folder.write("plain", "12345678");
  const std::string packed = folder.write_gzip("packed.gz", std::string(std::size_t{3} << 20, 'a'));
  CHECK(read_file(plain, 8) == "12345678");
  CHECK(read_file(packed, std::size_t{3} << 20).size() == std::size_t{3} << 20);

  CHECK(read_error(plain, 7).place() == "byte 7");
  CHECK(read_error(plain, 0).place() == "byte 0");
  CHECK(read_error(packed, 1000).expected() == "the end of the file (at most 1000 bytes)");
  CHECK(read_error(packed, (std::size_t{3} << 20) - 1).found() == "more bytes");
}

TEST_CASE("a file that cannot be read is refused", "[gzip]") {
  const TemporaryFolder folder;
  CHECK(read_error(folder / "none").found() == "No such file or directory");
  CHECK(read_error(folder.path()).found() == "Is a directory");
}

TEST_CASE("what was packed in several streams is one file, and all of it is gzip's", "[gzip]") {
  const TemporaryFolder folder;
  const std::string one = content(folder.write_gzip("one", noise(40000)));
  const std::string two = content(folder.write_gzip("two", "the rest"));
  CHECK((read_file(folder.write("both", one + two)) == noise(40000) + "the rest"));
  CHECK(read_file(folder.write("rest", two + two + two)) == "the restthe restthe rest");

  std::string damaged = two;
  damaged[0] ^= 1;
  for (const std::string& more : {damaged, std::string(512, '\0'), std::string{"plain"}}) {
    const FileError error = read_error(folder.write("damaged", one + more));
    CHECK(error.place() == "after byte 40000");
    CHECK(error.expected() == "a sound gzip stream");
  }
  CHECK(read_error(folder.write("cut", one + two.substr(0, 1))).expected() == "the rest of the gzip stream");
}

TEST_CASE("a packed file that is cut short or damaged is refused", "[gzip]") {
  const TemporaryFolder folder;
  const std::string whole = content(folder.write_gzip("whole.gz", noise(5000)));

  for (const std::size_t size :
       {std::size_t{2}, std::size_t{9}, std::size_t{12}, whole.size() / 2, whole.size() - 8, whole.size() - 1}) {
    CAPTURE(size);
    const FileError error = read_error(folder.write("cut.gz", whole.substr(0, size)));
    CHECK(error.expected() == "the rest of the gzip stream");
    CHECK(error.found() == "the end of the file");
  }

  std::string damaged = whole;
  damaged[whole.size() / 2] = static_cast<char>(damaged[whole.size() / 2] ^ 0x55);
  CHECK(read_error(folder.write("damaged.gz", damaged)).expected() == "a sound gzip stream");

  std::string checksum = whole;
  checksum[whole.size() - 8] = static_cast<char>(checksum[whole.size() - 8] ^ 1);
  CHECK(read_error(folder.write("checksum.gz", checksum)).expected() == "a sound gzip stream");
}
