// CIFAR's binary files, good and bad.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <rocket/core/error.hpp>
#include <rocket/data/cifar.hpp>

#include "support/catch.hpp"
#include "support/temporary_folder.hpp"
#include "support/throws.hpp"

using namespace rocket;

namespace {

constexpr std::size_t plane = 32 * 32;

// The byte of a plane: channel, row and column can be told from it and its neighbours.
std::uint8_t pixel(std::size_t image, std::size_t channel, std::size_t row, std::size_t column) {
  return static_cast<std::uint8_t>(97 * image + 80 * channel + 32 * row + 5 * column + row / 8);
}

// Rows of a file: label bytes, then the planes.
std::string rows(const std::vector<std::vector<int>>& labels) {
  std::string bytes;
  for (std::size_t image = 0; image < labels.size(); ++image) {
    for (const int label : labels[image]) bytes.push_back(static_cast<char>(label));
    for (std::size_t c = 0; c < 3; ++c)
      for (std::size_t p = 0; p < plane; ++p) bytes.push_back(static_cast<char>(pixel(image, c, p / 32, p % 32)));
  }
  return bytes;
}

void check_pixels(const ImageSet& set) {
  CHECK(set.height == 32);
  CHECK(set.width == 32);
  CHECK(set.channels == 3);
  REQUIRE(set.pixels.size() == set.size() * 3 * plane);
  int different = 0;
  for (std::size_t i = 0; i < set.size(); ++i)
    for (std::size_t p = 0; p < plane; ++p)
      for (std::size_t c = 0; c < 3; ++c) different += set.image(i)[3 * p + c] != pixel(i, c, p / 32, p % 32);
  CHECK(different == 0);
}

// A whole part of black images, which packs well; image i has label i % classes.
std::string black(std::size_t count, std::size_t label_bytes, std::size_t classes) {
  const std::size_t row = label_bytes + 3 * plane;
  std::string bytes(count * row, '\0');
  for (std::size_t i = 0; i < count; ++i) bytes[i * row + label_bytes - 1] = static_cast<char>(i % classes);
  return bytes;
}

void check_black(const ImageSet& set, std::size_t size, int classes, const std::string& name) {
  CHECK(set.size() == size);
  CHECK(set.pixels.size() == size * 3 * plane);
  CHECK(set.classes == classes);
  CHECK(set.labels[static_cast<std::size_t>(classes) + 3] == 3);
  CHECK(set.name == name);
}

}  // namespace

TEST_CASE("a file of CIFAR-10 becomes images with channels innermost, plain and packed", "[cifar]") {
  const TemporaryFolder folder;
  const std::string bytes = rows({{9}, {0}, {3}});
  for (const std::string& path : {folder.write("plain.bin", bytes), folder.write_gzip("packed.bin", bytes)}) {
    const ImageSet set = read_cifar10(path);
    check_pixels(set);
    CHECK(set.labels == std::vector<int>{9, 0, 3});
    CHECK(set.classes == 10);
    CHECK(set.name == path);
  }
}

TEST_CASE("a file of CIFAR-100 gives the labels of the 100 classes", "[cifar]") {
  const TemporaryFolder folder;
  const ImageSet set = read_cifar100(folder.write("two.bin", rows({{19, 99}, {0, 20}})));
  check_pixels(set);
  CHECK(set.labels == std::vector<int>{99, 20});
  CHECK(set.classes == 100);
}

