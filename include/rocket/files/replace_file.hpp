/// \file
/// Writes a file so that whoever looks finds the old one or the new one, whole, whatever happens in between.
#pragma once
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

#include "rocket/core/error.hpp"

namespace rocket {

namespace detail {

/// A file descriptor; closed at the end.
class Descriptor {
 public:
  Descriptor(const std::string& path, int flags) : path_{path}, number_{::open(path.c_str(), flags, 0666)} {
    check(number_ >= 0, "a file that can be opened");
  }
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  void write(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto written = ::write(number_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      check(written >= 0, "a file that can be written");
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
  }
  void flush() {
    int answer = 0;
    do answer = ::fsync(number_);
    while (answer != 0 && errno == EINTR);
    // There are file systems, of folders above all, that have nothing to flush.
    check(answer == 0 || errno == EINVAL || errno == ENOTSUP, "a file that can be flushed");
  }
  /// Takes the file for this process until this is destroyed; false where another one has it.
  bool take() {
    int answer = 0;
    do answer = ::flock(number_, LOCK_EX | LOCK_NB);
    while (answer != 0 && errno == EINTR);
    return answer == 0 || errno != EWOULDBLOCK;  // there are file systems without locks
  }
  void set_mode(mode_t mode) { check(::fchmod(number_, mode) == 0, "a file whose mode can be set"); }
  /// Where a disk that other machines share may say at last that it is full.
  void close() {
    const int number = number_;
    number_ = -1;
    check(::close(number) == 0 || errno == EINTR, "a file that can be closed");
  }

 private:
  void check(bool well, const char* expected) const {
    if (!well) throw FileError(path_, "", expected, std::generic_category().message(errno));
  }

  std::string path_;
  int number_;
};

/// The file that is to be replaced: a link's target, which must be there.
struct Replaced {
  std::string path;
  mode_t mode = 0;  ///< 0: there is none
  explicit Replaced(const std::string& given) : path{given} {
    struct stat found {};
    if (::lstat(given.c_str(), &found) != 0) return;
    if (S_ISLNK(found.st_mode)) {
      const std::unique_ptr<char, decltype(&std::free)> target{::realpath(given.c_str(), nullptr), &std::free};
      if (!target || ::stat(target.get(), &found) != 0)
        throw FileError(given, "", "a link to a file that is there", std::generic_category().message(errno));
      path = target.get();
    }
    if (!S_ISREG(found.st_mode))
      throw FileError(given, "", "a file, or nothing yet",
                      S_ISDIR(found.st_mode) ? "a folder" : "a device or the like");
    mode = found.st_mode & 07777;
  }
};

}  // namespace detail

/// What the unfinished file beside a path is called.
inline std::string partial_path(const std::string& path) { return path + ".partial"; }

/// Makes `pieces`, one behind the other, the content of the file. They are written beside it (partial_path), flushed to
/// the disk, and then take the place of what was there, in one step of the file system. A process that is killed on the
/// way leaves the old file as it was; the unfinished one is written over next time. The new one has the mode of the old
/// one; where the path is a link, its target is replaced.
///
/// One writer a path at a time. POSIX.
/// \throws FileError  where something can't be written, or what is there is no file: the old file is there as before,
///                    the unfinished one isn't. Or where the disk fails to flush the folder: then the new file is
///                    there, but a power cut may undo it
inline void replace_file(const std::string& given, std::span<const std::string_view> pieces) {
  const detail::Replaced old{given};
  const std::string& path = old.path;
  const std::size_t slash = path.rfind('/');
  const std::string in = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  if (::access(in.c_str(), F_OK) != 0)
    throw FileError(given, "", "a path in a folder that is there", std::generic_category().message(errno));
  detail::Descriptor folder{in, O_RDONLY | O_DIRECTORY | O_CLOEXEC};
  const std::string partial = partial_path(path);
  ::unlink(partial.c_str());  // a process that was killed may have left one that can't be opened
  try {
    detail::Descriptor file{partial, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC};
    if (old.mode != 0) file.set_mode(old.mode);
    for (const std::string_view piece : pieces) file.write(piece);
    file.flush();
    file.close();
    if (std::rename(partial.c_str(), path.c_str()) != 0)
      throw FileError(path, "", "a file that can be replaced", std::generic_category().message(errno));
  } catch (...) {
    ::unlink(partial.c_str());
    throw;
  }
  folder.flush();  // the new name is on the disk when the folder is
}
/// The same of one piece.
inline void replace_file(const std::string& path, std::string_view content) {
  replace_file(path, std::span{&content, 1});
}

}  // namespace rocket
