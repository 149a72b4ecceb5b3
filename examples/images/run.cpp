#include "images/run.hpp"

#include <algorithm>
#include <cstdio>

#include "images/nets.hpp"
#include "images/parts.hpp"

namespace {

support::Results results_for(const Settings& settings) {
  support::Results results{"images", word(settings.data), settings.threads, settings.epochs, {}, {}};
  results.settings = {{"sharing", word(settings.sharing)},
                      {"hint", word(settings.hint)},
                      {"block", word(settings.block)},
                      {"recipe", describe(settings, recipe_for(settings))},
                      {"command", settings.command}};
  return results;
}

std::string spell(const rocket::Shape& shape) {
  std::string text;
  for (int i = 0; i < shape.rank; ++i) text += (i == 0 ? "" : "x") + std::to_string(shape.extent[i]);
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
    if (std::count(settings.modes.begin(), settings.modes.end(), choice.value)) modes.push_back(choice.value);
  if (std::any_of(modes.begin(), modes.end(), needs_teacher) &&
      !std::count(modes.begin(), modes.end(), Mode::booster)) {
    const auto first = std::find_if(modes.begin(), modes.end(), needs_teacher);
    modes.insert(first, Mode::booster);
  }
  return modes;
}

/// Multiply-adds of all runs.
double work_of(const std::vector<Mode>& modes, const Settings& settings, const Parts& parts,
               const std::map<std::string, support::NetFacts>& facts) {
  const auto cost = [&](const char* net) { return static_cast<double>(facts.at(net).multiply_adds.value_or(0)); };
  const double images = settings.samples ? *settings.samples : static_cast<double>(parts.train.size());
  const double tested = static_cast<double>(parts.test.size());
  double work = 0;
  for (const Mode mode : modes) {
    const bool pair = trains_light(mode) && trains_booster(mode);
    const double ahead = pair ? cost("joint") : cost(trains_light(mode) ? "light" : "booster");
    work += (3 * ahead + (needs_teacher(mode) ? cost("booster") : 0)) * images + ahead * tested;
  }
  return work * settings.epochs * settings.seeds;
}

/// Adds how the files can be had.
Parts read_parts_or_say_where_they_are(const Settings& settings) {
  try {
    return read_parts(settings);
  } catch (const rocket::FileError& error) {
    throw rocket::Error(std::string{error.what()} + "\nsh examples/images/download " + word(settings.data) + ' ' +
                        settings.directory + " fetches what is missing; --data-dir says where it is");
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
  const Parts parts = read_parts_or_say_where_they_are(settings);
  const Nets nets = nets_for(settings);
  const Recipe recipe = recipe_for(settings);
  const auto facts = nets.facts(settings.block, settings.batch, false);
  const std::vector<Mode> modes = plan(settings);
  Journal journal{settings, work_of(modes, settings, parts, facts)};

  std::printf("%s: %zu images to train on, %zu to test on\n", word(settings.data),
              settings.samples ? static_cast<std::size_t>(*settings.samples) : parts.train.size(), parts.test.size());
  print_nets(settings, nets, facts);
  std::printf("%s; %d threads\n\n", describe(settings, recipe).c_str(), settings.threads);
  std::fflush(stdout);

  const rocket::ImageSamples test{parts.test, parts.normalization};
  for (int s = 0; s < settings.seeds; ++s) {
    const rocket::Seed seed{settings.seed + static_cast<std::uint64_t>(s)};
    rocket::ImageSet some;
    if (settings.samples) some = some_of(parts.train, *settings.samples, seed);
    const rocket::ImageSamples train{settings.samples ? some : parts.train, parts.normalization, parts.augmentation};
    Numbers booster;
    for (const Mode mode : modes) {
      Outcome outcome = nets.train(Job{mode, seed, settings, recipe, train, test, &booster, journal});
      if (mode == Mode::booster) booster = std::move(outcome.numbers);
      results.runs.push_back(outcome.run);
    }
  }
  results.nets = nets.facts(settings.block, settings.batch, true);
  return results;
}
