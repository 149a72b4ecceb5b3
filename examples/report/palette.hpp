#pragma once
#include <cstddef>
#include <string>

/// \file
/// Colours that a browser settles: a page says what they are by day and by night (page.cpp has the values). gnuplot is
/// handed dark blues in their place, by number, which svg_by_gnuplot turns into their names.

/// A colour of the page.
enum class Colour { ink = 1, soft, line, paper, first_of_lines };

/// The colour of the i-th line; beyond eight they begin again.
constexpr Colour line_colour(std::size_t i) {
  return static_cast<Colour>(static_cast<std::size_t>(Colour::first_of_lines) + i % 8);
}

/// As CSS and SVG understand it: "var(--ink)".
std::string css(Colour colour);

/// As gnuplot understands it: "'#000001'".
std::string gnuplot(Colour colour);
/// That shines through.
std::string gnuplot_faint(Colour colour);
