#pragma once
#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

/// A place in a JSON file that is read with distrust: whatever isn't there, or isn't what is asked for, is a
/// rocket::FileError that names the place ("runs[3].seed").
class JsonNode {
 public:
  /// The whole of a file; both must outlive the nodes.
  JsonNode(const std::string& path, const nlohmann::json& json) : path_{&path}, json_{&json} {}

  JsonNode operator[](const char* key) const;
  /// The member of that name; none if it isn't there or is null.
  std::optional<JsonNode> find(const char* key) const;
  /// Of a list.
  std::vector<JsonNode> items() const;
  /// Of an object, by their names.
  std::vector<std::pair<std::string, JsonNode>> members() const;

  std::string text() const;
  double number() const;
  /// A number in [0, 1].
  double fraction() const;
  /// A whole number in [least, most].
  long integer(long least, long most) const;

  /// What is wrong here.
  [[noreturn]] void refuse(const std::string& expected, const std::string& found) const;

 private:
  JsonNode(const JsonNode& parent, std::string place, const nlohmann::json& json)
      : path_{parent.path_}, place_{std::move(place)}, json_{&json} {}
  JsonNode member(const std::string& key, const nlohmann::json& json) const;
  [[noreturn]] void refuse(const std::string& expected) const;
  void check_object() const;

  const std::string* path_;
  std::string place_;
  const nlohmann::json* json_;
};
