#include "support/json.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <rocket/core/error.hpp>
#include <rocket/core/simd.hpp>

namespace support {
namespace {

using Json = nlohmann::ordered_json;

template <class Number>
Json or_null(const std::optional<Number>& number) {
  return number ? Json(*number) : Json(nullptr);
}

std::string compiler() {
#ifdef __clang__
  return "clang " __clang_version__;
#else
  return "g++ " __VERSION__;
#endif
}

std::string simd() { return std::to_string(8 * sizeof(float) * rocket::native_lanes<float>) + " bits"; }

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
  Json json{{"example", results.example}, {"data", results.data},   {"threads", results.threads},
            {"epochs", results.epochs},   {"compiler", compiler()}, {"simd", simd()},
            {"runs", Json::array()},      {"nets", Json::object()}};
  if (!results.settings.empty()) json["settings"] = results.settings;
  for (const Run& run : results.runs) {
    json["runs"].push_back({{"variant", run.variant},
                            {"seed", run.seed},
                            {"light_error", or_null(run.light_error)},
                            {"booster_error", or_null(run.booster_error)},
                            {"seconds", run.seconds},
                            {"checksum", hexadecimal(run.checksum)}});
    if (run.profile) json["runs"].back()["profile"] = to_json(*run.profile);
  }
  for (const auto& [name, net] : results.nets) json["nets"][name] = to_json(net);

  const std::string beside = path + suffix;
  std::ofstream file{beside};
  file << json.dump(2) << '\n';
  file.close();
  if (!file || std::rename(beside.c_str(), path.c_str()) != 0) fail(path);
}

}  // namespace support
