// Files of the MNIST format, plain and packed, good and bad.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <limits>
#include <string>
#include <vector>

#include <rocket/core/error.hpp>
#include <rocket/data/fashion_mnist.hpp>
#include <rocket/data/idx.hpp>

#include "support/catch.hpp"
#include "support/temporary_folder.hpp"
#include "support/throws.hpp"

using namespace rocket;

namespace {

// A file of bytes: the sizes of its dimensions, then its values.
std::string idx_bytes(std::initializer_list<unsigned> sizes, const std::string& values) {
  std::string bytes{'\0', '\0', '\x08', static_cast<char>(sizes.size())};
  for (const unsigned size : sizes) {
    for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(size >> shift & 0xFF));
  }
  return bytes + values;
}

const std::string two_images = idx_bytes({2, 1, 3}, {'\0', '\x33', '\xFF', '\1', '\2', '\3'});
const std::string two_labels = idx_bytes({2}, {'\1', '\0'});

std::string with_byte(std::string bytes, std::size_t place, char value) {
  bytes[place] = value;
  return bytes;
}

}  // namespace

TEST_CASE("images and labels are read, plain and packed", "[idx]") {
  const TemporaryFolder folder;
  for (const bool packed : {false, true}) {
    const auto write = [&](const std::string& name, const std::string& bytes) {
      return packed ? folder.write_gzip(name + ".gz", bytes) : folder.write(name, bytes);
    };
    const std::string image_file = write("images", two_images);
    const std::string label_file = write("labels", two_labels);

    const Images images = read_idx_images(image_file);
    CHECK(images.count == 2);
    CHECK(images.height == 1);
    CHECK(images.width == 3);
    CHECK(images.pixels == std::vector<float>{0.0f, 0.2f, 1.0f, 1 / 255.0f, 2 / 255.0f, 3 / 255.0f});
    CHECK(read_idx_labels(label_file, 2) == std::vector<int>{1, 0});

    const Dataset dataset = read_idx(image_file, label_file, 2);
    CHECK(dataset.features == images.pixels);
    CHECK(dataset.labels == std::vector<int>{1, 0});
    CHECK(dataset.features_per_sample == 3);
    CHECK(dataset.classes == 2);
    CHECK(dataset.name == image_file);

    const ImageSet set = read_idx_image_set(image_file, label_file, 2);
    CHECK(set.pixels == std::vector<std::uint8_t>{0, 0x33, 0xFF, 1, 2, 3});
    CHECK(set.labels == std::vector<int>{1, 0});
    CHECK(set.height == 1);
    CHECK(set.width == 3);
    CHECK(set.channels == 1);
    CHECK(set.classes == 2);
    CHECK(set.name == image_file);
  }
}

TEST_CASE("a bad file of images is refused with its place", "[idx]") {
  const TemporaryFolder folder;
  const auto check = [&](const std::string& bytes, const std::string& place, const std::string& expected,
                         const std::string& found) {
    for (const std::string& path : {folder.write("bad", bytes), folder.write_gzip("bad.gz", bytes)}) {
      const auto error = thrown_by<FileError>([&] { (void)read_idx_images(path); });
      CHECK(error.path() == path);
      CHECK(error.place() == place);
      CHECK(error.expected() == expected);
      CHECK(error.found() == found);
    }
  };
  const std::string size = "a size in [1, 2147483647]";
  const std::string end = "the end of the file";

  check("", "byte 0", "a header of 16 bytes", end);
  check(two_images.substr(0, 15), "byte 15", "a header of 16 bytes", end);
  check(with_byte(two_images, 0, '\x1A'), "byte 0", "0 (idx)", "26");
  check(with_byte(two_images, 1, '\1'), "byte 1", "0 (idx)", "1");
  check(with_byte(two_images, 2, '\x0D'), "byte 2", "8 (type: unsigned byte)", "13");
  check(with_byte(two_images, 3, '\1'), "byte 3", "3 (dimensions)", "1");
  check(two_images.substr(0, 21), "byte 21", "2 x 1 x 3 values after the header", end);
  check(two_images + "more", "byte 22", end, "a file of 26 bytes");

  check(idx_bytes({0, 1, 3}, ""), "byte 4", size, "0");
  check(idx_bytes({1, 0, 3}, ""), "byte 8", size, "0");
  check(idx_bytes({1, 1, 0}, ""), "byte 12", size, "0");
  check(idx_bytes({0x80000000u, 1, 1}, "x"), "byte 4", size, "2147483648");
  check(idx_bytes({0xFFFFFFFFu, 0xFFFFFFFFu, 0xFFFFFFFFu}, "x"), "byte 4", size, "4294967295");
  check(idx_bytes({1, 0x10000, 0x10000}, "x"), "byte 12", "an image of at most 2147483647 pixels", "1 x 65536 x 65536");
  check(idx_bytes({0x7FFFFFFF, 0x7FFFFFFF, 1}, "x"), "byte 17", "2147483647 x 2147483647 x 1 values after the header",
        end);
  check(idx_bytes({60000, 28, 28}, "x"), "byte 17", "60000 x 28 x 28 values after the header", end);
}

