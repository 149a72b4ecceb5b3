#include "support/settings.hpp"

#include <CLI/CLI.hpp>
#include <cstdlib>

namespace support {

Settings read_command_line(int argc, char** argv, const std::string& description, const std::vector<std::string>& data,
                           const std::vector<std::string>& variants) {
  Settings settings;
  settings.data = data.front();
  CLI::App app{description};
  app.add_option("--data", settings.data, "what to learn")->check(CLI::IsMember(data))->capture_default_str();
  app.add_option("--seeds", settings.seeds, "how often to repeat everything")
      ->check(CLI::Range(1, 10000))
      ->capture_default_str();
  app.add_option("--epochs", settings.epochs, "how long to train (default: as long as the recipe says)")
      ->check(CLI::Range(1, 100000));
  app.add_option("--samples", settings.samples, "size of the training part (default: as the recipe says)")
      ->check(CLI::Range(40, 1000000));
  app.add_option("--threads", settings.threads, "runs at the same time, each on one thread")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  app.add_option("--variants", settings.variants, "which ones, separated by commas (default: all)")
      ->delimiter(',')
      ->check(CLI::IsMember(variants));
  app.add_flag("--quiet", settings.quiet, "no progress line");
  app.add_option("--json", settings.json, "write all runs to this file");
  app.add_flag(
      "--hold-out", settings.hold_out,
      "train on three quarters of the training part and test on the rest, with other seeds: for choosing amounts");
  app.add_option("--rate", settings.rate, "learning rate, for all variants")->check(CLI::PositiveNumber);
  app.add_option("--weight-decay", settings.weight_decay, "weight decay, for all variants")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--hint-weight", settings.hint_weight, "weight of the hint or of the teacher, for all variants")
      ->check(CLI::NonNegativeNumber);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::exit(app.exit(error));
  }
  return settings;
}

}  // namespace support
