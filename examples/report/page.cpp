#include "report/page.hpp"

#include "report/html.hpp"
#include "report/sections.hpp"
#include "support/comparison.hpp"
#include "support/format.hpp"

namespace {

/// Colours by day and by night; one column on a phone, two where there is room; black on white on paper.
constexpr const char* style = R"(
:root { color-scheme: light dark; --paper: #fff; --ink: #1b1f24; --soft: #57606a; --line: #d8dee4; --hot: #c2410c;
  --c0: #0063a6; --c1: #b35900; --c2: #00805c; --c3: #b0307e; --c4: #7d6500; --c5: #2f86c1; --c6: #6a51a3; --c7: #6e7781; }
@media (prefers-color-scheme: dark) { :root { --paper: #15181c; --ink: #e6e9ec; --soft: #9aa5b1;
  --line: #323a43; --hot: #f97316; --c0: #6db5ec; --c1: #f5a04c; --c2: #4fcfa0; --c3: #f08cc4; --c4: #dcbf4a;
  --c5: #a5d8f7; --c6: #b9a6ea; --c7: #aab4be; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem clamp(.8rem, 3vw, 2.5rem) 4rem; max-width: 76rem; background: var(--paper);
  color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
h1 { margin: 0; font-size: 1.9rem; line-height: 1.2; }
h2 { margin: 2.6rem 0 .5rem; padding-top: .8rem; border-top: 1px solid var(--line); font-size: 1.3rem; }
h3 { margin: 0 0 .3rem; font-size: 1rem; overflow-wrap: anywhere; }
p { margin: .4rem 0 .9rem; max-width: 46rem; }
header p { color: var(--soft); }
.figures, .cards { display: grid;  grid-template-columns: repeat(auto-fit, minmax(min(100%, 25rem), 1fr)); gap: 1.6rem 2.2rem;
  align-items: start; }
.three { grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)); }
figure { margin: 0; min-width: 0; }
figure > svg { display: block; width: 100%; height: auto; font-family: inherit; }
figcaption { color: var(--soft); font-size: .87rem; }
.legend { display: flex; flex-wrap: wrap; gap: .1rem 1.1rem; margin: .2rem 0; padding: 0; list-style: none;
  color: var(--ink); }
.mark { width: 26px; height: 8px; margin-right: .4rem; fill: none; }
.tables { display: flex; flex-wrap: wrap; gap: 1.6rem 2.6rem; align-items: flex-start; }
.stack { display: grid; gap: 1.6rem; max-width: 100%; }
.table { max-width: 100%; width: fit-content; }
.table > figcaption { width: 0; min-width: 100%; padding-bottom: .4rem; }
.scrolls { overflow-x: auto; }
table { border-collapse: collapse; font-size: .92rem; font-variant-numeric: tabular-nums; }
th, td { padding: .28rem .8rem .28rem 0; text-align: right; white-space: nowrap; }
th { font-weight: 600; }
th:first-child { text-align: left; }
thead th { color: var(--soft); font-weight: 500; vertical-align: bottom; white-space: normal; }
tbody tr { border-top: 1px solid var(--line); }
.card figcaption { display: flex; gap: .9rem; align-items: center; margin-bottom: .5rem; }
.card figcaption img { width: 5rem; border-radius: 3px; }
.card h3 { color: var(--ink); }
img { display: block; height: auto; image-rendering: pixelated; }
.maps { width: 100%; table-layout: fixed; font-size: .82rem; }
.maps tr { border: 0; }
.maps th, .maps td { padding: .15rem .3rem .15rem 0; text-align: center; font-size: .82rem; color: var(--soft);
  font-weight: 500; }
.maps th:first-child, .maps td:first-child { width: 3.7rem; text-align: left; }
.maps img { width: 100%; border-radius: 3px; }
.cards { grid-template-columns: repeat(auto-fit, minmax(min(100%, 15.5rem), 1fr)); gap: 1.6rem 1.5rem; }
.cards + .table { margin-top: 1.4rem; }
.matrix th, .matrix td { padding: .22rem .35rem; min-width: 2.6rem; text-align: right; font-size: .82rem; }
.matrix tbody th { text-align: left; }
.matrix thead th span { writing-mode: vertical-rl; transform: rotate(180deg); text-align: left; }
.matrix thead th { text-align: right; }
.matrix .corner { color: var(--soft); text-align: left; vertical-align: bottom; font-size: .75rem; white-space: normal; }
.matrix tbody td { background: color-mix(in srgb, var(--hot) calc(.75 * var(--share, 0%)), transparent); }
.matrix .same { color: var(--soft); background: color-mix(in srgb, var(--line) 50%, transparent); }
img.matrix { width: min(100%, 30rem); }
pre { margin: .3rem 0; padding: .7rem .9rem; border: 1px solid var(--line); border-radius: 6px; overflow-x: auto;
  white-space: pre-wrap; overflow-wrap: anywhere; font-size: .85rem; }
details { margin-top: .8rem; }
summary { cursor: pointer; }
@media print { body { max-width: none; padding: 0; font-size: 11pt; } figure, tr { break-inside: avoid; }
  h2 { break-after: avoid; } }
@media (max-width: 30rem) { h1 { font-size: 1.5rem; } table { font-size: .82rem; } th, td { padding-right: .55rem; } .matrix th, .matrix td { min-width: 0; padding: .2rem .16rem;
  font-size: .68rem; } }
)";

std::string subtitle(const support::Results& results) {
  const std::size_t variants = support::variants_of(results).size();
  const long seeds = support::seeds_of(results);
  std::string text = support::format("%zu variant%s, %ld seed%s, %d epochs", variants, variants == 1 ? "" : "s", seeds,
                                     seeds == 1 ? "" : "s", results.epochs);
  const auto add = [&](const char* name, const char* what) {
    if (const auto found = results.settings.find(name); found != results.settings.end())
      text += ", " + found->second + what;
  };
  add("samples", " samples to train on");
  add("test_samples", " to test on");
  return text;
}

}  // namespace

std::string page_of(const support::Results& results, const std::vector<RunsFile>& files, const std::string& title) {
  const std::string heading = escaped(title.empty() ? "A light net and its booster: " + results.data : title);
  std::string body = element("header", "", element("h1", "", heading) + element("p", "", escaped(subtitle(results))));
  for (const std::string& section :
       {variants_section(results), curves_section(results), gap_section(results), cost_section(results),
        maps_section(results), confusion_section(results), making_section(results, files)})
    if (!section.empty()) body += element("section", "", section);
  return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n" +
         element("title", "", heading) + element("style", "", style) + "</head>\n<body>\n" + body +
         "</body>\n</html>\n";
}
