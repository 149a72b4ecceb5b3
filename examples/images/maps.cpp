#include "images/maps.hpp"

#include <algorithm>
#include <cmath>

std::vector<support::ShownImage> first_of_classes(const rocket::ImageSet& images, std::size_t count) {
  std::vector<support::ShownImage> shown;
  for (std::size_t i = 0; i < images.size() && shown.size() < count; ++i) {
    const int label = images.labels[i];
    if (std::any_of(shown.begin(), shown.end(), [&](const support::ShownImage& other) { return other.label == label; }))
      continue;
    const auto pixels = images.image(i);
    support::ShownImage& image = shown.emplace_back();
    image.index = i;
    image.label = label;
    image.pixels = {images.height, images.width, images.channels, {pixels.begin(), pixels.end()}};
  }
  return shown;
}

support::Raster raster_of(std::span<const float> map, int height, int width) {
  support::Raster raster{height, width, 1, {}};
  const float largest = *std::max_element(map.begin(), map.end());
  for (const float number : map) {
    const float share = number / largest;
    raster.levels.push_back(share > 0 ? static_cast<std::uint8_t>(std::lround(255 * std::min(share, 1.0f))) : 0);
  }
  return raster;
}
