#include "report/json_node.hpp"

#include <rocket/core/error.hpp>

void JsonNode::refuse(const std::string& expected, const std::string& found) const {
  throw rocket::FileError(*path_, place_, expected, found);
}

void JsonNode::refuse(const std::string& expected) const {
  constexpr std::size_t most = 40;
  std::string found = json_->dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
  if (found.size() > most) found = found.substr(0, most) + "...";
  refuse(expected, found);
}

void JsonNode::check_object() const {
  if (!json_->is_object()) refuse("an object");
}

JsonNode JsonNode::member(const std::string& key, const nlohmann::json& json) const {
  return {*this, place_.empty() ? key : place_ + '.' + key, json};
}

JsonNode JsonNode::operator[](const char* key) const {
  check_object();
  const auto found = json_->find(key);
  if (found == json_->end()) member(key, *json_).refuse("a value", "nothing of that name");
  return member(key, *found);
}

std::optional<JsonNode> JsonNode::find(const char* key) const {
  check_object();
  const auto found = json_->find(key);
  if (found == json_->end() || found->is_null()) return std::nullopt;
  return member(key, *found);
}

std::vector<JsonNode> JsonNode::items() const {
  if (!json_->is_array()) refuse("a list");
  std::vector<JsonNode> nodes;
  for (std::size_t i = 0; i < json_->size(); ++i)
    nodes.push_back({*this, place_ + '[' + std::to_string(i) + ']', (*json_)[i]});
  return nodes;
}

std::vector<std::pair<std::string, JsonNode>> JsonNode::members() const {
  check_object();
  std::vector<std::pair<std::string, JsonNode>> nodes;
  for (const auto& [key, value] : json_->items()) nodes.emplace_back(key, member(key, value));
  return nodes;
}

std::string JsonNode::text() const {
  if (!json_->is_string()) refuse("a text");
  return json_->get<std::string>();
}

double JsonNode::number() const {
  if (!json_->is_number()) refuse("a number");
  return json_->get<double>();
}

double JsonNode::fraction() const {
  const double found = number();
  if (!(found >= 0 && found <= 1)) refuse("a fraction in [0, 1]");
  return found;
}

long JsonNode::integer(long least, long most) const {
  const std::string expected = "a whole number in [" + std::to_string(least) + ", " + std::to_string(most) + "]";
  // As a double first: a number beyond long must not wrap around into the range.
  if (!json_->is_number_integer() || json_->get<double>() < static_cast<double>(least) ||
      json_->get<double>() > static_cast<double>(most))
    refuse(expected);
  return json_->get<long>();
}
