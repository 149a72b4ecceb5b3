#include "ads/settings.hpp"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <optional>

namespace ads {

Settings read_command_line(int argc, char** argv, const std::vector<std::string>& presets,
                           const std::vector<std::string>& variants) {
  Settings settings;
  std::optional<double> hint_weight;
  CLI::App app{
      "Ranks what users are shown: trains a light net alone and launched with a booster on a log of clicks, and "
      "shows what the booster was worth."};
  app.add_option("--train", settings.train, "log to train on, plain or packed by gzip")
      ->required()
      ->check(CLI::ExistingFile);
  app.add_option("--test", settings.test, "log to test on; the training part is not looked at again")
      ->required()
      ->check(CLI::ExistingFile);
  app.add_option("--format", settings.format,
                 "of both logs: libsvm, libfm or libffm, which mean the same, since each line says whether it is "
                 "index:value, one feature a field, at most ten, or field:index:value; the first field is the user. Or "
                 "criteo (label, 13 counts, 26 ids, with tabs between them), whose nets are the small ones and have no "
                 "GAUC")
      ->check(CLI::IsMember({"libfm", "libsvm", "libffm", "criteo"}))
      ->capture_default_str();
  const CLI::Option* rows =
      app.add_option("--rows", settings.rows, "rows of each of criteo's 26 tables, to which ids are hashed")
          ->check(CLI::Range(std::size_t{1}, std::size_t{100'000'000}))
          ->capture_default_str();
  app.add_option("--preset", settings.preset, "which nets; table5 are the paper's")
      ->check(CLI::IsMember(presets))
      ->capture_default_str();
  app.add_option("--seeds", settings.seeds, "how often to repeat everything")
      ->check(CLI::Range(1, 10000))
      ->capture_default_str();
  app.add_option("--epochs", settings.recipe.epochs, "how long to train")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  app.add_option("--rate", settings.recipe.rate, "learning rate")->check(CLI::PositiveNumber)->capture_default_str();
  app.add_option("--weight-decay", settings.recipe.weight_decay, "weight decay, of rows only while they are used")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_option("--hint-weight", hint_weight, "weight of the hint or of the teacher, for all variants")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--threads", settings.threads, "seeds at the same time, each on one thread")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  app.add_option("--variants", settings.variants, "which ones, separated by commas (default: all)")
      ->delimiter(',')
      ->check(CLI::IsMember(variants));
  app.add_flag(
      "--hold-out", settings.hold_out,
      "train on three quarters of the training part and test on the rest, with other seeds: for choosing amounts");
  app.add_flag("--quiet", settings.quiet, "no progress line");
  app.add_option("--json", settings.json, "write all runs to this file");
  try {
    app.parse(argc, argv);
    if (settings.format == "criteo" && settings.preset != "small")
      throw CLI::ValidationError{"--preset", "criteo has small nets only"};
    if (settings.format != "criteo" && rows->count() > 0)
      throw CLI::ValidationError{"--rows", "only criteo's ids are hashed; tables of other logs have a row for each id"};
  } catch (const CLI::ParseError& error) {
    std::exit(app.exit(error));
  }
  if (hint_weight) settings.recipe.hints.set_all(*hint_weight);
  return settings;
}

}  // namespace ads
