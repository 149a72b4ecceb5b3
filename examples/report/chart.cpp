#include "report/chart.hpp"

#include <algorithm>
#include <cmath>

#include "report/gnuplot.hpp"
#include "report/html.hpp"
#include "support/format.hpp"
#include "support/statistics.hpp"

namespace {

using support::format;

/// A block of data for gnuplot: epochs and numbers; what isn't one, a gap.
std::string rows_of(const std::vector<double>& numbers) {
  std::string rows;
  for (std::size_t i = 0; i < numbers.size(); ++i)
    if (std::isfinite(numbers[i])) rows += format("%zu %.9g\n", i + 1, numbers[i]);
  return rows;
}

/// What the numbers lie between.
struct Range {
  double least = INFINITY, most = -INFINITY;
};

/// Where first epochs are far from last ones the scale is logarithmic, or they would be all that is seen.
std::string scale_of(const Range& range) {
  constexpr double far = 2.5;
  if (!(range.least > 0 && range.most / range.least > far)) return "";
  const double decades = std::log10(range.most / range.least);
  const std::vector<double> digits = decades < 0.8   ? std::vector<double>{1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8}
                                     : decades < 1.3 ? std::vector<double>{1, 1.5, 2, 3, 4, 5, 7}
                                     : decades < 3   ? std::vector<double>{1, 2, 5}
                                                     : std::vector<double>{1};
  std::string tics;
  for (double power = std::pow(10, std::floor(std::log10(range.least)) - 1); power <= 10 * range.most; power *= 10)
    for (const double digit : digits) tics += format("%s%g", tics.empty() ? "" : ", ", digit * power);
  return format("set logscale y\nset yrange [%g:%g]\n", 0.95 * range.least, 1.05 * range.most) + "set ytics (" + tics +
         ")\n";
}

std::string says(const Chart& chart) {
  std::string text = chart.title + " over epochs; after the last one";
  for (const Line& line : chart.lines) {
    const std::vector<double> mean = line.mean();
    if (!mean.empty()) text += format(" %s: %.4g;", line.label.c_str(), mean.back());
  }
  return text;
}

std::string legend_of(const Chart& chart) {
  std::string items;
  for (const Line& line : chart.lines) items += element("li", "", mark(line.colour, line.dashed) + escaped(line.label));
  return element("ul", R"(class="legend")", items);
}

}  // namespace

bool Line::is_empty() const {
  return std::all_of(seeds.begin(), seeds.end(), [](const std::vector<double>& seed) {
    return std::none_of(seed.begin(), seed.end(), [](double number) { return std::isfinite(number); });
  });
}

std::vector<double> Line::mean() const {
  std::size_t epochs = 0;
  for (const auto& seed : seeds) epochs = std::max(epochs, seed.size());
  std::vector<double> means;
  for (std::size_t e = 0; e < epochs; ++e) {
    std::vector<double> there;
    for (const auto& seed : seeds)
      if (e < seed.size() && std::isfinite(seed[e])) there.push_back(seed[e]);
    means.push_back(there.empty() ? NAN : support::mean(there));
  }
  return means;
}

Line line_of(const support::Results& results, const std::string& variant, OfEpoch number, double factor) {
  Line line;
  line.label = variant;
  for (const support::Run& run : results.runs) {
    if (run.variant != variant) continue;
    std::vector<double>& seed = line.seeds.emplace_back();
    for (const support::Epoch& epoch : run.epochs) seed.push_back(factor * (epoch.*number).value_or(NAN));
  }
  return line;
}

std::string figure_of(const Chart& given) {
  Chart chart = given;
  std::erase_if(chart.lines, [](const Line& line) { return line.is_empty(); });
  if (chart.lines.empty()) return "";
  std::string data, plots;
  std::size_t blocks = 0, epochs = 1;
  Range range;
  const auto draw = [&](const std::vector<double>& numbers, const std::string& look) {
    const std::string rows = rows_of(numbers);
    if (rows.empty()) return;
    for (const double number : numbers)
      if (std::isfinite(number)) range = {std::min(range.least, number), std::max(range.most, number)};
    data += format("$d%zu << EOD\n", blocks) + rows + "EOD\n";
    // One epoch is no line, but a point.
    plots += format("%s$d%zu with %s notitle", plots.empty() ? "plot " : ", ", blocks,
                    ((numbers.size() == 1 ? "points pt 7 ps 0.6 " : "lines ") + look).c_str());
    ++blocks;
  };
  for (const Line& line : chart.lines)
    for (const auto& seed : line.seeds) {
      epochs = std::max(epochs, seed.size());
      if (line.seeds.size() > 1) draw(seed, "lw 1 lc rgb " + gnuplot_faint(line.colour));
    }
  for (const Line& line : chart.lines)
    draw(line.mean(), format("lw 2.4 dt %d lc rgb %s", line.dashed ? 2 : 1, gnuplot(line.colour).c_str()));
  const std::string axes =
      format("set xlabel 'epoch'\nset xrange [%g:%zu]\n", epochs > 1 ? 1.0 : 0.0, epochs + (epochs == 1)) +
      (epochs <= 12 ? "set xtics 1\n" : "") + scale_of(range);
  return figure(chart.title, svg_by_gnuplot(data + axes + plots + '\n', chart.name, says(chart), 440, 285),
                legend_of(chart), chart.note);
}

std::string mark(Colour colour, bool dashed) {
  return format(R"(<svg class="mark" viewBox="0 0 26 8" aria-hidden="true"><path d="M1 4H25" stroke="%s" )"
                R"(stroke-width="2.4"%s/></svg>)",
                css(colour).c_str(), dashed ? R"( stroke-dasharray="5 4")" : "");
}

std::string figure(const std::string& title, const std::string& picture, const std::string& legend,
                   const std::string& note) {
  const std::string below = legend + (note.empty() ? "" : element("p", "", note));
  return element("figure", "", element("h3", "", title) + picture + element("figcaption", "", below));
}
