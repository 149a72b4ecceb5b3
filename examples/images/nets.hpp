#pragma once
#include <rocket/data/image_samples.hpp>
#include <rocket/net/summary.hpp>

#include <map>
#include <string>
#include <vector>

#include "images/journal.hpp"
#include "images/recipe.hpp"
#include "support/run.hpp"

/// \file
/// A light net and a booster behind a face that is the same for all of them: what run.cpp knows of types.

/// The numbers of a trained net.
struct Numbers {
  std::vector<float> parameters, statistics;
};

/// One training.
struct Job {
  Mode mode = Mode::base;
  rocket::Seed seed;
  const Settings& settings;
  const Recipe& recipe;
  const rocket::ImageSamples& train;
  const rocket::ImageSamples& test;
  const std::vector<support::ShownImage>& shown;  ///< of these, the maps of a pair are shown
  const Numbers* booster;                         ///< trained alone; for modes that need a teacher
  Work work;
  Journal& journal;
  std::string folder;       ///< to keep checkpoints in; empty: none
  std::string description;  ///< of the recipe
};

struct Outcome {
  support::Run run;
  Numbers numbers;
};

struct Nets {
  std::string light, booster;  ///< what they are called: "WRN-16-1"
  std::vector<rocket::LayerRow> (*layers)();
  /// light, booster, joint; their times only if they are asked for
  std::map<std::string, support::NetFacts> (*facts)(Block block, int batch, bool with_times);
  Outcome (*train)(const Job& job);
};

/// The nets for images of that shape. Compiled in files made from on.cpp.in, one a shape and width.
template <class Input, int Classes, int Width, Sharing How>
Nets nets();

/// The nets that the settings ask for.
Nets nets_for(const Settings& settings);
