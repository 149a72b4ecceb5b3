#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "support/profile.hpp"

/// \file
/// What an experiment found out: the contents of its table and of its JSON file.

namespace support {

/// What a net was like after an epoch: a row of the learning curve. None where a run has no such net, loss or hint.
struct Epoch {
  int epoch = 0;                                                 ///< from 1
  double rate = 0;                                               ///< learning rate of its last step
  std::optional<double> light_loss, booster_loss;                ///< cross-entropy of the images trained on
  std::optional<double> hint_loss, teacher_loss;                 ///< of the same, before they are weighed
  std::optional<double> light_train_error, booster_train_error;  ///< fractions
  std::optional<double> light_test_error, booster_test_error;    ///< fractions
  std::optional<double> agreement;                               ///< fraction of the test part
  double seconds = 0;                                            ///< of training
  std::optional<double> distance;  ///< || light - booster ||^2 of test images' logits: sum over classes, mean
};

/// How often which row met which column: classes x classes.
using Counts = std::vector<std::vector<long>>;

/// Numbers at positions of an image, row by row, channels innermost, as levels from 0 to 255.
struct Raster {
  int height = 0, width = 0, channels = 1;
  std::vector<std::uint8_t> levels;
};

/// An image of the test part and what the groups of two nets make of it.
struct ShownImage {
  std::size_t index = 0;                            ///< in the test part
  int label = 0, light_says = 0, booster_says = 0;  ///< classes
  Raster pixels;
  /// Attention maps, group by group: means of squares over the channels, 255 for the largest of its map.
  std::vector<Raster> light, booster;
};

/// One variant, trained once.
struct Run {
  std::string variant;
  int seed = 0;
  std::optional<double> light_error;  ///< fraction of the test part after the last epoch; none: no such net
  std::optional<double> booster_error;
  double seconds = 0;                ///< of training
  std::uint64_t checksum = 0;        ///< of the final parameters' bits
  std::optional<Profile> profile{};  ///< if it was asked for
  std::vector<Epoch> epochs{};       ///< the learning curve, if it was kept
  /// What was decided on the test part after the last epoch, by the names of rows and columns: label_light,
  /// label_booster, light_booster.
  std::map<std::string, Counts> confusion{};
  std::vector<ShownImage> maps{};  ///< of a pair
  std::map<std::string, double> measures{};  ///< other metrics of the test part, by their names: light_auc
};

/// What a net costs.
struct NetFacts {
  std::size_t parameters = 0;
  std::optional<long> multiply_adds;           ///< a sample
  std::optional<double> microseconds;          ///< a sample, one by one, on one thread
  std::optional<std::size_t> workspace_bytes;  ///< of a training step
};

/// What a run was computed on.
struct Machine {
  std::string processor;  ///< as the system calls it
  int cores = 0;          ///< hardware threads; 0: the system doesn't say
  std::string compiler;
  std::string simd;  ///< the width of a register: "512 bits"
};

struct Results {
  std::string example;
  std::string data;
  int threads = 1;
  int epochs = 0;
  std::vector<Run> runs;
  std::map<std::string, NetFacts> nets;           ///< light, booster, joint
  std::map<std::string, std::string> settings{};  ///< what else was chosen
  std::vector<std::string> classes{};             ///< their names, if they have some
};

}  // namespace support
