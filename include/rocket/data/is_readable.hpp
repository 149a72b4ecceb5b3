#pragma once

#include <cstdio>
#include <memory>
#include <string>

namespace rocket::detail {

/// Whether there is something at that path that can be opened.
inline bool is_readable(const std::string& path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file{std::fopen(path.c_str(), "rb"), std::fclose};
  return file != nullptr;
}

}  // namespace rocket::detail
