// Sets of images, their normalisation, and what an epoch makes of an image.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include <rocket/core/error.hpp>
#include <rocket/core/random.hpp>
#include <rocket/data/data.hpp>

#include "support/catch.hpp"
#include "support/throws.hpp"

using namespace rocket;

namespace {

// Images in which every byte differs from its neighbours.
ImageSet made(int count, int height, int width, int channels) {
  ImageSet set{{}, {}, height, width, channels, 4, "made"};
  const Random random{7};
  for (int i = 0; i < count; ++i) set.labels.push_back(i % 4);
  for (std::size_t i = 0; i < static_cast<std::size_t>(count) * set.bytes_per_image(); ++i)
    set.pixels.push_back(static_cast<std::uint8_t>(random.bits(i)[0]));
  return set;
}

// A mean and a deviation a channel, none of them round.
Normalization odd(int channels) {
  Normalization normalization;
  for (int c = 0; c < channels; ++c) {
    normalization.mean.push_back(100.3f + 7.1f * static_cast<float>(c));
    normalization.deviation.push_back(60.7f + 3.3f * static_cast<float>(c));
  }
  return normalization;
}

// Flips, pads on all sides with the image in a mirror, cuts: a pixel at a time, each step an image of its own.
std::vector<float> reference(const ImageSet& set, std::size_t i, const Normalization& normalization, bool flipped,
                             int padding, int top, int left) {
  const int height = set.height, width = set.width, channels = set.channels;
  const auto mirrored = [](int place, int size) {
    if (place < 0) return -1 - place;
    return place < size ? place : 2 * size - 1 - place;
  };
  std::vector<float> image;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      for (int c = 0; c < channels; ++c) {
        const int row = mirrored(y + top - padding, height);
        const int turned = mirrored(x + left - padding, width);
        const int column = flipped ? width - 1 - turned : turned;
        const std::uint8_t byte = set.image(i)[static_cast<std::size_t>((row * width + column) * channels + c)];
        const auto channel = static_cast<std::size_t>(c);
        image.push_back((static_cast<float>(byte) - normalization.mean[channel]) / normalization.deviation[channel]);
      }
    }
  }
  return image;
}

std::vector<float> drawn(const ImageSamples& samples, std::size_t i, Seed seed, int epoch) {
  std::vector<float> row(static_cast<std::size_t>(samples.features_per_sample));
  samples.draw(i, seed, epoch, std::span{row});
  return row;
}

std::vector<float> read(const ImageSamples& samples, std::size_t i) {
  std::vector<float> row(static_cast<std::size_t>(samples.features_per_sample));
  samples.read(i, std::span{row});
  return row;
}

}  // namespace

TEST_CASE("a set of images gives its images and a selection", "[images]") {
  const ImageSet set = made(5, 2, 3, 3);
  CHECK(set.size() == 5);
  CHECK(set.bytes_per_image() == 18);
  CHECK(set.image(2).data() == set.pixels.data() + 36);
  CHECK(set.image(2).size() == 18);

  const std::vector<std::size_t> indices{4, 0, 4};
  const ImageSet taken = set.take(indices);
  REQUIRE(taken.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) CHECK(std::ranges::equal(taken.image(i), set.image(indices[i])));
  CHECK(taken.labels == std::vector<int>{0, 0, 0});
  CHECK(taken.classes == 4);
  CHECK(taken.name == "made");
  const std::vector<std::size_t> outside{0, 5};
  CHECK(thrown_by<ValueError>([&] { (void)set.take(outside); }).argument() == "indices");
  ImageSet faulty = set;
  faulty.pixels.pop_back();
  CHECK(thrown_by<ValueError>([&] { split(faulty, 0.5, Seed{1}); }).argument() == "images.pixels");

  const Dataset flat = flatten(set);
  CHECK(flat.features_per_sample == 18);
  CHECK(flat.labels == set.labels);
  CHECK(flat.row(1)[4] == static_cast<float>(set.image(1)[4]) / 255.0f);
}

