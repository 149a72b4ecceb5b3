#include <algorithm>
#include <cmath>

#include "report/chart.hpp"
#include "report/gnuplot.hpp"
#include "report/html.hpp"
#include "report/sections.hpp"
#include "report/variants.hpp"
#include "support/comparison.hpp"
#include "support/format.hpp"

namespace {

using support::format;

struct Net {
  const char* name;
  std::optional<double> support::Run::*error;
};
constexpr Net nets[]{{"light", &support::Run::light_error}, {"booster", &support::Run::booster_error}};

/// Errors with their intervals, a point a variant, above the net's multiply-adds.
std::string figure_of_costs(const support::Results& results) {
  std::string data, plots, legend, says = "Test error in % against multiply-adds a sample:";
  const std::vector<std::string> variants = support::variants_of(results);
  std::size_t blocks = 0;
  double least = INFINITY, most = 0;
  for (std::size_t v = 0; v < variants.size(); ++v) {
    std::string rows;
    for (const Net& net : nets) {
      const auto cost = results.nets.find(net.name);
      const auto errors = support::errors(results, variants[v], net.error);
      if (cost == results.nets.end() || cost->second.multiply_adds.value_or(0) < 1 || errors.empty()) continue;
      const support::Interval i = support::interval(errors);
      // Side by side, so that they can be told apart.
      const double aside = std::pow(1.04, static_cast<double>(v) - static_cast<double>(variants.size() - 1) / 2);
      rows += format("%.9g %.9g %.9g\n", static_cast<double>(*cost->second.multiply_adds) * aside, i.mean,
                     std::isnan(i.half) ? 0 : i.half);
      least = std::min(least, static_cast<double>(*cost->second.multiply_adds));
      most = std::max(most, static_cast<double>(*cost->second.multiply_adds));
      says += format(" %s, %s %.2f;", variants[v].c_str(), net.name, i.mean);
    }
    if (rows.empty()) continue;
    const Colour colour = colour_of(results, variants[v]);
    data += format("$d%zu << EOD\n", blocks) + rows + "EOD\n";
    plots += format("%s$d%zu with yerrorbars pt 7 ps 0.7 lw 1.6 lc rgb %s notitle", blocks == 0 ? "plot " : ", ",
                    blocks, gnuplot(colour).c_str());
    legend += element("li", "", mark(colour, false) + escaped(variants[v]));
    ++blocks;
  }
  if (blocks == 0) return "";
  const std::string axes =
      format("set logscale x\nset xrange [%g:%g]\n", least / 1.8, most * 1.8) +
      "set xtics (1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6, 2e6, 5e6, 1e7, 2e7, 5e7, 1e8, 2e8, 5e8, 1e9, 2e9, 5e9)\n"
      "set format x '%.0s%c'\nset xlabel 'multiply-adds a sample'\nset bars 0.6\n";
  return figure("Test error, %, against multiply-adds",
                svg_by_gnuplot(axes + data + plots + '\n', "cost", says, 440, 285),
                element("ul", R"(class="legend")", legend),
                "Points side by side are of one net: the light one on the left, the booster on the right. Bars: 95 % "
                "intervals of the mean over seeds; these are wider than those of paired differences.");
}

std::string table_of_nets(const support::Results& results) {
  std::vector<std::vector<std::string>> rows;
  for (const char* name : {"light", "booster", "joint"}) {
    const auto found = results.nets.find(name);
    if (found == results.nets.end()) continue;
    const support::NetFacts& net = found->second;
    rows.push_back({name, std::to_string(net.parameters),
                    net.multiply_adds ? format("%.3g M", static_cast<double>(*net.multiply_adds) / 1e6) : "",
                    net.microseconds ? format(*net.microseconds < 100 ? "%.3g µs" : "%.0f µs", *net.microseconds) : "",
                    net.workspace_bytes ? format("%.3g MB", static_cast<double>(*net.workspace_bytes) / 1e6) : ""});
  }
  if (rows.empty()) return "";
  return table("What the nets cost. Time: one sample, on one thread. Workspace: of a training step.",
               {"net", "parameters", "multiply-adds", "time", "workspace"}, rows);
}

}  // namespace

std::string cost_section(const support::Results& results) {
  const std::string inside = figure_of_costs(results) + table_of_nets(results);
  return inside.empty() ? "" : element("h2", "", "Error against cost") + element("div", R"(class="figures")", inside);
}
