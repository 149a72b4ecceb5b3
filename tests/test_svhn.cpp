// SVHN's MATLAB files, good and bad.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include <zlib.h>

#include <rocket/core/error.hpp>
#include <rocket/data/svhn.hpp>

#include "support/catch.hpp"
#include "support/temporary_folder.hpp"
#include "support/throws.hpp"

using namespace rocket;

namespace {

std::string word(std::size_t value) {
  std::string bytes;
  for (int shift = 0; shift < 32; shift += 8) bytes.push_back(static_cast<char>(value >> shift & 0xFF));
  return bytes;
}

// Type, count, data, and zeros up to a multiple of 8; up to 4 bytes go into the tag if wanted.
std::string element(unsigned type, const std::string& data, bool small = false) {
  std::string bytes = small ? word(data.size() << 16 | type) : word(type) + word(data.size());
  bytes += data;
  bytes.resize((bytes.size() + 7) / 8 * 8);
  return bytes;
}

// How a variable is to be written; what stands here is right.
struct Variable {
  std::string name;
  std::vector<std::size_t> sizes;
  std::string values;
  unsigned char number_class = 9, flags = 0;
  unsigned value_type = 2;
  bool packed = true, small_name = true;
};

std::string packed(const std::string& bytes) {
  uLongf size = compressBound(static_cast<uLong>(bytes.size()));
  std::string to(size, '\0');
  if (compress(reinterpret_cast<Bytef*>(to.data()), &size, reinterpret_cast<const Bytef*>(bytes.data()),
               static_cast<uLong>(bytes.size())) != Z_OK)
    throw std::runtime_error("cannot pack");
  return word(15) + word(size) + to.substr(0, size);
}

std::string written(const Variable& variable) {
  std::string sizes;
  for (const std::size_t size : variable.sizes) sizes += word(size);
  const std::string flags{
      static_cast<char>(variable.number_class), static_cast<char>(variable.flags), 0, 0, 0, 0, 0, 0};
  const std::string bytes =
      element(14, element(6, flags) + element(5, sizes) + element(1, variable.name, variable.small_name) +
                      element(variable.value_type, variable.values, variable.values.size() <= 4));
  return variable.packed ? packed(bytes) : bytes;
}

const std::string header = std::string(124, ' ') + std::string{'\0', '\1', 'I', 'M'};

std::uint8_t pixel(std::size_t image, std::size_t row, std::size_t column, std::size_t channel) {
  return static_cast<std::uint8_t>(97 * image + 80 * channel + 32 * row + 5 * column + row / 8);
}

Variable images(std::size_t count) {
  std::string values;
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t c = 0; c < 3; ++c)
      for (std::size_t x = 0; x < 32; ++x)
        for (std::size_t y = 0; y < 32; ++y) values.push_back(static_cast<char>(pixel(i, y, x, c)));
  return {"X", {32, 32, 3, count}, values};
}

Variable labels(const std::string& values) { return {"y", {values.size(), 1}, values}; }

template <class Change>
Variable changed(Variable variable, const Change& change) {
  change(variable);
  return variable;
}

}  // namespace

TEST_CASE("SVHN's images get channels innermost, and its label 10 is the digit 0", "[svhn]") {
  const TemporaryFolder folder;
  for (const bool is_packed : {true, false}) {
    for (const bool is_small : {true, false}) {
      const auto set_way = [&](Variable& variable) {
        variable.packed = is_packed;
        variable.small_name = is_small;
      };
      const std::string x = written(changed(images(5), set_way));
      const std::string y = written(changed(labels("\x01\x0A\x09\x02\x0A"), set_way));
      for (const std::string& path :
           {folder.write("a.mat", header + x + y), folder.write_gzip("b.mat", header + y + x)}) {
        const ImageSet set = read_svhn(path);
        CHECK(set.labels == std::vector<int>{1, 0, 9, 2, 0});
        CHECK(set.classes == 10);
        CHECK(set.height == 32);
        CHECK(set.width == 32);
        CHECK(set.channels == 3);
        CHECK(set.name == path);
        REQUIRE(set.pixels.size() == 5 * 3072);
        int different = 0;
        for (std::size_t i = 0; i < 5; ++i)
          for (std::size_t y0 = 0; y0 < 32; ++y0)
            for (std::size_t x0 = 0; x0 < 32; ++x0)
              for (std::size_t c = 0; c < 3; ++c)
                different += set.image(i)[(y0 * 32 + x0) * 3 + c] != pixel(i, y0, x0, c);
        CHECK(different == 0);
      }
    }
  }
}

