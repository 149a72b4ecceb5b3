#pragma once
#include <rocket/train/layer_times.hpp>

#include <string>
#include <vector>

namespace support {

/// Where the time of training steps went.
struct Profile {
  rocket::LayerTimes times;
  std::vector<rocket::TimedLayer> layers;  ///< the same times of the layers, with their names
};

/// What a step does besides layers, named as in LayerTimes, and the seconds it took in all steps.
struct StepPart {
  const char* name;
  double seconds;
};
std::vector<StepPart> parts_of(const rocket::LayerTimes& times);

/// Prints what a step takes on average: layer by layer, kind by kind, and the rest.
/// \param run  its heading: "rocket seed 1"
void print_profile(const std::string& run, const Profile& profile);

}  // namespace support
