#pragma once
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "rocket/core/error.hpp"
#include "rocket/layers/layer.hpp"
#include "rocket/net/summary.hpp"

namespace rocket {

/// Where the time of training steps went: added up over steps, in seconds of the clock on the wall, by
/// Trainer::time_layers. To look at the clock takes tens of nanoseconds a layer and pass; beside dense layers of a few
/// neurons that is not nothing.
struct LayerTimes {
  std::vector<LayerTime> layers;  ///< in the order of layer_table<Net>()
  double drawing = 0;             ///< drawing the batches from their source; in fit only
  double teacher = 0;             ///< a Teacher's forward
  double objective = 0;           ///< losses, and gradients with respect to logits
  double statistics = 0;          ///< what layers learn about their inputs (running means and variances)
  double update = 0;              ///< clipping, and the optimizer
  double in_steps = 0;            ///< all of steps, but for drawing
  long steps = 0;                 ///< how many there were
  long samples = 0;               ///< how many they were on

  /// Makes room for so many layers. If there are times of another number of layers, all of this is another net's and
  /// thrown away: no sum is of two nets.
  void make_room(std::size_t layer_count) {
    if (layers.size() == layer_count) return;
    if (!layers.empty()) *this = {};
    layers.resize(layer_count);
  }
  /// Counts a step of a net with so many layers, and makes room for them, since the caller may have begun anew.
  void begin_step(std::size_t layer_count, int batch) {
    make_room(layer_count);
    ++steps;
    samples += batch;
  }
  /// Everything, drawing included.
  double total() const { return drawing + in_steps; }
  /// What is none of the above: gradients that are added up where heads meet the trunk, sums of a Residual that no
  /// layer adds by itself, the clearing of the gradient.
  double rest() const {
    double seconds = in_steps - teacher - objective - statistics - update;
    for (const LayerTime& layer : layers) seconds -= layer.forward.seconds + layer.backward.seconds;
    return seconds;
  }
};

/// A line of a net's layer table, and what it took.
struct TimedLayer {
  LayerRow layer;  ///< what it is; its multiply-adds are a sample's
  LayerTime time;  ///< of all steps
};

/// The layer table with times. A layer whose output is looked at through a view, as BatchNorm's by a Conv2d behind it,
/// has the making of the view under its own name; the map itself, done as its reader reads, and in backward the sums
/// that it asks of the reader, are under the reader's.
/// Throws ValueError if the times are of a net with another number of layers.
template <class Net>
std::vector<TimedLayer> timed_layer_table(const LayerTimes& times) {
  std::vector<LayerRow> rows = layer_table<Net>();
  if (times.layers.size() != rows.size())
    throw ValueError("times.layers", std::to_string(rows.size()) + " layers", std::to_string(times.layers.size()));
  std::vector<TimedLayer> table;
  for (std::size_t i = 0; i < rows.size(); ++i) table.push_back({std::move(rows[i]), times.layers[i]});
  return table;
}

}  // namespace rocket