TEST_CASE("a bad file of SVHN is refused with its place", "[svhn]") {
  const TemporaryFolder folder;
  const auto check = [&](const std::string& bytes, const std::string& place, const std::string& expected,
                         const std::string& found) {
    const std::string path = folder.write("bad.mat", bytes);
    const auto error = thrown_by<FileError>([&] { (void)read_svhn(path); });
    CHECK(error.path() == path);
    CHECK(error.place() == place);
    CHECK(error.expected() == expected);
    CHECK(error.found() == found);
  };
  const std::string end = "the end of the file", first = "variable at byte 128";
  const std::string x = written(images(2)), y = written(labels("\x01\x02"));

  check("", "byte 0", "a header of 128 bytes", end);
  check(header.substr(0, 127), "byte 127", "a header of 128 bytes", end);
  check(std::string(124, ' ') + std::string{'\0', '\2', 'I', 'M'}, "byte 124", "0, 1 (MATLAB file of level 5)", "0, 2");
  check(std::string(124, ' ') + std::string{'\0', '\1', 'M', 'I'}, "byte 126", "IM (low byte first)",
        "another order of bytes");
  check(header, "byte 128", "the variable X", end);
  check(header + y, "byte " + std::to_string(128 + y.size()), "the variable X", end);
  check(header + x, "byte " + std::to_string(128 + x.size()), "the variable y", end);
  check(header + "1234567", "byte 135", "a tag of 8 bytes", end);
  check(header + word(7) + word(0), "byte 128", "type 14 or 15 (a variable)", "type 7");
  check(header + word(15) + word(0xFFFFFFFF), "byte 136", "4294967295 bytes after the tag at byte 128", end);
  check(header + packed(element(13, "")), first, "type 14 (variable)", "type 13");

  const auto bad = [&](Variable variable, const auto& change) { return header + written(changed(variable, change)); };
  check(bad(images(2), [](Variable& v) { v.number_class = 6; }), first, "real numbers of class 9 (uint8)", "class 6");
  check(bad(images(2), [](Variable& v) { v.flags = 8; }), first, "real numbers of class 9 (uint8)", "class 9");
  check(bad(images(2),
            [](Variable& v) {
              v.sizes = {32, 32, 3};
            }),
        first, "32 x 32 x 3 x N values of X", "32 x 32 x 3");
  check(bad(images(2), [](Variable& v) { v.sizes[2] = 1; }), first, "32 x 32 x 3 x N values of X", "32 x 32 x 1 x 2");
  check(bad(images(2), [](Variable& v) { v.sizes[3] = 3; }), first, "9216 bytes (values of X)", "6144");
  check(bad(images(2), [](Variable& v) { v.value_type = 9; }), first, "type 2 (values of X)", "type 9");
  check(bad(images(2), [](Variable& v) { v.name = "Z"; }), first, "the variables X and y, once each", "\"Z\"");
  check(header + x + x, "variable at byte " + std::to_string(128 + x.size()), "the variables X and y, once each",
        "\"X\"");
  check(bad(labels("\x01\x02"), [](Variable& v) { v.sizes = {1, 2}; }), first, "N x 1 values of y", "1 x 2");
  check(header + written(labels("\x01\x0B")), "variable y, row 2", "a label in [1, 10], 10 for the digit 0", "11");
  check(header + written(labels(std::string{'\0'})), "variable y, row 1", "a label in [1, 10], 10 for the digit 0",
        "0");
  check(header + x + written(labels("\x01\x02\x03")), "variable y", "2 labels, one an image", "3");

  // A tag that says it holds more than it can, and dimensions with a piece of one behind them.
  const std::string flags = element(6, std::string{9, 0, 0, 0, 0, 0, 0, 0}), sizes = word(2) + word(1);
  check(header + element(14, word(8u << 16 | 6) + flags.substr(8)), first, "at most 4 bytes in the tag (array flags)",
        "8");
  check(header + element(14, flags + element(5, sizes + '\1')), first, "dimensions of 4 bytes", "9 bytes");

  // Damage within what is packed: at the end stands a check sum.
  check(header + x.substr(0, x.size() - 1) + char(x.back() ^ 1) + y, first, "a sound zlib stream", "damaged data");
  check(header + word(15) + word(x.size() - 7) + x.substr(8) + "\1", first, "the end of the variable", "1 bytes more");
}

TEST_CASE("a file of SVHN that is cut off anywhere is refused", "[svhn]") {
  const TemporaryFolder folder;
  for (const bool is_packed : {true, false}) {
    const auto set_way = [&](Variable& variable) { variable.packed = is_packed; };
    const std::string whole =
        header + written(changed(images(2), set_way)) + written(changed(labels("\x01\x02"), set_way));
    const auto step = [&](std::size_t size) {  // every place where something begins or ends
      return (size >= 120 && size < 250) || size + 40 > whole.size() ? 1u : 97u;
    };
    for (std::size_t size = 0; size < whole.size(); size += step(size)) {
      const std::string path = folder.write("cut.mat", whole.substr(0, size));
      CHECK_THROWS_AS((void)read_svhn(path), FileError);
    }
  }
}

TEST_CASE("the parts of SVHN are whole", "[svhn]") {
  const TemporaryFolder folder;
  const auto missing = thrown_by<FileError>([&] { (void)svhn_train(folder.path()); });
  CHECK(missing.path() == folder.path());
  CHECK(missing.found() == "no train_32x32.mat");
  folder.write("test_32x32.mat", header + written(images(2)) + written(labels("\x01\x02")));
  const auto few = thrown_by<FileError>([&] { (void)svhn_test(folder.path()); });
  CHECK(few.expected() == "26032 images");
  CHECK(few.found() == "2");
}
