#pragma once
#include <rocket/data/image_samples.hpp>
#include <rocket/net/workspace.hpp>

#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "support/run.hpp"

/// What the heads of a net do on the test part; none: no such head, or no second one.
struct Tested {
  std::optional<double> light_error, booster_error;  ///< fractions
  std::optional<double> agreement;                   ///< fraction of the images on which both say the same
  std::optional<double> distance;  ///< of their logits: || light - booster ||^2, a sum over classes, a mean over images
  std::map<std::string, support::Counts> confusion{};  ///< as in support::Run
};

/// What a head says about images: a row of logits each.
struct HeadLogits {
  std::string_view head;  ///< light or booster
  std::vector<float> numbers;
};

/// Counts what there is to count.
/// \param logits  of one head or two, the light one first
Tested test(const rocket::ImageSamples& images, const std::vector<HeadLogits>& logits);

/// All heads on all images as they are, a batch of the workspace's capacity at a time.
template <class Net>
std::vector<HeadLogits> logits_of(const Net& net, const rocket::ImageSamples& images,
                                  rocket::InferenceWorkspace<Net>& workspace, int threads) {
  const auto width = static_cast<std::size_t>(images.features_per_sample);
  const auto capacity = static_cast<std::size_t>(workspace.capacity());
  std::vector<float> rows(capacity * width);
  std::vector<HeadLogits> logits;
  for (const std::string_view head : Net::head_names) logits.push_back({head, {}});
  for (std::size_t begin = 0; begin < images.size(); begin += capacity) {
    const std::size_t count = std::min(images.size() - begin, capacity);
    for (std::size_t i = 0; i < count; ++i) images.read(begin + i, std::span{rows}.subspan(i * width, width));
    workspace.forward(net, rows.data(), static_cast<int>(count), threads);
    const auto append = [&]<std::size_t H>(std::integral_constant<std::size_t, H>) {
      for (int i = 0; i < static_cast<int>(count); ++i) {
        const auto row = workspace.template logits<H>()[i];
        logits[H].numbers.insert(logits[H].numbers.end(), row.begin(), row.end());
      }
    };
    append(std::integral_constant<std::size_t, 0>{});
    if constexpr (Net::heads > 1) append(std::integral_constant<std::size_t, 1>{});
  }
  return logits;
}
