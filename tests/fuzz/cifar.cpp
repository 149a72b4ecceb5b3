// Any bytes as files of CIFAR-10 and CIFAR-100: refused, or images and then the same bytes when they are written.
#include <cstddef>
#include <cstdint>
#include <string>

#include <rocket/data/cifar.hpp>

#include "fuzz.hpp"

using namespace rocket;

namespace {

constexpr std::size_t plane = 32 * 32, pixels = 3 * plane;

// Those bytes with the images in place of theirs, all but the label bytes before the last.
std::string written(const ImageSet& set, std::size_t label_bytes, std::string bytes) {
  require(bytes.size() == set.size() * (label_bytes + pixels), "an image a row");
  for (std::size_t i = 0; i < set.size(); ++i) {
    char* row = bytes.data() + i * (label_bytes + pixels) + label_bytes;
    row[-1] = static_cast<char>(set.labels[i]);
    for (std::size_t p = 0; p < plane; ++p)
      for (std::size_t c = 0; c < 3; ++c) row[c * plane + p] = static_cast<char>(set.image(i)[3 * p + c]);
  }
  return bytes;
}

template <class Read>
void check(const std::string& bytes, const Read& read, int classes, std::size_t label_bytes) {
  static MemoryFile file;
  const auto set = read_or_refuse(file.write(bytes), read);
  if (!set) return;
  require(set->size() > 0 && set->classes == classes, "an image, and the classes of the set");
  require(set->height == 32 && set->width == 32 && set->channels == 3, "images of 32 x 32 x 3");
  require(set->pixels.size() == set->size() * pixels, "as many pixels as the images have");
  for (const int label : set->labels) require(label >= 0 && label < classes, "labels within the classes");
  require(written(*set, label_bytes, bytes) == bytes, "images are what is in the file");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = file_of(text_of(data, size));
  if (!bytes) return 0;
  check(*bytes, read_cifar10, 10, 1);
  check(*bytes, read_cifar100, 100, 2);
  return 0;
}
