#pragma once
#include <string>

/// What a script draws, as an element of a page: scales with its place, takes its colours from the page (palette.hpp),
/// and its texts' font.
///
/// \param script  after the terminal was set; what it plots, in colours of the palette
/// \param name    of the picture, a word; no two of a page have one name
/// \param says    what there is to see, for readers who can't
/// \param width, height  in pixels, as large as it looks best
/// \throws rocket::Error  if there is no gnuplot, or it complains
std::string svg_by_gnuplot(const std::string& script, const std::string& name, const std::string& says, int width,
                           int height);
