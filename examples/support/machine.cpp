#include "support/machine.hpp"

#include <rocket/core/simd.hpp>

#include <fstream>
#include <thread>

namespace support {
namespace {

std::string processor() {
  std::ifstream info{"/proc/cpuinfo"};
  for (std::string line; std::getline(info, line);)
    if (line.starts_with("model name"))
      if (const std::size_t colon = line.find(": "); colon != std::string::npos) return line.substr(colon + 2);
  return "";
}

std::string compiler() {
#ifdef __clang__
  return "clang " __clang_version__;
#else
  return "g++ " __VERSION__;
#endif
}

}  // namespace

Machine this_machine() {
  return {processor(), static_cast<int>(std::thread::hardware_concurrency()), compiler(),
          std::to_string(8 * sizeof(float) * rocket::native_lanes<float>) + " bits"};
}

}  // namespace support
