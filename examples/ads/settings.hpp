#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "ads/recipe.hpp"

namespace ads {

/// The command line.
struct Settings {
  std::string train, test;            ///< files
  std::string format = "libfm";       ///< of both
  std::size_t rows = 50'000;          ///< of each table of Criteo's ids
  std::string preset = "small";       ///< of nets
  int seeds = 5;                      ///< how often to repeat everything
  int threads = 1;                    ///< seeds at the same time, each on one thread
  std::vector<std::string> variants;  ///< empty: all
  bool hold_out = false;              ///< test on a quarter of the training part, with other seeds
  bool quiet = false;                 ///< no progress line
  std::string json;                   ///< file to write; empty: none
  Recipe recipe{};
};

/// Reads the command line; on --help or a mistake prints what there is to print and ends the program.
/// \param presets, variants  the words that are allowed
Settings read_command_line(int argc, char** argv, const std::vector<std::string>& presets,
                           const std::vector<std::string>& variants);

}  // namespace ads
