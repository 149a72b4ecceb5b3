/// \file
/// The exceptions of the library: each one says where, what was expected and what was found.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace rocket {

/// The base of every exception that the library throws itself.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A file that cannot be used as it is.
///
/// The message reads "path: place: expected X, found Y"; an empty place is left out.
class FileError : public Error {
 public:
  /// \param path      the file
  /// \param place     where in the file, such as "line 3, column 2" or "byte 16"; empty for the file as a whole
  /// \param expected  what should have been there
  /// \param found     what was there instead
  FileError(std::string path, std::string place, std::string expected, std::string found)
      : Error(path + ": " + (place.empty() ? "" : place + ": ") + "expected " + expected + ", found " + found),
        path_(std::move(path)),
        place_(std::move(place)),
        expected_(std::move(expected)),
        found_(std::move(found)) {}

  /// The file.
  const std::string& path() const noexcept { return path_; }
  /// Where in the file; empty for the file as a whole.
  const std::string& place() const noexcept { return place_; }
  /// What should have been there.
  const std::string& expected() const noexcept { return expected_; }
  /// What was there instead.
  const std::string& found() const noexcept { return found_; }

 private:
  std::string path_;
  std::string place_;
  std::string expected_;
  std::string found_;
};

/// An argument whose value makes no sense.
///
/// The message reads "argument: expected X, found Y".
class ValueError : public Error {
 public:
  /// \param argument  the name of the argument, with an index where it has many values: "labels[3]"
  /// \param expected  the values that would have been right
  /// \param found     the value that was given
  ValueError(std::string argument, std::string expected, std::string found)
      : Error(argument + ": expected " + expected + ", found " + found),
        argument_(std::move(argument)),
        expected_(std::move(expected)),
        found_(std::move(found)) {}

  /// The name of the argument.
  const std::string& argument() const noexcept { return argument_; }
  /// The values that would have been right.
  const std::string& expected() const noexcept { return expected_; }
  /// The value that was given.
  const std::string& found() const noexcept { return found_; }

 private:
  std::string argument_;
  std::string expected_;
  std::string found_;
};

}  // namespace rocket