TEST_CASE("a bad file of CIFAR is refused with its place", "[cifar]") {
  const TemporaryFolder folder;
  using Read = std::function<ImageSet(const std::string&)>;
  const auto check = [&](const Read& read, const std::string& bytes, const std::string& place,
                         const std::string& expected, const std::string& found) {
    for (const std::string& path : {folder.write("bad.bin", bytes), folder.write_gzip("bad.bin.gz", bytes)}) {
      const auto error = thrown_by<FileError>([&] { (void)read(path); });
      CHECK(error.path() == path);
      CHECK(error.place() == place);
      CHECK(error.expected() == expected);
      CHECK(error.found() == found);
    }
  };
  const Read ten = read_cifar10, hundred = read_cifar100;
  const std::string end = "the end of the file";
  check(ten, "", "byte 0", "a row of 3073 bytes", end);
  check(ten, rows({{1}, {2}}).substr(0, 6145), "byte 6145", "a row of 3073 bytes", end);
  check(ten, rows({{1}, {2}}) + "x", "byte 6147", "a row of 3073 bytes", end);
  check(ten, rows({{1}, {10}}), "byte 3073", "a label in [0, 10)", "10");
  check(ten, rows({{255}}), "byte 0", "a label in [0, 10)", "255");
  check(hundred, rows({{1}, {2}}), "byte 6146", "a row of 3074 bytes", end);
  check(hundred, rows({{1, 99}, {20, 5}}), "byte 3074", "a label in [0, 20)", "20");
  check(hundred, rows({{1, 99}, {19, 100}}), "byte 3075", "a label in [0, 100)", "100");
  CHECK_THROWS_AS((void)read_cifar10(folder / "none"), FileError);
}

TEST_CASE("the parts of CIFAR-10 are whole, in a folder or in the official folder in it", "[cifar]") {
  const TemporaryFolder folder;
  const auto missing = thrown_by<FileError>([&] { (void)cifar10_train(folder.path()); });
  CHECK(missing.path() == folder.path());
  CHECK(missing.found() == "neither data_batch_1.bin nor cifar-10-batches-bin/data_batch_1.bin");

  std::filesystem::create_directory(folder / "cifar-10-batches-bin");
  const std::string whole = folder.write_gzip("cifar-10-batches-bin/test_batch.bin", black(10000, 1, 10));
  check_black(cifar10_test(folder.path()), 10000, 10, "CIFAR-10 test");
  check_black(cifar10_test(folder / "cifar-10-batches-bin"), 10000, 10, "CIFAR-10 test");

  for (const char* name : {"1", "2", "3", "4", "5"}) {
    if (*name == '5') {
      const auto fifth = thrown_by<FileError>([&] { (void)cifar10_train(folder.path()); });
      CHECK(fifth.path() == folder / "cifar-10-batches-bin/data_batch_5.bin");
    }
    std::filesystem::copy(whole, folder / (std::string{"cifar-10-batches-bin/data_batch_"} + name + ".bin"));
  }
  check_black(cifar10_train(folder.path()), 50000, 10, "CIFAR-10 train");

  // A part cut between two rows, and one with a row too many.
  folder.write_gzip("cifar-10-batches-bin/test_batch.bin", black(9999, 1, 10));
  const auto few = thrown_by<FileError>([&] { (void)cifar10_test(folder.path()); });
  CHECK(few.place() == "byte 30726927");
  CHECK(few.expected() == "10000 rows of 3073 bytes");
  folder.write_gzip("cifar-10-batches-bin/test_batch.bin", black(10001, 1, 10));
  const auto many = thrown_by<FileError>([&] { (void)cifar10_test(folder.path()); });
  CHECK(many.place() == "byte 30730000");
  CHECK(many.found() == "more bytes");
}

TEST_CASE("the parts of CIFAR-100", "[cifar]") {
  const TemporaryFolder folder;
  CHECK(thrown_by<FileError>([&] { (void)cifar100_train(folder.path()); }).found() ==
        "neither train.bin nor cifar-100-binary/train.bin");
  const std::string part = folder.write_gzip("test.bin", black(10000, 2, 100));
  check_black(cifar100_test(folder.path()), 10000, 100, "CIFAR-100 test");
  std::filesystem::copy(part, folder / "train.bin");
  CHECK(thrown_by<FileError>([&] { (void)cifar100_train(folder.path()); }).expected() == "50000 rows of 3074 bytes");
}

TEST_CASE("the normalization of CIFAR-10 is the published one", "[cifar]") {
  CHECK(cifar10_normalization().mean == std::vector<float>{125.3f, 123.0f, 113.9f});
  CHECK(cifar10_normalization().deviation == std::vector<float>{63.0f, 62.1f, 66.7f});
}
