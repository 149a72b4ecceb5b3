/// \file
/// The paper's experiments on images: wide residual nets, a light one alone and launched with a booster.
///
///     settings  what the command line says, in the words of choices
///     parts     the images that the settings name        recipe  the amounts that they stand for (kinds: chosen)
///     nets      the pair that they name: a table of functions, compiled from experiment (on.cpp.in)
///     run       hands parts, recipe and seed to nets.train, mode by mode; a trained booster goes to those it teaches
///     tested    what a net does on the test part       maps    what its groups look at
///     kept      a run in a folder, from which it is taken up
///     journal   hears of every step and epoch: progress, curve
///     support   the runs of all modes and seeds: report, json; profile: where the time of a step goes
#include <cstdio>
#include <exception>

#include "images/run.hpp"
#include "support/json.hpp"
#include "support/report.hpp"

int main(int argc, char** argv) {
  const Settings settings = read_command_line(argc, argv);
  try {
    if (!settings.json.empty()) support::check_can_write(settings.json);
    const support::Results results = settings.summary ? summarize(settings) : run_all(settings);
    if (results.runs.size() > 1) support::print_report(results);
    if (!settings.json.empty()) support::write_json(results, settings.json);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "images: %s\n", error.what());
    return 1;
  }
}
