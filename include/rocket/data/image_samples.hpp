/// \file
/// Images as a trainer takes them: normalised, and for training flipped and shifted by chance, on the fly from bytes.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "rocket/core/error.hpp"
#include "rocket/core/random.hpp"
#include "rocket/core/text.hpp"
#include "rocket/data/image_set.hpp"
#include "rocket/data/normalization.hpp"

namespace rocket {

/// How an image is changed by chance, anew in every epoch. As it stands: what residual nets are trained with on CIFAR
/// (S. Zagoruyko, N. Komodakis, "Wide residual networks", BMVC 2016).
struct Augmentation {
  double flip = 0.5;  ///< how likely left and right are swapped, in [0, 1]; 0: never
  int padding = 4;  ///< pixels put around the image, mirrored at its border (b a | a b c ...), before a stretch of the
                    ///< old size is cut out anywhere; at most the shorter side; 0: none
};

/// A set of images as a source of samples (rocket/core/samples.hpp): rows of height x width x channels numbers,
/// channels innermost, normalised. `read` gives an image as it is, `draw` as an epoch sees it. A view: the set must
/// outlive it.
///
///     const ImageSet images = cifar10_train(folder), unseen = cifar10_test(folder);
///     trainer.fit(ImageSamples{images, cifar10_normalization(), Augmentation{}}, {.epochs = 200});
///     trainer.evaluate(ImageSamples{unseen, cifar10_normalization()});
class ImageSamples {
 public:
  /// Images as they are, in every epoch.
  ///
  /// \param images         what to look at
  /// \param normalization  a mean and a deviation a channel
  /// \throws ValueError     for images whose parts don't fit together, a normalization for another number of channels,
  ///                        a mean that isn't finite, or a deviation that isn't finite and more than 0
  ImageSamples(const ImageSet& images, const Normalization& normalization)
      : ImageSamples(images, normalization, Augmentation{.flip = 0, .padding = 0}) {}

  /// Images that are changed by chance in training.
  ///
  /// \throws ValueError  as above, and for a flip outside [0, 1] or a padding below 0 or beyond the shorter side
  ImageSamples(const ImageSet& images, const Normalization& normalization, const Augmentation& augmentation)
      : features_per_sample{detail::check_parts(images)},
        classes{images.classes},
        images_{&images},
        augmentation_{augmentation} {
    const int side = std::min(images.height, images.width);
    if (!(augmentation.flip >= 0 && augmentation.flip <= 1)) {
      throw ValueError("flip", "a probability in [0, 1]", std::to_string(augmentation.flip));
    }
    if (augmentation.padding < 0 || augmentation.padding > side) {
      throw ValueError("padding", "pixels in [0, " + std::to_string(side) + "]", std::to_string(augmentation.padding));
    }
    fill_values(normalization);
  }

  ImageSamples(ImageSet&&, const Normalization&) = delete;                       ///< the set would be gone
  ImageSamples(ImageSet&&, const Normalization&, const Augmentation&) = delete;  ///< the set would be gone

  int features_per_sample;  ///< height x width x channels
  int classes;              ///< how many classes there are

  /// How many images there are.
  std::size_t size() const noexcept { return images_->size(); }
  /// The class of image i.
  int label(std::size_t i) const noexcept { return images_->labels[i]; }
  /// Roughly, for a processor of 3 GHz.
  double nanoseconds_per_sample() const noexcept { return 0.5 * features_per_sample; }

  /// Image i as it is, normalised.
  template <class T>
  void read(std::size_t i, std::span<T> into) const {
    write(i, {}, into);
  }

  /// Image i as that epoch sees it: a function of i, seed and epoch alone.
  template <class T>
  void draw(std::size_t i, Seed seed, int epoch, std::span<T> into) const {
    write(i, look(i, seed, epoch), into);
  }

 private:
  /// How an image is looked at.
  struct Look {
    bool flipped = false;
    int down = 0, right = 0;  ///< of the cut within the image, in [-padding, padding]
  };
  /// `count` neighbours, each `step` beside the one before.
  struct Run {
    int first = 0, step = 1, count = 0;
  };

