#include "images/run.hpp"

#include <algorithm>
#include <cstdio>

#include "images/maps.hpp"
#include "images/nets.hpp"
#include "images/parts.hpp"
#include "support/format.hpp"

namespace {

support::Results results_for(const Settings& settings) {
  const Recipe recipe = recipe_for(settings);
  support::Results results{"images", word(settings.data), settings.threads, settings.epochs, {}, {}};
  results.settings = amounts(recipe);
  results.classes = class_names(settings.data);
  results.settings.insert({{"sharing", word(settings.sharing)},
                           {"hint", word(settings.hint)},
                           {"block", word(settings.block)},
                           {"width", std::to_string(settings.width)},
                           {"batch", std::to_string(settings.batch)},
                           {"schedule", settings.schedule},
                           {"recipe", describe(settings, recipe)},
                           {"command", settings.command}});
  return results;
}

std::string spell(const rocket::Shape& shape) {
  std::string text;
  for (int i = 0; i < shape.rank; ++i) {
    if (i > 0) text += 'x';
    text += std::to_string(shape.extent[i]);
  }
  return text;
}

void print_nets(const Settings& settings, const Nets& nets, const std::map<std::string, support::NetFacts>& facts) {
  std::printf("light %s, booster %s, sharing %s\n", nets.light.c_str(), nets.booster.c_str(), word(settings.sharing));
  for (const char* name : {"light", "booster", "joint"}) {
    const support::NetFacts& net = facts.at(name);
    std::printf("  %-8s %9zu parameters  %6.1f M multiply-adds an image  %6.0f MB of workspace for a step on %d\n",
                name, net.parameters, static_cast<double>(net.multiply_adds.value_or(0)) / 1e6,
                static_cast<double>(net.workspace_bytes.value_or(0)) / 1e6, settings.batch);
  }
}

/// Asked for, in the order of choices.hpp; and the booster before all that learn from it.
std::vector<Mode> plan(const Settings& settings) {
  std::vector<Mode> modes;
  for (const auto& choice : mode_choices)
    if (settings.wants(choice.value)) modes.push_back(choice.value);
  if (settings.any(needs_teacher) && !settings.wants(Mode::booster))
    modes.insert(std::find_if(modes.begin(), modes.end(), needs_teacher), Mode::booster);
  return modes;
}

/// The folder of a run, named after what is compared; empty where no run is kept.
std::string folder_of(const Settings& settings, Mode mode, rocket::Seed seed) {
  if (settings.checkpoints.empty()) return {};
  std::string name = std::string{word(settings.data)} + '-' + word(settings.sharing) + "-width-" +
                     std::to_string(settings.width) + '-' + word(mode);
  if (takes_hint(mode)) name.append("-").append(word(settings.hint));
  if (takes_block(mode)) name.append("-block-").append(word(settings.block));
  return settings.checkpoints + '/' + name + "-seed-" + std::to_string(seed.value);
}

Work work_of(Mode mode, const std::map<std::string, support::NetFacts>& facts, std::size_t tested) {
  const auto cost = [&](const char* net) { return static_cast<double>(facts.at(net).multiply_adds.value_or(0)); };
  const bool pair = trains_light(mode) && trains_booster(mode);
  const double ahead = cost(pair ? "joint" : trains_light(mode) ? "light" : "booster");
  return {3 * ahead + (needs_teacher(mode) ? cost("booster") : 0), ahead * static_cast<double>(tested)};
}

/// Adds how the files can be had.
Parts read_parts_or_say_how_to_get_them(const Settings& settings) {
  try {
    return read_parts(settings);
  } catch (const rocket::FileError& error) {
    const bool missing = error.path() == settings.directory;  // no file is at fault, but the folder
    const bool cifar = settings.data == Data::cifar10 || settings.data == Data::cifar100;
    const std::string file = cifar ? error.path().substr(0, error.path().rfind('/')) : error.path();
    const std::string fetch =
        settings.data == Data::fashion_mnist
            ? std::string{"apt install "} + (missing ? "" : "--reinstall ") + "dataset-fashion-mnist (Debian)"
            : support::format("sh examples/images/download %s %s", word(settings.data), settings.directory.c_str());
    throw rocket::Error(std::string{error.what()} + '\n' +
                        (missing ? fetch + " fetches what is missing; --data-dir says where it is"
                                 : "remove " + file + " and fetch it again: " + fetch));
  }
}

}  // namespace

