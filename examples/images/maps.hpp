#pragma once
#include <rocket/data/image_samples.hpp>
#include <rocket/data/image_set.hpp>
#include <rocket/kernels/softmax.hpp>
#include <rocket/net/inference_workspace.hpp>

#include <utility>
#include <vector>

#include "support/run.hpp"

/// What a net makes of an image: its decision, and its attention maps, group by group.
struct Attention {
  int says = 0;
  std::vector<support::Raster> maps;
};

/// The first image of each of the first classes that the set comes upon, `count` at most, without maps.
std::vector<support::ShownImage> first_of_classes(const rocket::ImageSet& images, std::size_t count);

/// A map as levels; what isn't a number, or below 0, is 0.
support::Raster raster_of(std::span<const float> map, int height, int width);

/// \tparam Net  one whose only head shows attention maps
template <class Net>
Attention attention(const Net& net, const rocket::ImageSamples& images, std::size_t index,
                    rocket::InferenceWorkspace<Net>& workspace) {
  std::vector<float> row(static_cast<std::size_t>(images.features_per_sample));
  images.read(index, std::span{row});
  workspace.forward(net, row);
  constexpr auto shapes = Net::template side_shapes<0>;
  return [&]<std::size_t... K>(std::index_sequence<K...>) {
    return Attention{
        rocket::kernels::argmax(workspace.logits()[0]),
        {raster_of(workspace.template side_output<0, K>()[0], shapes[K].extent[0], shapes[K].extent[1])...}};
  }
  (std::make_index_sequence<shapes.size()>{});
}

/// Adds what light net and booster make of the images.
template <class Light, class Booster>
std::vector<support::ShownImage> with_maps(std::vector<support::ShownImage> shown, const rocket::ImageSamples& images,
                                           const Light& light, const Booster& booster) {
  rocket::InferenceWorkspace<Light> of_light{1};
  rocket::InferenceWorkspace<Booster> of_booster{1};
  for (support::ShownImage& image : shown) {
    Attention by_light = attention(light, images, image.index, of_light);
    Attention by_booster = attention(booster, images, image.index, of_booster);
    image.light_says = by_light.says;
    image.booster_says = by_booster.says;
    image.light = std::move(by_light.maps);
    image.booster = std::move(by_booster.maps);
  }
  return shown;
}