TEST_CASE("a bad file of labels is refused with its place", "[idx]") {
  const TemporaryFolder folder;
  const auto label_error = [&](const std::string& bytes) {
    const std::string path = folder.write_gzip("bad.gz", bytes);
    return thrown_by<FileError>([&] { (void)read_idx_labels(path, 2); });
  };
  CHECK(label_error(two_labels.substr(0, 7)).expected() == "a header of 8 bytes");
  CHECK(label_error(two_images).place() == "byte 3");
  CHECK(label_error(idx_bytes({0}, "")).place() == "byte 4");
  CHECK(label_error(idx_bytes({3}, {'\0', '\1'})).expected() == "3 values after the header");
  CHECK(label_error(idx_bytes({1}, {'\0', '\1'})).found() == "a file of 10 bytes");

  const FileError range = label_error(idx_bytes({3}, {'\0', '\1', '\2'}));
  CHECK(range.place() == "byte 10");
  CHECK(range.expected() == "a label in [0, 2)");
  CHECK(range.found() == "2");
  CHECK(label_error(idx_bytes({1}, "\xFF")).found() == "255");

  const std::string good = folder.write("good", two_labels);
  CHECK(thrown_by<ValueError>([&] { (void)read_idx_labels(good, 0); }).argument() == "classes");
}

TEST_CASE("files of different counts, and files beyond the acceptable size, are refused", "[idx]") {
  const TemporaryFolder folder;
  const std::string images = folder.write("images", two_images);
  const std::string labels = folder.write("labels", idx_bytes({3}, {'\0', '\1', '\0'}));
  const auto counts = thrown_by<FileError>([&] { (void)read_idx(images, labels, 2); });
  CHECK(counts.path() == labels);
  CHECK(counts.place() == "byte 4");
  CHECK(counts.expected() == "2 labels, one for each image in " + images);
  CHECK(counts.found() == "3");

  CHECK(thrown_by<FileError>([&] { (void)read_idx(images, labels, 2, 21); }).path() == images);
  CHECK(thrown_by<FileError>([&] { (void)read_idx_labels(labels, 2, 10); }).place() == "byte 10");
}

TEST_CASE("Fashion-MNIST is found with or without .gz, and missed with the name of the package", "[idx]") {
  const TemporaryFolder folder;
  const auto missing = thrown_by<FileError>([&] { (void)fashion_mnist_train(folder.path()); });
  CHECK(missing.path() == folder.path());
  CHECK(missing.expected() == "the files of Fashion-MNIST (Debian package dataset-fashion-mnist)");
  CHECK(missing.found() == "neither train-images-idx3-ubyte nor train-images-idx3-ubyte.gz");

  folder.write("t10k-images-idx3-ubyte", two_images);
  folder.write_gzip("t10k-labels-idx1-ubyte.gz", two_labels);
  const Dataset dataset = fashion_mnist_test(folder.path());
  CHECK(dataset.size() == 2);
  CHECK(dataset.classes == 10);
  CHECK(dataset.name == "Fashion-MNIST test");
  CHECK(flatten(fashion_mnist_test_images(folder.path())).features == dataset.features);
}

TEST_CASE("Fashion-MNIST as Debian ships it", "[idx]") {
  if (!std::filesystem::exists(fashion_mnist_directory)) {
    WARN("skipped: the Debian package dataset-fashion-mnist is not installed");
    return;
  }
  const auto check = [](const Dataset& dataset, std::size_t size) {
    CHECK(dataset.size() == size);
    CHECK(dataset.features.size() == size * 28 * 28);
    CHECK(dataset.features_per_sample == 28 * 28);
    CHECK(dataset.classes == 10);
    for (int label = 0; label < 10; ++label) {
      CHECK(static_cast<std::size_t>(std::count(dataset.labels.begin(), dataset.labels.end(), label)) == size / 10);
    }
    const auto [least, greatest] = std::minmax_element(dataset.features.begin(), dataset.features.end());
    CHECK(*least == 0.0f);
    CHECK(*greatest == 1.0f);
  };
  check(fashion_mnist_train(), 60000);
  check(fashion_mnist_test(), 10000);
}
