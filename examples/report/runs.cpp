#include "report/runs.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <limits>
#include <rocket/core/error.hpp>

#include "report/json_node.hpp"
#include "support/comparison.hpp"

namespace {

using support::Counts;

constexpr long many = std::numeric_limits<int>::max();

std::optional<double> fraction(const JsonNode& parent, const char* key) {
  const auto node = parent.find(key);
  return node ? std::optional{node->fraction()} : std::nullopt;
}

std::optional<double> number(const JsonNode& parent, const char* key) {
  const auto node = parent.find(key);
  return node ? std::optional{node->number()} : std::nullopt;
}

int integer(const JsonNode& parent, const char* key, long least, long most = many) {
  return static_cast<int>(parent[key].integer(least, most));
}

support::Epoch epoch_of(const JsonNode& node) {
  return {.epoch = integer(node, "epoch", 1),
          .rate = node["rate"].number(),
          .light_loss = number(node, "light_loss"),
          .booster_loss = number(node, "booster_loss"),
          .hint_loss = number(node, "hint_loss"),
          .teacher_loss = number(node, "teacher_loss"),
          .light_train_error = fraction(node, "light_train_error"),
          .booster_train_error = fraction(node, "booster_train_error"),
          .light_test_error = fraction(node, "light_test_error"),
          .booster_test_error = fraction(node, "booster_test_error"),
          .agreement = fraction(node, "agreement"),
          .seconds = node["seconds"].number(),
          .distance = number(node, "distance")};
}

Counts counts_of(const JsonNode& node) {
  Counts counts;
  const std::vector<JsonNode> rows = node.items();
  for (const JsonNode& row : rows) {
    std::vector<long>& numbers = counts.emplace_back();
    for (const JsonNode& count : row.items()) numbers.push_back(count.integer(0, many));
    if (numbers.size() != rows.size())
      row.refuse(std::to_string(rows.size()) + " counts, as many as rows", std::to_string(numbers.size()));
  }
  return counts;
}

support::Raster raster_of(const JsonNode& node) {
  constexpr long side = 4096;
  support::Raster raster{
      integer(node, "height", 1, side), integer(node, "width", 1, side), integer(node, "channels", 1, 4), {}};
  for (const JsonNode& level : node["levels"].items())
    raster.levels.push_back(static_cast<std::uint8_t>(level.integer(0, 255)));
  const long expected = long{raster.height} * raster.width * raster.channels;
  if (static_cast<long>(raster.levels.size()) != expected)
    node["levels"].refuse(std::to_string(expected) + " levels", std::to_string(raster.levels.size()));
  return raster;
}

support::ShownImage image_of(const JsonNode& node) {
  support::ShownImage image;
  image.index = static_cast<std::size_t>(node["index"].integer(0, many));
  image.label = integer(node, "label", 0);
  image.light_says = integer(node, "light_says", 0);
  image.booster_says = integer(node, "booster_says", 0);
  image.pixels = raster_of(node["pixels"]);
  if (image.pixels.channels != 1 && image.pixels.channels != 3)
    node["pixels"]["channels"].refuse("1 or 3", std::to_string(image.pixels.channels));
  for (const JsonNode& map : node["light"].items()) image.light.push_back(raster_of(map));
  for (const JsonNode& map : node["booster"].items()) image.booster.push_back(raster_of(map));
  return image;
}

support::Run run_of(const JsonNode& node) {
  support::Run run;
  run.variant = node["variant"].text();
  run.seed = integer(node, "seed", 0);
  run.light_error = fraction(node, "light_error");
  run.booster_error = fraction(node, "booster_error");
  run.seconds = node["seconds"].number();
  if (const auto epochs = node.find("epochs"))
    for (const JsonNode& epoch : epochs->items()) {
      run.epochs.push_back(epoch_of(epoch));
      const std::size_t number = run.epochs.size();
      if (run.epochs.back().epoch != static_cast<int>(number))
        epoch["epoch"].refuse(std::to_string(number), std::to_string(run.epochs.back().epoch));
    }
  if (const auto confusion = node.find("confusion"))
    for (const auto& [name, counts] : confusion->members()) run.confusion[name] = counts_of(counts);
  if (const auto maps = node.find("maps"))
    for (const JsonNode& image : maps->items()) run.maps.push_back(image_of(image));
  return run;
}

support::NetFacts net_of(const JsonNode& node) {
  const auto size = [](const JsonNode& number) {
    return number.integer(0, std::numeric_limits<long>::max() / 2);  // a double is exact about its order there
  };
  support::NetFacts net;
  net.parameters = static_cast<std::size_t>(size(node["parameters"]));
  if (const auto found = node.find("multiply_adds")) net.multiply_adds = size(*found);
  net.microseconds = number(node, "microseconds");
  if (const auto found = node.find("workspace_bytes")) net.workspace_bytes = static_cast<std::size_t>(size(*found));
  return net;
}

nlohmann::json parse(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  if (!file) throw rocket::FileError(path, "", "a file that can be read", "none");
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  try {
    return nlohmann::json::parse(text);
  } catch (const nlohmann::json::parse_error& error) {
    const std::string found = text.substr(std::min(text.size(), error.byte > 0 ? error.byte - 1 : 0), 20);
    throw rocket::FileError(path, "byte " + std::to_string(error.byte), "JSON",
                            found.empty() ? "the end of the file" : '"' + found + '"');
  } catch (const nlohmann::json::out_of_range& error) {
    throw rocket::FileError(path, "", "numbers that a double can hold", error.what());
  }
}

/// Settings that may differ between the files of an experiment: they say which runs there are, not how they are made.
bool is_about_the_file(const std::string& setting) { return setting == "command" || setting == "recipe"; }

void check_same(const RunsFile& first, const RunsFile& other) {
  const auto check = [&](const std::string& place, const std::string& expected, const std::string& found) {
    if (expected != found)
      throw rocket::FileError(other.path, place, '"' + expected + "\", as in " + first.path, '"' + found + '"');
  };
  const support::Results &a = first.results, &b = other.results;
  check("example", a.example, b.example);
  check("data", a.data, b.data);
  check("epochs", std::to_string(a.epochs), std::to_string(b.epochs));
  for (const auto& [name, value] : a.settings)
    if (!is_about_the_file(name)) {
      const auto found = b.settings.find(name);
      check("settings." + name, value, found == b.settings.end() ? "" : found->second);
    }
}

}  // namespace

