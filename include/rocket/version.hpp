/// \file
/// Which Rocket this is. The build reads the version from here, so it is written nowhere else.
#pragma once
#include <string>

/// \name The version as macros, for `#if`
/// \{
#define ROCKET_VERSION_MAJOR 0  ///< version_major
#define ROCKET_VERSION_MINOR 1  ///< version_minor
#define ROCKET_VERSION_PATCH 0  ///< version_patch
/// \}

namespace rocket {

/// Grows when code that compiled may stop compiling; while it is 0, the minor version does.
inline constexpr int version_major = ROCKET_VERSION_MAJOR;
/// Grows when something is added.
inline constexpr int version_minor = ROCKET_VERSION_MINOR;
/// Grows when something is mended.
inline constexpr int version_patch = ROCKET_VERSION_PATCH;

namespace detail {
/// As files say it: "0.1.0".
inline std::string spell_version() {
  return std::to_string(version_major) + '.' + std::to_string(version_minor) + '.' + std::to_string(version_patch);
}
}  // namespace detail

}  // namespace rocket
