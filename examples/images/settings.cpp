#include "images/settings.hpp"

#include <rocket/core/parallel.hpp>
#include <rocket/data/fashion_mnist.hpp>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>

namespace {

template <class Choices>
std::vector<std::string> words(const Choices& choices) {
  std::vector<std::string> all;
  for (const auto& choice : choices) all.push_back(choice.word);
  return all;
}

/// An option that is one of the choices.
template <class Choices, class Value>
void add_choice(CLI::App& app, const char* name, const Choices& choices, Value& value, const std::string& text) {
  app.add_option_function<std::string>(
         name,
         [&choices, &value](const std::string& given) {
           for (const auto& choice : choices)
             if (given == choice.word) value = choice.value;
         },
         text)
      ->check(CLI::IsMember(words(choices)))
      ->default_str(word(value));
}

[[noreturn]] void refuse(const std::string& option, const std::string& why) { throw CLI::ValidationError(option, why); }

void read_modes(Settings& settings, const std::vector<std::string>& given) {
  settings.modes.clear();
  for (const std::string& mode : given) {
    if (std::count(given.begin(), given.end(), mode) > 1) refuse("--mode", mode + " stands there twice");
    for (const auto& choice : mode_choices)
      if (mode == choice.word) settings.modes.push_back(choice.value);
  }
}

/// The epochs of a schedule that is none of the words.
void read_drops(Settings& settings) {
  const std::string& given = settings.schedule;
  if (given == "paper" || given == "constant" || given == "cosine") return;
  for (const char *at = given.data(), *end = at + given.size();; ++at) {
    double epoch = 0;
    const auto [after, error] = std::from_chars(at, end, epoch);
    if (error != std::errc{} || (after != end && *after != ','))
      refuse("--schedule", "expected paper, constant, cosine or epochs like 60,120,160, found " + given);
    if (!(epoch > 0 && epoch < settings.epochs))
      refuse("--schedule", "a drop must lie within the " + std::to_string(settings.epochs) + " epochs");
    if (!settings.drops.empty() && epoch <= settings.drops.back()) refuse("--schedule", "drops must increase");
    settings.drops.push_back(epoch);
    if (after == end) return;
    at = after;
  }
}

/// What can't be had together, or would be without effect, is refused, not replaced.
void check_together(const CLI::App& app, const Settings& settings) {
  if (is_bottom(settings.sharing) && settings.wants(Mode::at))
    refuse("--mode at", "needs as many groups in both nets; the light net of bottom has one less");
  const bool touches_shared = settings.block == Block::booster_parameters || settings.block == Block::light_input;
  if (!shares(settings.sharing) && touches_shared)
    refuse(std::string{"--block "} + word(settings.block),
           "is about shared parameters; where nothing is shared there are logits and none");
  const auto check_use = [&](const char* option, bool (*takes)(Mode)) {
    if (app.count(option) == 0 || settings.any(takes)) return;
    std::string users;
    for (const auto& choice : mode_choices)
      if (takes(choice.value)) users += (users.empty() ? "" : ", ") + std::string{choice.word};
    refuse(option, "is nothing to the chosen modes; it is for " + users);
  };
  check_use("--hint", takes_hint);
  check_use("--hint-weight", takes_hint);
  check_use("--block", takes_block);
  if (settings.summary && !settings.curve.empty())
    refuse("--curve", "has no rows where --summary trains nothing; ask for one of the two");
  if (settings.summary && !settings.checkpoints.empty())
    refuse("--checkpoints", "has no runs where --summary trains nothing; ask for one of the two");
  if (!settings.checkpoints.empty() && settings.profile)
    refuse("--profile", "measures runs from their beginning, --checkpoints takes them up; ask for one of the two");
  if (settings.summary && settings.profile)
    refuse("--profile", "has no steps where --summary trains nothing; ask for one of the two");
}

/// What is compared.
void add_choices(CLI::App& app, Settings& settings) {
  add_choice(app, "--data", data_choices, settings.data, "what to learn");
  app.add_option("--data-dir", settings.directory,
                 "folder with the files that examples/images/download fetches (default: data; of fashion-mnist the one "
                 "of the Debian package)");
  add_choice(app, "--sharing", sharing_choices, settings.sharing,
             "what the nets share: the first blocks of every group, the first groups, or nothing");
  app.add_option_function<std::vector<std::string>>(
         "--mode", [&settings](const std::vector<std::string>& given) { read_modes(settings, given); },
         "ways of training, separated by commas (default: base,rocket-no-hint,rocket)")
      ->delimiter(',')
      ->check(CLI::IsMember(words(mode_choices)));
  add_choice(app, "--hint", hint_choices, settings.hint, "how the light net is drawn to the booster");
  app.add_option("--hint-weight", settings.hint_weight,
                 "weight of the hint (default: 0.03 for logit-mse, which is the paper's; the others' were chosen by "
                 "hold-out on the digits' dense nets, not on images)")
      ->check(CLI::NonNegativeNumber);
  add_choice(app, "--block", block_choices, settings.block, "what the hint's gradient may not touch");
  app.add_option("--width", settings.width, "k of WRN-16-k and WRN-40-k (fashion-mnist: WRN-10-k, WRN-22-k)")
      ->check(CLI::IsMember({1, 2}))
      ->capture_default_str();
}

/// How much, how fast, how often.
void add_amounts(CLI::App& app, Settings& settings) {
  app.add_option("--epochs", settings.epochs, "passes over the samples")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  app.add_option("--schedule", settings.schedule,
                 "paper (drops at the paper's fractions of the epochs; of svhn, for which it names no total: 20/40/60 "
                 "of an assumed 80 epochs), constant, cosine, or the epochs of the drops: 60,120,160")
      ->capture_default_str();
  app.add_option("--batch", settings.batch, "samples in a step")->check(CLI::Range(2, 100000))->capture_default_str();
  app.add_option("--rate", settings.rate, "learning rate (default: the recipe's)")->check(CLI::PositiveNumber);
  app.add_option("--weight-decay", settings.weight_decay, "of all parameters (default: the recipe's)")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--seed", settings.seed, "the first seed")->check(CLI::Range(0, 1000000000))->capture_default_str();
  app.add_option("--seeds", settings.seeds, "how often to repeat everything, each time with the next seed")
      ->check(CLI::Range(1, 10000))
      ->capture_default_str();
  app.add_option("--samples", settings.samples, "train on so many, chosen at random by the seed (default: all)")
      ->check(CLI::Range(2, 10000000));
  app.add_option("--test-samples", settings.test_samples, "test on so many, chosen at random (default: all)")
      ->check(CLI::Range(1, 10000000));
  app.add_option("--threads", settings.threads, "threads of a step; results don't depend on them")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
}

/// What is shown and written.
void add_outputs(CLI::App& app, Settings& settings) {
  app.add_option("--json", settings.json, "write all runs to this file");
  app.add_option("--curve", settings.curve, "write a row an epoch to this file, as CSV");
  app.add_option("--checkpoints", settings.checkpoints,
                 "keep every run in a folder of its own in this one, saved every other minute, and go on with those "
                 "that are there: the same command takes up what was interrupted");
  app.add_flag("--summary", settings.summary, "show the nets layer by layer and what they cost; train nothing");
  app.add_flag("--profile", settings.profile,
               "after each run show where the time of a step went, layer by layer (also in --json)");
  app.add_flag("--quiet", settings.quiet, "show no epochs and no progress");
}

}  // namespace

Settings read_command_line(int argc, char** argv) {
  Settings settings;
  settings.threads = rocket::available_threads();
  for (int i = 0; i < argc; ++i) settings.command += (i == 0 ? "" : " ") + std::string{argv[i]};
  CLI::App app{
      "Trains wide residual nets on images, a light one alone and launched with a booster, as the paper does."};
  add_choices(app, settings);
  add_amounts(app, settings);
  add_outputs(app, settings);
  try {
    app.parse(argc, argv);
    read_drops(settings);
    check_together(app, settings);
  } catch (const CLI::ParseError& error) {
    std::exit(app.exit(error));
  }
  if (settings.directory.empty())
    settings.directory = settings.data == Data::fashion_mnist ? rocket::fashion_mnist_directory : "data";
  return settings;
}
