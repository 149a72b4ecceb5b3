/// \file
/// Makes a page of what experiments left behind (--json): tables, learning curves, maps, confusion, command, machine.
/// One HTML file that needs nothing else, neither network nor script.
///
///     settings  what the command line says
///     runs      reads a file (json_node: a place in one) and puts several together
///     gnuplot   draws; chart: lines over epochs    palette  colours that a browser settles, light or dark
///     png       a raster as a picture              html     text between marks
///     tables, curves, cost, maps, confusion, making    a section of the page each
///     page      sections under one another, and their style
#include <cstdio>
#include <exception>
#include <rocket/files/replace_file.hpp>

#include "report/page.hpp"
#include "report/runs.hpp"
#include "report/settings.hpp"

int main(int argc, char** argv) {
  const Settings settings = read_command_line(argc, argv);
  try {
    std::vector<RunsFile> files;
    for (const std::string& path : settings.files) files.push_back(read_runs(path));
    const std::string page = page_of(merge(files), files, settings.title);
    rocket::replace_file(settings.out, page);
    std::printf("%s: %zu kB\n", settings.out.c_str(), page.size() / 1000);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "report: %s\n", error.what());
    return 1;
  }
}
