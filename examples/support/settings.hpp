#pragma once
#include <optional>
#include <string>
#include <vector>

namespace support {

/// The command line that every experiment understands.
struct Settings {
  std::string data;
  int seeds = 10;
  std::optional<int> epochs;          ///< none: the recipe's
  std::optional<int> samples;         ///< size of the training part; none: the recipe's
  int threads = 1;                    ///< runs at the same time, each on one thread
  std::vector<std::string> variants;  ///< empty: all
  bool quiet = false;                 ///< no progress line
  std::string json;                   ///< file to write; empty: none
  bool hold_out = false;  ///< test on a quarter of the training part, with other seeds: for choosing amounts
  std::optional<double> rate, weight_decay, hint_weight;  ///< none: the recipe's
};

/// Reads the command line; on --help or a mistake prints what there is to print and ends the program.
/// \param data, variants the words that are allowed, the first of `data` being the default
Settings read_command_line(int argc, char** argv, const std::string& description, const std::vector<std::string>& data,
                           const std::vector<std::string>& variants);

}  // namespace support