support::Results summarize(const Settings& settings) {
  support::Results results = results_for(settings);
  const Nets nets = nets_for(settings);
  results.nets = nets.facts(settings.block, settings.batch, false);
  std::printf("%-8s %-30s %-18s %-10s %-10s %6s %10s %10s %14s\n", "part", "name", "layer", "input", "output", "copies",
              "parameters", "shared", "multiply-adds");
  for (const rocket::LayerRow& row : nets.layers())
    std::printf("%-8s %-30s %-18s %-10s %-10s %6d %10zu %10zu %14ld\n", row.part.c_str(), row.name.c_str(),
                std::string{row.layer}.c_str(), spell(row.input).c_str(), spell(row.output).c_str(), row.copies,
                row.parameters, row.shared, row.multiply_adds);
  std::printf("\n");
  print_nets(settings, nets, results.nets);
  return results;
}

support::Results run_all(const Settings& settings) {
  support::Results results = results_for(settings);
  const Parts parts = read_parts_or_say_how_to_get_them(settings);
  const Nets nets = nets_for(settings);
  const Recipe recipe = recipe_for(settings);
  const auto facts = nets.facts(settings.block, settings.batch, false);
  const std::vector<Mode> modes = plan(settings);
  const std::size_t images = settings.samples ? static_cast<std::size_t>(*settings.samples) : parts.train.size();
  double all_work = 0;
  for (const Mode mode : modes) {
    const Work work = work_of(mode, facts, parts.test.size());
    all_work += (work.image * static_cast<double>(images) + work.test) * settings.epochs * settings.seeds;
  }
  Journal journal{settings, all_work};
  results.settings.insert({{"samples", std::to_string(images)}, {"test_samples", std::to_string(parts.test.size())}});

  std::printf("%s: %zu images to train on, %zu to test on\n", word(settings.data), images, parts.test.size());
  print_nets(settings, nets, facts);
  std::printf("%s; %d threads\n\n", describe(settings, recipe).c_str(), settings.threads);
  std::fflush(stdout);

  const rocket::ImageSamples test{parts.test, parts.normalization};
  const std::vector<support::ShownImage> shown = first_of_classes(parts.test, 4);
  for (int s = 0; s < settings.seeds; ++s) {
    const rocket::Seed seed{settings.seed + static_cast<std::uint64_t>(s)};
    rocket::ImageSet some;
    if (settings.samples) some = some_of(parts.train, *settings.samples, seed);
    const rocket::ImageSamples train{settings.samples ? some : parts.train, parts.normalization, parts.augmentation};
    Numbers booster;
    for (const Mode mode : modes) {
      const Work work = work_of(mode, facts, parts.test.size());
      Settings own = settings;
      own.modes = {mode};
      const std::string description = support::format("%s; %zu images, tested on %zu", describe(own, recipe).c_str(),
                                                      train.size(), test.size());
      Outcome outcome = nets.train({mode, seed, settings, recipe, train, test, shown, &booster, work, journal,
                                    folder_of(settings, mode, seed), description});
      if (outcome.run.profile)
        support::print_profile(support::format("%s seed %d", outcome.run.variant.c_str(), outcome.run.seed),
                               *outcome.run.profile);
      if (mode == Mode::booster) booster = std::move(outcome.numbers);
      results.runs.push_back(outcome.run);
    }
  }
  results.nets = nets.facts(settings.block, settings.batch, true);
  return results;
}
