/// \file
/// The paper's experiments on images: wide residual nets, a light one alone and launched with a booster.
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
