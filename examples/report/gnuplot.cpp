#include "report/gnuplot.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <rocket/core/error.hpp>
#include <system_error>

#include "report/html.hpp"
#include "report/palette.hpp"
#include "support/format.hpp"

extern char** environ;  // NOLINT: POSIX has it in no header

namespace {

/// A folder that is gone when this is.
class TemporaryFolder {
 public:
  TemporaryFolder() : path_{(std::filesystem::temp_directory_path() / "rocket-report-XXXXXX").string()} {
    if (!mkdtemp(path_.data()))
      throw rocket::FileError(path_, "", "a folder that can be made", std::generic_category().message(errno));
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  std::string file(const char* name) const { return path_ + '/' + name; }

 private:
  std::string path_;
};

std::string content(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

/// Runs gnuplot; what it draws and what it says are files. Returns its exit status.
int run_gnuplot(std::string script, const std::string& drawn, const std::string& said) {
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, drawn.c_str(), O_WRONLY | O_CREAT, 0600);
  posix_spawn_file_actions_addopen(&files, STDERR_FILENO, said.c_str(), O_WRONLY | O_CREAT, 0600);
  std::string program = "gnuplot";
  const std::array<char*, 3> arguments{program.data(), script.data(), nullptr};
  pid_t child = 0;
  const int failed = posix_spawnp(&child, program.c_str(), &files, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  if (failed == ENOENT)
    throw rocket::Error("gnuplot isn't installed: apt install gnuplot-nox (Debian) brings it; it draws the plots");
  if (failed != 0) throw rocket::Error("gnuplot can't be started: " + std::generic_category().message(failed));
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

/// The drawing alone, fit to stand among others in a page.
std::string embedded(std::string svg, const std::string& name, const std::string& says, int width, int height) {
  const auto replace = [&](const char* what, const std::string& by) {
    svg = std::regex_replace(svg, std::regex{what}, by);
  };
  svg.erase(0, svg.find("<g id="));  // the element itself is written anew: without the places of its dialects
  replace(R"(<filter [^]*?</filter>)", "");
  replace(R"(<title>[^<]*</title>)", "");
  replace(R"(<g [^>]*>\s*</g>)", "");  // of which there are many
  replace(R"((id=['"]|href='#)(gp|gnuplot))", "$1" + name + "_$2");
  replace("xlink:href", "href");
  replace(R"((color|stroke)=(['"])white['"])", "$1=$2" + css(Colour::paper) + "$2");  // a rim around points
  replace(R"(( font-family="[^"]*"))", "");
  replace(R"(\n\s*)", "\n");
  for (int colour = 1; colour <= static_cast<int>(line_colour(7)); ++colour)
    replace(support::format(R"(rgb\( *0, *0, *%d\))", colour).c_str(), css(static_cast<Colour>(colour)));
  return support::format(R"(<svg viewBox="0 0 %d %d" style="max-width: %dpx" role="img" aria-label=")", width, height,
                         3 * width / 2) +
         escaped(says) + "\">" + svg;
}

}  // namespace

std::string svg_by_gnuplot(const std::string& script, const std::string& name, const std::string& says, int width,
                           int height) {
  const TemporaryFolder folder;
  const std::string file = folder.file("script"), drawn = folder.file("drawn"), said = folder.file("said");
  const std::string ink = gnuplot(Colour::ink), line = gnuplot(Colour::line);
  std::ofstream{file} << "set encoding utf8\n"
                      << "set terminal svg noenhanced size " << width << ',' << height << " font 'sans,13' name '"
                      << name << "' rounded\n"
                      << "set border 3 lc rgb " << gnuplot(Colour::soft) << "\nset tics nomirror tc rgb " << ink
                      << "\nset grid ytics lt 1 lw 0.6 lc rgb " << line << "\nset xlabel offset 0, 0.4 tc rgb " << ink
                      << "\nset ylabel tc rgb " << ink << "\nset title tc rgb " << ink << '\n'
                      << script;
  if (run_gnuplot(file, drawn, said) != 0) throw rocket::Error("gnuplot failed to draw " + name + ": " + content(said));
  return embedded(content(drawn), name, says, width, height);
}