TEST_CASE("images that are not augmented are normalised, in training as well", "[images]") {
  for (const int channels : {1, 2, 3}) {
    const ImageSet set = made(3, 4, 5, channels);
    const Normalization normalization = odd(channels);
    const ImageSamples samples{set, normalization}, off{set, normalization, {.flip = 0, .padding = 0}};
    const ImageSamples augmented{set, normalization, Augmentation{.flip = 1, .padding = 2}};
    CHECK(samples.size() == 3);
    CHECK(samples.features_per_sample == 20 * channels);
    CHECK(samples.classes == 4);
    CHECK(samples.label(2) == 2);
    for (std::size_t i = 0; i < 3; ++i) {
      const auto plain = reference(set, i, normalization, false, 0, 0, 0);
      CHECK(read(samples, i) == plain);
      CHECK(read(augmented, i) == plain);
      for (const int epoch : {0, 1, 2}) {
        CHECK(drawn(samples, i, Seed{1}, epoch) == plain);
        CHECK(drawn(off, i, Seed{1}, epoch) == plain);
      }
    }
  }
}

TEST_CASE("a drawn image is the reference's of one flip and one cut, each as likely as any other", "[images]") {
  for (const int channels : {1, 3, 4}) {
    for (const int padding : {0, 1, 3}) {
      const ImageSet set = made(2, 4, 8, channels);  // so large that no two looks are the same
      const Normalization normalization = odd(channels);
      const ImageSamples samples{set, normalization, {.flip = 0.5, .padding = padding}};
      const int shifts = 2 * padding + 1;
      std::vector<std::vector<float>> looks;  // flip, top, left
      for (const bool flipped : {false, true})
        for (int top = 0; top < shifts; ++top)
          for (int left = 0; left < shifts; ++left)
            looks.push_back(reference(set, 1, normalization, flipped, padding, top, left));

      std::vector<int> seen(looks.size());
      const int epochs = 100 * static_cast<int>(looks.size());
      for (int epoch = 0; epoch < epochs; ++epoch) {
        const auto found = std::find(looks.begin(), looks.end(), drawn(samples, 1, Seed{5}, epoch));
        REQUIRE(found != looks.end());
        ++seen[static_cast<std::size_t>(found - looks.begin())];
      }
      // 100 each on average, with a deviation of 10.
      CHECK(*std::min_element(seen.begin(), seen.end()) > 55);
      CHECK(*std::max_element(seen.begin(), seen.end()) < 145);
    }
  }
}

TEST_CASE("the share of flipped images is the one asked for", "[images]") {
  const ImageSet set = made(4000, 1, 2, 1);
  for (const double flip : {0.0, 0.1, 0.5, 1.0}) {
    const ImageSamples samples{set, {{0}, {1}}, {.flip = flip, .padding = 0}};
    int flipped = 0, symmetric = 0;
    for (std::size_t i = 0; i < set.size(); ++i) {
      const auto row = drawn(samples, i, Seed{3}, 0);
      if (row[0] == row[1])
        ++symmetric;
      else
        flipped += row[0] != static_cast<float>(set.image(i)[0]);
    }
    const double n = static_cast<double>(set.size()) - symmetric;
    CHECK(std::abs(flipped - flip * n) <= 5 * std::sqrt(flip * (1 - flip) * n));
  }
}

TEST_CASE("what is drawn hangs on seed, epoch and image alone", "[images]") {
  const ImageSet set = made(40, 9, 9, 3);
  const ImageSamples samples{set, odd(3), Augmentation{}}, again{set, odd(3), Augmentation{}};
  const auto all = [](const ImageSamples& from, Seed seed, int epoch, bool backwards) {
    std::vector<std::vector<float>> rows(from.size());
    for (std::size_t k = 0; k < from.size(); ++k) {
      const std::size_t i = backwards ? from.size() - 1 - k : k;
      rows[i] = drawn(from, i, seed, epoch);
    }
    return rows;
  };
  const auto rows = all(samples, Seed{1}, 3, false);
  CHECK(all(again, Seed{1}, 3, true) == rows);
  CHECK(all(samples, Seed{2}, 3, false) != rows);
  CHECK(all(samples, Seed{1}, 4, false) != rows);

  // Doubles are the same numbers.
  std::vector<double> row(243);
  samples.draw(7, Seed{1}, 3, std::span{row});
  CHECK(std::equal(row.begin(), row.end(), rows[7].begin()));
}

