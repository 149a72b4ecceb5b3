#pragma once
#include <array>
#include <charconv>
#include <cmath>
#include <compare>
#include <cstddef>
#include <cstdio>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "rocket/core/error.hpp"

namespace rocket {

namespace detail {

/// A row's place in the run.
struct LogPlace {
  int epoch = 0;
  long step = 0;
  auto operator<=>(const LogPlace&) const = default;
};

/// The columns of every log.
inline constexpr std::array<std::string_view, 18> log_columns{"event",
                                                              "epoch",
                                                              "step",
                                                              "seconds",
                                                              "samples_per_second",
                                                              "rate",
                                                              "hint_weight",
                                                              "light_loss",
                                                              "booster_loss",
                                                              "hint_loss",
                                                              "teacher_loss",
                                                              "light_error",
                                                              "booster_error",
                                                              "agreement",
                                                              "shared_gradient",
                                                              "light_gradient",
                                                              "booster_gradient",
                                                              "gradient_cosine"};

/// How rows are spelled, and read again.
class LogFormat {
 public:
  /// By the ending of the path, ".csv" or ".jsonl".
  LogFormat(const std::string& path, const std::map<std::string, std::string>& notes,
            const std::vector<std::string>& columns)
      : columns_{columns}, json_{path.ends_with(".jsonl")} {
    if (!json_ && !path.ends_with(".csv")) throw ValueError("path of a log", "one that ends in .csv or .jsonl", path);
    const auto comma = [](bool first) { return first ? "" : ","; };
    head_ = opening();
    if (json_) {
      head_ += ",\"columns\":[";
      for (const std::string& column : columns_)
        head_.append(comma(&column == &columns_.front())).append(quoted(column));
      head_ += "],\"notes\":{";
      for (const auto& note : notes)
        head_.append(comma(&note == &*notes.begin()))
            .append(quoted(note.first))
            .append(":")
            .append(quoted(note.second));
      head_ += "}}\n";
    } else {
      head_ += '\n';
      for (const auto& [key, text] : notes)
        head_.append("# ").append(in_a_line(key)).append(": ").append(in_a_line(text)).append("\n");
      for (const std::string& column : columns_) head_.append(comma(&column == &columns_.front())).append(column);
      head_ += '\n';
    }
  }

  /// What every log begins with.
  std::string_view opening() const { return json_ ? "{\"event\":\"log\"" : "# log of a run"; }
  /// What stands before the rows.
  const std::string& head() const { return head_; }
  /// \param cells  behind event, epoch and step
  std::string row(std::string_view event, LogPlace place, const std::vector<std::optional<double>>& cells) const {
    std::string text = json_
                           ? "{\"event\":\"" + std::string{event} + "\",\"epoch\":" + std::to_string(place.epoch) +
                                 ",\"step\":" + std::to_string(place.step)
                           : std::string{event} + ',' + std::to_string(place.epoch) + ',' + std::to_string(place.step);
    for (std::size_t i = 0; i < cells.size(); ++i) {
      text += json_ ? ",\"" + columns_[i + 3] + "\":" : std::string{","};
      if (cells[i] && (std::isfinite(*cells[i]) || !json_))
        text += number(*cells[i]);
      else if (json_)
        text += "null";
    }
    return text + (json_ ? "}\n" : "\n");
  }
  /// The place and the seconds that a row begins with; none: this is no row.
  std::optional<std::pair<LogPlace, double>> read(std::string_view line) const {
    LogPlace place;
    double seconds = 0;
    const auto take = [&](std::string_view before, auto& into) {
      if (!line.starts_with(before)) return false;
      line.remove_prefix(before.size());
      const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), into);
      if (error != std::errc{}) return false;
      line.remove_prefix(static_cast<std::size_t>(end - line.data()));
      return true;
    };
    const auto take_all = [&](std::string_view event) {
      const std::string first =
          json_ ? "{\"event\":\"" + std::string{event} + "\",\"epoch\":" : std::string{event} + ',';
      return take(first, place.epoch) && take(json_ ? ",\"step\":" : ",", place.step) &&
             take(json_ ? ",\"seconds\":" : ",", seconds);
    };
    if (!take_all("step") && !take_all("epoch")) return std::nullopt;
    return std::pair{place, seconds};
  }

 private:
  static std::string number(double value) {
    std::array<char, 32> digits;
    constexpr int precision = 7;
    return {digits.data(),
            std::to_chars(digits.begin(), digits.end(), value, std::chars_format::general, precision).ptr};
  }
  static std::string in_a_line(std::string text) {
    for (char& c : text)
      if (c == '\n' || c == '\r') c = ' ';
    return text;
  }
  static std::string quoted(std::string_view text) {
    std::string quote = "\"";
    for (const char c : text) {
      if (c == '"' || c == '\\') quote += '\\';
      if (static_cast<unsigned char>(c) >= 0x20) {
        quote += c;
      } else {
        std::array<char, 8> escape;
        std::snprintf(escape.data(), escape.size(), "\\u%04x", static_cast<unsigned>(c));
        quote += escape.data();
      }
    }
    return quote + '"';
  }

  std::vector<std::string> columns_;
  bool json_;
  std::string head_;
};

}  // namespace detail

}  // namespace rocket
