#include <algorithm>
#include <cmath>

#include "report/html.hpp"
#include "report/png.hpp"
#include "report/sections.hpp"
#include "report/variants.hpp"
#include "support/comparison.hpp"
#include "support/format.hpp"

namespace {

using support::Counts;
using support::format;

/// Over all seeds of a variant; empty where none counted, or not alike.
Counts sum_of(const support::Results& results, const std::string& variant, const std::string& name) {
  Counts sum;
  for (const support::Run& run : results.runs) {
    const auto found = run.confusion.find(name);
    if (run.variant != variant || found == run.confusion.end()) continue;
    if (sum.empty()) {
      sum = found->second;
      continue;
    }
    if (sum.size() != found->second.size()) return {};
    for (std::size_t r = 0; r < sum.size(); ++r)
      for (std::size_t c = 0; c < sum.size(); ++c) sum[r][c] += found->second[r][c];
  }
  return sum;
}

long most_beside_diagonal(const Counts& counts) {
  long most = 1;
  for (std::size_t r = 0; r < counts.size(); ++r)
    for (std::size_t c = 0; c < counts.size(); ++c)
      if (r != c) most = std::max(most, counts[r][c]);
  return most;
}

/// Cells beside the diagonal are the darker the more they count.
std::string matrix(const support::Results& results, const Counts& counts, const std::string& caption) {
  std::string heads = element("td", R"(class="corner")", "light ↓ booster →"), body;
  for (std::size_t c = 0; c < counts.size(); ++c)
    heads += element("th", R"(scope="col")", element("span", "", escaped(class_name(results, c))));
  const double most = static_cast<double>(most_beside_diagonal(counts));
  for (std::size_t r = 0; r < counts.size(); ++r) {
    std::string cells = element("th", R"(scope="row")", escaped(class_name(results, r)));
    for (std::size_t c = 0; c < counts.size(); ++c) {
      const std::string look =
          r == c ? R"(class="same")"
                 : format(R"(style="--share: %.0f%%")", 100 * std::sqrt(static_cast<double>(counts[r][c]) / most));
      cells += element("td", look, counts[r][c] == 0 ? "" : std::to_string(counts[r][c]));
    }
    body += element("tr", "", cells);
  }
  return captioned_table("matrix", caption, element("tr", "", heads), body);
}

/// Many classes: a pixel a pair of them.
std::string picture(const Counts& counts, const std::string& caption) {
  const auto side = static_cast<int>(counts.size());
  support::Raster raster{side, side, 1, {}};
  const double most = static_cast<double>(most_beside_diagonal(counts));
  for (const auto& row : counts)
    for (const long count : row)
      raster.levels.push_back(
          static_cast<std::uint8_t>(std::min(255.0, 255 * std::sqrt(static_cast<double>(count) / most))));
  return element("figure", R"(class="card")",
                 "<img class=\"matrix\" src=\"" + png_address(raster) +
                     "\" alt=\"light's decisions against booster's\">" + element("figcaption", "", caption));
}

/// The pairs of classes that they mistake most for each other.
std::string table_of_disagreements(const support::Results& results, const Counts& counts) {
  struct Disagreement {
    std::size_t light, booster;
    long count;
  };
  std::vector<Disagreement> all;
  long sum = 0, beside = 0;
  for (std::size_t r = 0; r < counts.size(); ++r)
    for (std::size_t c = 0; c < counts.size(); ++c) {
      sum += counts[r][c];
      if (r == c || counts[r][c] == 0) continue;
      beside += counts[r][c];
      all.push_back({r, c, counts[r][c]});
    }
  std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.count > b.count; });
  std::vector<std::vector<std::string>> rows;
  for (std::size_t i = 0; i < std::min<std::size_t>(all.size(), 8); ++i)
    rows.push_back({escaped(class_name(results, all[i].light)), escaped(class_name(results, all[i].booster)),
                    std::to_string(all[i].count),
                    format("%.1f %%", 100 * static_cast<double>(all[i].count) / static_cast<double>(beside))});
  const double share = sum > 0 ? 100 * static_cast<double>(beside) / static_cast<double>(sum) : 0;
  return table(format("They disagree on %.2f %% of the images; most often so:", share),
               {"light says", "booster says", "images", "of all"}, rows);
}

/// Percent of the images of a class that aren't taken for it.
std::string error_of_class(const Counts& counts, std::size_t label) {
  if (label >= counts.size()) return "";
  long all = 0;
  for (const long count : counts[label]) all += count;
  return all == 0 ? ""
                  : format("%.1f", 100 * static_cast<double>(all - counts[label][label]) / static_cast<double>(all));
}

std::string table_of_classes(const support::Results& results, const std::string& variant) {
  const Counts base = sum_of(results, "base", "label_light"), light = sum_of(results, variant, "label_light"),
               booster = sum_of(results, variant, "label_booster");
  std::vector<std::string> head{"class"};
  if (!base.empty()) head.push_back("base");
  head.push_back(escaped(variant) + ", light");
  head.push_back(escaped(variant) + ", booster");
  std::vector<std::vector<std::string>> rows;
  for (std::size_t c = 0; c < light.size(); ++c) {
    std::vector<std::string>& row = rows.emplace_back();
    row.push_back(escaped(class_name(results, c)));
    if (!base.empty()) row.push_back(error_of_class(base, c));
    row.push_back(error_of_class(light, c));
    row.push_back(error_of_class(booster, c));
  }
  return rows.empty() ? "" : table("Test error in %, class by class.", head, rows);
}

}  // namespace

std::string confusion_section(const support::Results& results) {
  constexpr std::size_t legible = 20;  // classes
  const std::string variant =
      pair_to_show(results, [](const support::Run& run) { return run.confusion.contains("light_booster"); });
  const Counts counts = variant.empty() ? Counts{} : sum_of(results, variant, "light_booster");
  if (counts.empty()) return "";
  const bool few = counts.size() <= legible;
  const std::string caption = "Test images of " + escaped(variant) +
                              ", of all seeds together: rows by the light net’s decision, columns by the booster’s. "
                              "Beside the diagonal the " +
                              (few ? "darker" : "brighter") + ", the more.";
  const std::string beside = table_of_disagreements(results, counts) + (few ? table_of_classes(results, variant) : "");
  return element("h2", "", "Light against booster") +
         element("div", R"(class="tables")",
                 (few ? matrix(results, counts, caption) : picture(counts, caption)) +
                     element("div", R"(class="stack")", beside));
}
