#pragma once
#include <algorithm>
#include <cstddef>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rocket/core/error.hpp"
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
      : path_{path}, file_{path_}, max_bytes_{max_bytes}, buffer_(std::size_t{1} << 16) {}
  LineReader(const LineReader&) = delete;
  LineReader& operator=(const LineReader&) = delete;

  const std::string& path() const { return path_; }
  /// Of the line that was read last, counted from 1.
  std::size_t number() const { return number_; }

  /// The next line, without what ends it, on whatever system it was written, nor the byte order mark that some editors
  /// begin with; none at the end of the file. It is there until the next call.
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
    if (number_++ == 0 && line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
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
    // One byte more than allowed tells a file that is too long from one that just fits.
    const std::size_t left = max_bytes_ - read_, room = buffer_.size() - end_;
    const std::size_t wanted = left < room ? left + 1 : room;
    const std::size_t got = file_.read(std::span{buffer_}.subspan(end_, wanted));
    if (got > left)
      throw FileError(path_, "byte " + std::to_string(max_bytes_),
                      "the end of the file (at most " + std::to_string(max_bytes_) + " bytes)", "more bytes");
    read_ += got;
    end_ += got;
    at_end_ = got < wanted;
  }

  const std::string path_;
  FileReader file_;
  std::size_t max_bytes_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0, end_ = 0;  ///< of what is left in it
  std::size_t read_ = 0;             ///< bytes of the file
  std::size_t number_ = 0;
  bool at_end_ = false;
};

}  // namespace rocket::detail