  /// A byte has 256 values: a table is as fast as arithmetic, and exact.
  void fill_values(const Normalization& normalization) {
    const auto channels = static_cast<std::size_t>(images_->channels);
    const auto check = [&](const char* argument, const std::vector<float>& numbers, const char* wanted,
                           const auto& good) {
      if (numbers.size() != channels) {
        throw ValueError(argument, std::to_string(channels) + " numbers, one a channel",
                         std::to_string(numbers.size()));
      }
      for (const float number : numbers) {
        if (!good(number)) throw ValueError(argument, wanted, std::to_string(number));
      }
    };
    check("mean", normalization.mean, "finite numbers", [](float x) { return std::isfinite(x); });
    check("deviation", normalization.deviation, "finite numbers above 0",
          [](float x) { return std::isfinite(x) && x > 0; });
    values_.reserve(256 * channels);
    for (std::size_t c = 0; c < channels; ++c) {
      for (int v = 0; v < 256; ++v) {
        values_.push_back((static_cast<float>(v) - normalization.mean[c]) / normalization.deviation[c]);
      }
    }
  }

  Look look(std::size_t i, Seed seed, int epoch) const {
    const auto bits = Random{seed, name_hash("augmentation")}.bits(i, static_cast<std::uint64_t>(epoch));
    const auto shifts = static_cast<std::uint64_t>(2 * augmentation_.padding + 1);
    const auto shift = [&](std::uint32_t b) { return static_cast<int>((b * shifts) >> 32) - augmentation_.padding; };
    return {Random::uniform(bits[0]) < augmentation_.flip, shift(bits[1]), shift(bits[2])};
  }

  /// The places that [0, size) shows when it is shifted and mirrored where it ends, as runs of neighbours. Mirroring
  /// comes first, so that flipping only turns every run round.
  static std::array<Run, 3> runs(int size, int shift, bool flipped) {
    const int before = std::max(0, -shift), after = std::max(0, shift);
    std::array<Run, 3> three{Run{before - 1, -1, before}, Run{after, 1, size - before - after},
                             Run{size - 1, -1, after}};
    if (flipped) {
      for (Run& run : three) run = {size - 1 - run.first, -run.step, run.count};
    }
    return three;
  }

  template <class T>
  void write(std::size_t i, const Look& look, std::span<T> into) const {
    const std::uint8_t* image = images_->image(i).data();
    const auto columns = runs(images_->width, look.right, look.flipped);
    const auto line = static_cast<std::ptrdiff_t>(images_->width) * images_->channels;
    T* to = into.data();
    for (const Run& rows : runs(images_->height, look.down, false)) {
      for (int y = 0; y < rows.count; ++y) {
        const std::uint8_t* row = image + (rows.first + y * rows.step) * line;
        for (const Run& run : columns) to = write_run(row, run, to);
      }
    }
  }

  /// Writes neighbours of a row and returns the place behind them. How many channels there are is settled before the
  /// loop over pixels.
  template <class T>
  T* write_run(const std::uint8_t* row, const Run& run, T* to) const {
    const auto write_pixels = [&](auto channels) {
      const std::ptrdiff_t wide = channels;
      const std::uint8_t* pixel = row + run.first * wide;
      const float* values = values_.data();
      for (int x = 0; x < run.count; ++x, pixel += run.step * wide) {
        for (std::ptrdiff_t c = 0; c < wide; ++c) *to++ = static_cast<T>(values[256 * c + pixel[c]]);
      }
      return to;
    };
    switch (images_->channels) {
      case 1:
        return write_pixels(std::integral_constant<int, 1>{});
      case 3:
        return write_pixels(std::integral_constant<int, 3>{});
      default:
        return write_pixels(images_->channels);
    }
  }

  const ImageSet* images_;
  Augmentation augmentation_;
  std::vector<float> values_;  ///< channels x 256: what each byte becomes
};

}  // namespace rocket
