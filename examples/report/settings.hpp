#pragma once
#include <string>
#include <vector>

/// What the command line says.
struct Settings {
  std::vector<std::string> files;  ///< of runs, at least one
  std::string out = "report.html";
  std::string title;  ///< empty: named after the data
};

/// Reads the command line; on --help or a mistake prints what there is to print and ends the program.
Settings read_command_line(int argc, char** argv);
