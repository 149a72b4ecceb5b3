#include <algorithm>
#include <cmath>
#include <map>

#include "report/html.hpp"
#include "report/png.hpp"
#include "report/sections.hpp"
#include "report/variants.hpp"
#include "support/comparison.hpp"
#include "support/format.hpp"

namespace {

using support::format;
using support::Raster;

/// The cosine of the angle between two maps of one size: 1 for the same map.
double cosine(const Raster& a, const Raster& b) {
  double product = 0, of_a = 0, of_b = 0;
  for (std::size_t i = 0; i < a.levels.size(); ++i) {
    const double x = a.levels[i], y = b.levels[i];
    product += x * y;
    of_a += x * x;
    of_b += y * y;
  }
  return product / std::sqrt(of_a * of_b);
}

/// The groups in which both nets look at maps of one size.
std::size_t groups_of_both(const support::ShownImage& image) {
  std::size_t g = 0;
  while (g < std::min(image.light.size(), image.booster.size()) &&
         image.light[g].levels.size() == image.booster[g].levels.size())
    ++g;
  return g;
}

std::string picture(const std::string& address, const std::string& says) {
  return "<img src=\"" + address + "\" alt=\"" + escaped(says) + "\">";
}

std::string cell(const std::string& inside, const char* attributes = "") { return element("td", attributes, inside); }

/// A row of maps of one net.
std::string maps_of(const char* net, const std::vector<Raster>& maps, std::size_t groups) {
  std::string cells = element("th", R"(scope="row")", net);
  for (std::size_t g = 0; g < groups; ++g)
    cells += cell(g < maps.size() ? picture(png_address(maps[g]), format("group %zu of the %s net: attention", g, net))
                                  : "none");
  return element("tr", "", cells);
}

std::string card(const support::Results& results, const support::ShownImage& image) {
  const auto name = [&](int label) { return class_name(results, static_cast<std::size_t>(label)); };
  const std::size_t groups = std::max(image.light.size(), image.booster.size());
  std::string heads = element("td", "", ""), alike = element("th", R"(scope="row")", "alike");
  for (std::size_t g = 0; g < groups; ++g) {
    heads += element("th", R"(scope="col")", format("group %zu", g));
    alike += cell(g < groups_of_both(image) ? format("%.2f", cosine(image.light[g], image.booster[g])) : "");
  }
  const auto verdict = [&](const char* net, int says) {
    return format("%s: ", net) + escaped(name(says)) + (says == image.label ? " ✓" : " ✗");
  };
  const std::string pixels = image.pixels.channels == 1 ? grey_png_address(image.pixels) : png_address(image.pixels);
  return element(
      "figure", R"(class="card")",
      element("figcaption", "",
              picture(pixels, "test image " + std::to_string(image.index)) +
                  element("div", "",
                          element("h3", "", escaped(name(image.label))) + verdict("light", image.light_says) + "<br>" +
                              verdict("booster", image.booster_says))) +
          element("table", R"(class="maps")",
                  element("tr", "", heads) + maps_of("light", image.light, groups) +
                      maps_of("booster", image.booster, groups) + element("tr", "", alike)));
}

/// How alike the maps of both nets are, variant by variant.
std::string table_of_likeness(const support::Results& results) {
  std::vector<std::vector<std::string>> rows;
  std::size_t most = 0;
  for (const std::string& variant : support::variants_of(results)) {
    std::map<std::size_t, std::vector<double>> cosines;
    for (const support::Run& run : results.runs)
      if (run.variant == variant)
        for (const support::ShownImage& image : run.maps)
          for (std::size_t g = 0; g < groups_of_both(image); ++g)
            if (const double c = cosine(image.light[g], image.booster[g]); std::isfinite(c)) cosines[g].push_back(c);
    if (cosines.empty()) continue;
    std::vector<std::string>& row = rows.emplace_back();
    row.push_back(escaped(variant));
    for (const auto& [group, numbers] : cosines) row.push_back(format("%.3f", support::mean(numbers)));
    most = std::max(most, row.size());
  }
  std::vector<std::string> head{"variant"};
  for (std::size_t g = 0; g + 1 < most; ++g) head.push_back(format("group %zu", g));
  return table("How alike the maps of light net and booster are: the mean cosine over these images and all seeds.",
               head, rows);
}

}  // namespace

std::string maps_section(const support::Results& results) {
  const auto shows = [](const support::Run& run) { return !run.maps.empty(); };
  const std::string variant = pair_to_show(results, shows);
  const auto run = std::find_if(results.runs.begin(), results.runs.end(),
                                [&](const support::Run& r) { return r.variant == variant && shows(r); });
  if (run == results.runs.end()) return "";
  std::string cards;
  for (const support::ShownImage& image : run->maps) cards += card(results, image);
  return element("h2", "", "What the groups look at") +
         element("p", "",
                 escaped(format("The paper's Figure 5: attention maps (means of squares over a group's channels) of "
                                "light net and booster, %s, seed %d, on the first test images of %zu classes. Bright: "
                                "most of its map; alike: the cosine between two maps.",
                                variant.c_str(), run->seed, run->maps.size()))) +
         element("div", R"(class="cards")", cards) + table_of_likeness(results);
}
