#include "support/json.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <rocket/core/error.hpp>
#include <utility>

#include "support/machine.hpp"

namespace support {
namespace {

using Json = nlohmann::ordered_json;

template <class Number>
Json or_null(const std::optional<Number>& number) {
  return number ? Json(*number) : Json(nullptr);
}

std::string hexadecimal(std::uint64_t number) {
  char digits[17];
  std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(number));
  return digits;
}

Json to_json(const NetFacts& net) {
  Json json{{"parameters", net.parameters}};
  if (net.multiply_adds) json["multiply_adds"] = *net.multiply_adds;
  if (net.microseconds) json["microseconds"] = *net.microseconds;
  if (net.workspace_bytes) json["workspace_bytes"] = *net.workspace_bytes;
  return json;
}

Json to_json(const rocket::PassTime& pass, double steps) {
  return {{"milliseconds", 1e3 * pass.seconds / steps},
          {"multiply_adds", static_cast<double>(pass.multiply_adds) / steps}};
}

/// What a step takes on average.
Json to_json(const Profile& profile) {
  const auto steps = static_cast<double>(profile.times.steps);
  Json json{{"steps", profile.times.steps}, {"samples", profile.times.samples}, {"layers", Json::array()}};
  for (const auto& [layer, time] : profile.layers)
    json["layers"].push_back({{"part", layer.part},
                              {"name", layer.name},
                              {"layer", layer.layer},
                              {"copies", layer.copies},
                              {"forward", to_json(time.forward, steps)},
                              {"backward", to_json(time.backward, steps)}});
  for (const StepPart& part : parts_of(profile.times)) json["milliseconds"][part.name] = 1e3 * part.seconds / steps;
  json["milliseconds"]["step"] = 1e3 * profile.times.total() / steps;
  return json;
}

Json to_json(const Epoch& epoch) {
  return {{"epoch", epoch.epoch},
          {"rate", epoch.rate},
          {"light_loss", or_null(epoch.light_loss)},
          {"booster_loss", or_null(epoch.booster_loss)},
          {"hint_loss", or_null(epoch.hint_loss)},
          {"teacher_loss", or_null(epoch.teacher_loss)},
          {"light_train_error", or_null(epoch.light_train_error)},
          {"booster_train_error", or_null(epoch.booster_train_error)},
          {"light_test_error", or_null(epoch.light_test_error)},
          {"booster_test_error", or_null(epoch.booster_test_error)},
          {"agreement", or_null(epoch.agreement)},
          {"seconds", epoch.seconds},
          {"distance", or_null(epoch.distance)}};
}

Json to_json(const Raster& raster) {
  return {{"height", raster.height}, {"width", raster.width}, {"channels", raster.channels}, {"levels", raster.levels}};
}

Json to_json(const ShownImage& image);
Json to_json(const Run& run);

/// Each as to_json says.
template <class Things>
Json list_of(const Things& things) {
  Json list = Json::array();
  for (const auto& thing : things) list.push_back(to_json(thing));
  return list;
}

Json to_json(const ShownImage& image) {
  return {{"index", image.index},
          {"label", image.label},
          {"light_says", image.light_says},
          {"booster_says", image.booster_says},
          {"pixels", to_json(image.pixels)},
          {"light", list_of(image.light)},
          {"booster", list_of(image.booster)}};
}

Json to_json(const Run& run) {
  Json json{{"variant", run.variant},
            {"seed", run.seed},
            {"light_error", or_null(run.light_error)},
            {"booster_error", or_null(run.booster_error)},
            {"seconds", run.seconds},
            {"checksum", hexadecimal(run.checksum)}};
  for (const auto& [name, value] : run.measures) json[name] = value;
  if (run.profile) json["profile"] = to_json(*run.profile);
  if (!run.epochs.empty()) json["epochs"] = list_of(run.epochs);
  if (!run.confusion.empty()) json["confusion"] = run.confusion;
  if (!run.maps.empty()) json["maps"] = list_of(run.maps);
  return json;
}

/// Indented, but what holds only numbers is a line.
void print(const Json& json, const std::string& indent, std::ostream& to) {
  const auto is_leaf = [](const Json& part) { return part.is_primitive(); };
  if (json.empty() || json.is_primitive() || (json.is_array() && std::all_of(json.begin(), json.end(), is_leaf))) {
    to << json.dump();
    return;
  }
  const char* before = json.is_array() ? "[\n" : "{\n";
  for (auto part = json.begin(); part != json.end(); ++part) {
    to << std::exchange(before, ",\n") << indent << "  ";
    if (json.is_object()) to << Json(part.key()).dump() << ": ";
    print(*part, indent + "  ", to);
  }
  to << '\n' << indent << (json.is_array() ? ']' : '}');
}

constexpr const char* suffix = ".part";

[[noreturn]] void fail(const std::string& path) {
  const std::string reason = std::strerror(errno);
  std::remove((path + suffix).c_str());
  throw rocket::FileError(path, "", "a file that can be written", reason);
}

}  // namespace

void check_can_write(const std::string& path) {
  if (!std::ofstream{path + suffix}) fail(path);
  std::remove((path + suffix).c_str());
}

void write_json(const Results& results, const std::string& path) {
  const Machine machine = this_machine();
  Json json{{"example", results.example},
            {"data", results.data},
            {"threads", results.threads},
            {"epochs", results.epochs},
            {"compiler", machine.compiler},
            {"simd", machine.simd},
            {"machine", {{"processor", machine.processor}, {"cores", machine.cores}}},
            {"runs", list_of(results.runs)},
            {"nets", Json::object()}};
  if (!results.settings.empty()) json["settings"] = results.settings;
  if (!results.classes.empty()) json["classes"] = results.classes;
  for (const auto& [name, net] : results.nets) json["nets"][name] = to_json(net);

  const std::string beside = path + suffix;
  std::ofstream file{beside};
  print(json, "", file);
  file << '\n';
  file.close();
  if (!file || std::rename(beside.c_str(), path.c_str()) != 0) fail(path);
}

}  // namespace support