TEST_CASE("a normalization is measured a channel", "[images]") {
  const ImageSet set{{0, 10, 7, 4, 30, 7, 0, 10, 7, 4, 30, 7}, {0, 0}, 1, 2, 3, 1, "set"};
  const Normalization normalization = Normalization::of(set);
  CHECK(normalization.mean == std::vector<float>{2, 20, 7});
  CHECK(normalization.deviation == std::vector<float>{2, 10, 1});

  const ImageSet large = made(50, 8, 8, 3);
  const ImageSamples samples{large, Normalization::of(large)};
  for (std::size_t c = 0; c < 3; ++c) {
    double sum = 0, squares = 0;
    for (std::size_t i = 0; i < large.size(); ++i) {
      const auto row = read(samples, i);
      for (std::size_t p = c; p < row.size(); p += 3) {
        sum += double{row[p]};
        squares += double{row[p]} * double{row[p]};
      }
    }
    CHECK(std::abs(sum / 3200) < 1e-5);
    CHECK(std::abs(squares / 3200 - 1) < 1e-5);
  }
  CHECK(thrown_by<ValueError>([] { (void)Normalization::of({{}, {}, 1, 1, 1, 1, "none"}); }).argument() == "images");
  CHECK(thrown_by<ValueError>([] { (void)Normalization::of({{1, 2}, {0}, 1, 2, 0, 1, ""}); }).argument() ==
        "images.channels");
  CHECK(thrown_by<ValueError>([] { (void)Normalization::of({{1, 2}, {0}, 1, 1, 3, 1, ""}); }).argument() ==
        "images.pixels");
}

TEST_CASE("images, normalizations and augmentations that do not fit are refused", "[images]") {
  const ImageSet good = made(2, 4, 3, 3);
  const auto argument = [](const ImageSet& set, const Normalization& normalization, const Augmentation& augmentation) {
    return thrown_by<ValueError>([&] { (void)ImageSamples{set, normalization, augmentation}; }).argument();
  };
  const auto changed = [&](const auto& change) {
    ImageSet set = good;
    change(set);
    return argument(set, odd(3), {});
  };
  CHECK(changed([](ImageSet& set) { set.height = 0; }) == "images.height");
  CHECK(changed([](ImageSet& set) { set.width = -1; }) == "images.width");
  CHECK(changed([](ImageSet& set) { set.channels = 0; }) == "images.channels");
  CHECK(changed([](ImageSet& set) { set.classes = 0; }) == "images.classes");
  CHECK(changed([](ImageSet& set) { set.pixels.pop_back(); }) == "images.pixels");
  CHECK(changed([](ImageSet& set) { set.labels.pop_back(); }) == "images.pixels");
  CHECK(changed([](ImageSet& set) { set.labels[1] = 4; }) == "images.labels[1]");
  CHECK(changed([](ImageSet& set) { set.height = set.width = std::numeric_limits<int>::max(); }) == "images");

  constexpr float nan = std::numeric_limits<float>::quiet_NaN();
  CHECK(argument(good, odd(1), {.padding = 0}) == "mean");
  CHECK(argument(good, {{1, 2, nan}, {1, 1, 1}}, {.padding = 0}) == "mean");
  CHECK(argument(good, {{1, 2, 3}, {1, 1}}, {.padding = 0}) == "deviation");
  CHECK(argument(good, {{1, 2, 3}, {1, 0, 1}}, {.padding = 0}) == "deviation");
  for (const double flip : {-0.1, 1.1, std::numeric_limits<double>::quiet_NaN()})
    CHECK(argument(good, odd(3), {.flip = flip, .padding = 0}) == "flip");
  CHECK(argument(good, odd(3), {.padding = -1}) == "padding");
  CHECK(argument(good, odd(3), {.padding = 4}) == "padding");
  CHECK_NOTHROW(ImageSamples{good, odd(3), {.padding = 3}});
}
