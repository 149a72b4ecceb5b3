#include "support/profile.hpp"

#include <algorithm>
#include <cstdio>

#include "support/format.hpp"

namespace support {
namespace {

double seconds_of(const rocket::LayerTime& time) { return time.forward.seconds + time.backward.seconds; }

void add(rocket::PassTime& sum, const rocket::PassTime& term) {
  sum.seconds += term.seconds;
  sum.multiply_adds += term.multiply_adds;
}

/// All layers of a kind together, the slowest kind first.
std::vector<rocket::TimedLayer> kinds_of(const std::vector<rocket::TimedLayer>& layers) {
  std::vector<rocket::TimedLayer> kinds;
  for (const auto& [layer, time] : layers) {
    auto kind = std::find_if(kinds.begin(), kinds.end(), [&name = layer.layer](const rocket::TimedLayer& other) {
      return other.layer.layer == name;
    });
    if (kind == kinds.end()) {
      kind = kinds.insert(kinds.end(), rocket::TimedLayer{});
      kind->layer.part = "all";
      kind->layer.layer = layer.layer;
      kind->layer.copies = 0;
    }
    kind->layer.copies += layer.copies;
    add(kind->time.forward, time.forward);
    add(kind->time.backward, time.backward);
  }
  std::stable_sort(kinds.begin(), kinds.end(), [](const rocket::TimedLayer& a, const rocket::TimedLayer& b) {
    return seconds_of(a.time) > seconds_of(b.time);
  });
  return kinds;
}

/// The lines of a table of times.
class Table {
 public:
  explicit Table(const rocket::LayerTimes& times) : steps_{static_cast<double>(times.steps)}, all_{times.total()} {}

  void head() const {
    std::printf("%-8s %-26s %-18s %6s %9s %9s %9s %7s   %s\n", "part", "name", "layer", "copies", "forward", "backward",
                "ms", "share", "GFLOP/s: forward, backward");
  }
  void line(const rocket::TimedLayer& row) const {
    const auto& [layer, time] = row;
    std::printf("%-8s %-26s %-18s %6d %9.3f %9.3f %s%s\n", layer.part.c_str(), layer.name.c_str(),
                std::string{layer.layer}.c_str(), layer.copies, milliseconds(time.forward.seconds),
                milliseconds(time.backward.seconds), cost(seconds_of(time)).c_str(), rates(time).c_str());
  }
  void line(const StepPart& part) const { std::printf("%-81s %s\n", part.name, cost(part.seconds).c_str()); }

 private:
  double milliseconds(double seconds) const { return 1e3 * seconds / steps_; }
  std::string cost(double seconds) const {
    return format("%9.3f %5.1f %%", milliseconds(seconds), 100 * seconds / all_);
  }
  /// Of layers that count multiply-adds, each of them two operations.
  static std::string rates(const rocket::LayerTime& time) {
    const auto gflops = [](const rocket::PassTime& pass) {
      return pass.seconds > 0 ? 2e-9 * static_cast<double>(pass.multiply_adds) / pass.seconds : 0;
    };
    if (time.forward.multiply_adds == 0) return "";
    return format("   %8.1f %9.1f", gflops(time.forward), gflops(time.backward));
  }

  double steps_, all_;
};

}  // namespace

std::vector<StepPart> parts_of(const rocket::LayerTimes& times) {
  return {{"drawing", times.drawing},       {"teacher", times.teacher}, {"objective", times.objective},
          {"statistics", times.statistics}, {"update", times.update},   {"rest", times.rest()}};
}

void print_profile(const std::string& run, const Profile& profile) {
  const rocket::LayerTimes& times = profile.times;
  if (times.steps == 0) return;
  const Table table{times};
  std::printf(
      "\n%s: milliseconds a step on %.0f samples, mean of %ld steps. The moments of a BatchNorm stand under its\n"
      "own name; its map, where a Conv2d does it while reading, under the Conv2d's.\n\n",
      run.c_str(), static_cast<double>(times.samples) / static_cast<double>(times.steps), times.steps);
  table.head();
  for (const rocket::TimedLayer& layer : profile.layers) table.line(layer);
  std::printf("\n");
  for (const rocket::TimedLayer& kind : kinds_of(profile.layers)) table.line(kind);
  for (const StepPart& part : parts_of(times))
    if (part.seconds > 0) table.line(part);  // not every run has a teacher
  table.line(StepPart{"step", times.total()});
  std::printf("\n");
}

}  // namespace support
