#pragma once
#include <optional>
#include <string>
#include <vector>

#include "report/palette.hpp"
#include "support/run.hpp"

/// A line of a chart: a number an epoch, for several seeds.
struct Line {
  std::string label;
  Colour colour = Colour::ink;
  bool dashed = false;
  std::vector<std::vector<double>> seeds;  ///< seed by seed, from epoch 1 on; NaN where there is no number

  bool is_empty() const;
  /// Over the seeds that have a number there, epoch by epoch.
  std::vector<double> mean() const;
};

/// What an epoch says that is drawn: &Epoch::light_loss.
using OfEpoch = std::optional<double> support::Epoch::*;

/// The line of a variant's runs, times `factor`.
Line line_of(const support::Results& results, const std::string& variant, OfEpoch number, double factor = 1);

/// Lines over epochs, the mean of the seeds in front of each of them.
struct Chart {
  std::string name;   ///< a word
  std::string title;  ///< "Test error, %"
  std::string note;   ///< what else there is to say
  std::vector<Line> lines;
};

/// The chart with its legend; an empty text if there is nothing to draw.
std::string figure_of(const Chart& chart);

/// The legend's mark for a line: a piece of it.
std::string mark(Colour colour, bool dashed);

/// A picture with what is written below it.
std::string figure(const std::string& title, const std::string& picture, const std::string& legend,
                   const std::string& note);