RunsFile read_runs(const std::string& path) {
  const nlohmann::json json = parse(path);
  const JsonNode file{path, json};
  RunsFile read{path, {}, {}};
  support::Results& results = read.results;
  results.example = file["example"].text();
  results.data = file["data"].text();
  results.threads = integer(file, "threads", 1);
  results.epochs = integer(file, "epochs", 1);
  for (const JsonNode& run : file["runs"].items()) results.runs.push_back(run_of(run));
  if (results.runs.empty()) file["runs"].refuse("at least one run", "none");
  for (const auto& [name, net] : file["nets"].members()) results.nets[name] = net_of(net);
  if (const auto settings = file.find("settings"))
    for (const auto& [name, value] : settings->members()) results.settings[name] = value.text();
  if (const auto classes = file.find("classes"))
    for (const JsonNode& name : classes->items()) results.classes.push_back(name.text());
  if (const auto machine = file.find("machine")) {
    read.machine.processor = (*machine)["processor"].text();
    read.machine.cores = integer(*machine, "cores", 0);
  }
  if (const auto compiler = file.find("compiler")) read.machine.compiler = compiler->text();
  if (const auto simd = file.find("simd")) read.machine.simd = simd->text();
  return read;
}

support::Results merge(const std::vector<RunsFile>& files) {
  support::Results all = files.front().results;
  all.runs.clear();
  for (const RunsFile& file : files) {
    check_same(files.front(), file);
    for (std::size_t i = 0; i < file.results.runs.size(); ++i) {
      const support::Run& run = file.results.runs[i];
      if (support::find(all, run.variant, run.seed))
        throw rocket::FileError(file.path, "runs[" + std::to_string(i) + ']', "a run that isn't there yet",
                                run.variant + " with seed " + std::to_string(run.seed) + " once more");
      all.runs.push_back(run);
    }
  }
  return all;
}
