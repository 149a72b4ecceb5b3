#include "report/settings.hpp"

#include <CLI/CLI.hpp>
#include <cstdlib>

Settings read_command_line(int argc, char** argv) {
  Settings settings;
  CLI::App app{
      "Makes one HTML page, with plots by gnuplot, of the runs that examples wrote by --json. Files of one experiment, "
      "such as other seeds or other modes, become one table."};
  app.add_option("files", settings.files, "written by images --json or digits --json")->required();
  app.add_option("--out", settings.out, "the page to write")->capture_default_str();
  app.add_option("--title", settings.title, "its heading (default: named after the data)");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::exit(app.exit(error));
  }
  return settings;
}
