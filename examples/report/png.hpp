#pragma once
#include <string>

#include "support/run.hpp"

/// A picture within a page: the address of a PNG that is written out in it.
/// \param raster  of one channel (one row of colours from dark violet to yellow, as `viridis` has) or of three (red,
///                green, blue)
std::string png_address(const support::Raster& raster);
/// Of one channel, in grey.
std::string grey_png_address(const support::Raster& raster);
