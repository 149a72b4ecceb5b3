#pragma once
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "images/choices.hpp"

/// What the command line says.
struct Settings {
  Data data = Data::cifar10;
  std::string directory;  ///< of its files
  Sharing sharing = Sharing::interval;
  std::vector<Mode> modes{Mode::base, Mode::rocket_no_hint, Mode::rocket};
  HintKind hint = HintKind::logit_mse;
  std::optional<double> hint_weight;  ///< none: the hint's own
  Block block = Block::logits;
  int width = 1;
  int epochs = 10;
  std::string schedule = "paper";  ///< or constant, cosine, or the text of `drops`
  std::vector<double> drops;       ///< epochs after which the rate falls, in the place of a schedule
  int batch = 128;
  std::uint64_t seed = 1;  ///< the first
  int seeds = 1;
  std::optional<int> samples;                ///< to train on, chosen at random by each seed; none: all
  std::optional<int> test_samples;           ///< to test on, the same for all seeds; none: all
  std::optional<double> rate, weight_decay;  ///< none: the recipe's
  int threads = 1;                           ///< of a step
  std::string json, curve;                   ///< files to write; empty: none
  std::string checkpoints;                   ///< folder to keep runs in; empty: none
  bool summary = false;                      ///< show the nets and train nothing
  bool profile = false;                      ///< show where the time of a step goes
  bool quiet = false;                        ///< no progress, no epochs
  std::string command;                       ///< the line itself

  bool wants(Mode mode) const { return std::count(modes.begin(), modes.end(), mode) > 0; }
  /// Whether one of the modes does so: takes_hint, takes_block, needs_teacher.
  bool any(bool (*does)(Mode)) const { return std::any_of(modes.begin(), modes.end(), does); }
};

/// Reads the command line; on --help or a mistake prints what there is to print and ends the program.
Settings read_command_line(int argc, char** argv);
