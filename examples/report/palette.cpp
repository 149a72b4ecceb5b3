#include "report/palette.hpp"

#include "support/format.hpp"

std::string css(Colour colour) {
  switch (colour) {
    case Colour::ink:
      return "var(--ink)";
    case Colour::soft:
      return "var(--soft)";
    case Colour::line:
      return "var(--line)";
    case Colour::paper:
      return "var(--paper)";
    default:
      return support::format("var(--c%d)", static_cast<int>(colour) - static_cast<int>(Colour::first_of_lines));
  }
}

std::string gnuplot(Colour colour) { return support::format("'#%06x'", static_cast<unsigned>(colour)); }
std::string gnuplot_faint(Colour colour) { return support::format("'#90%06x'", static_cast<unsigned>(colour)); }
