// A folder of files that lives as long as a test.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>

#include <zlib.h>

// All bytes of a file; none where there is no file.
inline std::string content(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

class TemporaryFolder {
 public:
  TemporaryFolder() : path_{(std::filesystem::temp_directory_path() / "rocket-test-XXXXXX").string()} {
    if (mkdtemp(path_.data()) == nullptr) throw std::runtime_error("no temporary folder");
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + '/' + name; }

  // Writes a file as it is and returns its path.
  std::string write(const std::string& name, std::string_view bytes) const {
    std::ofstream file{*this / name, std::ios::binary};
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    if (!file.flush()) throw std::runtime_error("cannot write " + name);
    return *this / name;
  }

  // Writes a file packed by gzip and returns its path.
  std::string write_gzip(const std::string& name, std::string_view bytes) const {
    const std::string path = *this / name;
    const gzFile file = gzopen(path.c_str(), "wb");
    const bool written =
        file != nullptr && (bytes.empty() || gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size())) > 0);
    if (gzclose(file) != Z_OK || !written) throw std::runtime_error("cannot write " + name);
    return path;
  }

 private:
  std::string path_;
};
