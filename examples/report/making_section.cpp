#include "report/html.hpp"
#include "report/sections.hpp"

namespace {

std::string setting(const support::Results& results, const char* name) {
  const auto found = results.settings.find(name);
  return found == results.settings.end() ? "" : found->second;
}

std::string words_for(const support::Machine& machine, int threads) {
  std::string text = machine.processor.empty() ? "a processor without name" : machine.processor;
  if (machine.cores > 0) text += ", " + std::to_string(machine.cores) + " hardware threads";
  if (!machine.simd.empty()) text += ", registers of " + machine.simd;
  if (!machine.compiler.empty()) text += "; " + machine.compiler;
  return text + "; trained on " + std::to_string(threads) + (threads == 1 ? " thread" : " threads");
}

}  // namespace

std::string making_section(const support::Results& results, const std::vector<RunsFile>& files) {
  std::string made;
  for (const RunsFile& file : files) {
    made += element("h3", "", escaped(file.path));
    if (const std::string command = setting(file.results, "command"); !command.empty())
      made += element("pre", "", element("code", "", escaped(command)));
    if (const std::string recipe = setting(file.results, "recipe"); !recipe.empty())
      made += element("p", "", escaped(recipe) + '.');
    made += element("p", "", escaped(words_for(file.machine, file.results.threads)) + '.');
  }
  std::vector<std::vector<std::string>> rows;
  for (const auto& [name, value] : results.settings)
    if (name != "command" && name != "recipe") rows.push_back({escaped(name), escaped(value)});
  if (!rows.empty())
    made += element("details", "", element("summary", "", "All amounts") + table("", {"setting", "value"}, rows));
  return element("h2", "", "How it was made") + made;
}
