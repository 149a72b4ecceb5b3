// Any bytes as idx files: refused, or read and then the same bytes when they are written. The first byte says how many
// of the following ones are a file of labels; the rest is one of images.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <rocket/data/idx.hpp>

#include "fuzz.hpp"

using namespace rocket;

namespace {

constexpr int classes = 10;
constexpr std::size_t max_bytes = 1u << 16;

template <class Values>
std::string written(std::span<const int> sizes, const Values& values) {
  std::string bytes{0, 0, 8, static_cast<char>(sizes.size())};
  for (const int size : sizes)
    for (const int shift : {24, 16, 8, 0}) bytes.push_back(static_cast<char>(size >> shift & 0xFF));
  for (const auto value : values) bytes.push_back(static_cast<char>(value));
  return bytes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static MemoryFile image_file, label_file;
  if (size == 0) return 0;
  const std::size_t cut = std::min<std::size_t>(data[0], size - 1);
  const std::string& images_path = image_file.write(text_of(data + 1 + cut, size - 1 - cut));
  const std::string& labels_path = label_file.write(text_of(data + 1, cut));

  const auto images =
      read_or_refuse(images_path, [](const std::string& path) { return read_idx_images(path, max_bytes); });
  const auto labels =
      read_or_refuse(labels_path, [](const std::string& path) { return read_idx_labels(path, classes, max_bytes); });
  std::vector<int> bytes;
  if (images) {
    require(images->count > 0 && images->height > 0 && images->width > 0, "sizes of at least 1");
    const std::size_t height = static_cast<std::size_t>(images->height),
                      width = static_cast<std::size_t>(images->width);
    const std::size_t count = static_cast<std::size_t>(images->count), pixels = images->pixels.size();
    require(pixels / width / height == count && pixels % (width * height) == 0, "as many pixels as the images have");
    for (const float pixel : images->pixels) {
      bytes.push_back(static_cast<int>(pixel * 255 + 0.5f));
      require(static_cast<float>(bytes.back()) / 255 == pixel, "pixels are bytes by 255");
    }
    require(written(std::array{images->count, images->height, images->width}, bytes) == read_file(images_path),
            "images are all that is in the file");
  }
  if (labels) {
    for (const int label : *labels) require(label >= 0 && label < classes, "labels within the classes");
    require(written(std::array{static_cast<int>(labels->size())}, *labels) == read_file(labels_path),
            "labels are all that is in the file");
  }

  std::optional<ImageSet> set;
  try {
    set = read_idx_image_set(images_path, labels_path, classes, max_bytes);
  } catch (const FileError& error) {
    require(error.path() == images_path || error.path() == labels_path, "a refusal names the file");
  }
  require(set.has_value() == (images && labels && static_cast<std::size_t>(images->count) == labels->size()),
          "a set is images, and a label for each");
  if (!set) return 0;
  require(std::equal(set->pixels.begin(), set->pixels.end(), bytes.begin(), bytes.end()) && set->labels == *labels,
          "a set has the files' images and labels");
  require(set->height == images->height && set->width == images->width && set->channels == 1 && set->classes == classes,
          "a set has the files' sizes");
  require(flatten(*set).features == images->pixels, "a set is as many numbers as its images");
  return 0;
}
