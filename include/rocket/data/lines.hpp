#pragma once
#include <cstddef>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rocket/core/error.hpp"
#include "rocket/data/cells.hpp"
#include "rocket/data/gzip.hpp"

namespace rocket::detail {

/// Bytes of the longest line that is believed.
inline constexpr std::size_t longest_line = std::size_t{1} << 24;

/// The lines of a file of any size, plain or packed by gzip, one after the other: in memory is no more than a few times
/// the longest one. Needs zlib.
class LineReader {
 public:
  /// \throws FileError  as read_file() does, then or in a later call
  LineReader(const std::string& path, std::size_t max_bytes)
      : path_{path}, file_{path_, max_bytes}, buffer_(std::size_t{1} << 16) {}
  LineReader(const LineReader&) = delete;
  LineReader& operator=(const LineReader&) = delete;

  const std::string& path() const { return path_; }
  /// Of the line that was read last, counted from 1.
  std::size_t number() const { return number_; }

  /// The next line, as take_line() gives it, and the first one without_mark(); none at the end of the file. It is there
  /// until the next call.
  std::optional<std::string_view> next() {
    for (std::size_t searched = 0;;) {
      const std::string_view rest{buffer_.data() + begin_, end_ - begin_};
      const std::size_t end = rest.find('\n', searched);
      if (end != std::string_view::npos) return take(rest.substr(0, end), end + 1);
      if (at_end_) return rest.empty() ? std::nullopt : std::optional{take(rest, rest.size())};
      searched = rest.size();
      refill();
    }
  }

 private:
  std::string_view take(std::string_view line, std::size_t bytes) {
    begin_ += bytes;
    return without_return(number_++ == 0 ? without_mark(line) : line);
  }

  /// Moves the rest to the front and reads behind it.
  void refill() {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
    if (end_ == buffer_.size()) {
      if (end_ >= longest_line)
        throw FileError(path_, "line " + std::to_string(number_ + 1),
                        "the end of the line after at most " + std::to_string(longest_line) + " bytes", "more bytes");
      buffer_.resize(2 * buffer_.size());
    }
    end_ += file_.read(std::span{buffer_}.subspan(end_));
    at_end_ = end_ < buffer_.size();
  }

  const std::string path_;
  FileReader file_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0, end_ = 0;  ///< of what is left in it
  std::size_t number_ = 0;
  bool at_end_ = false;
};

}  // namespace rocket::detail
