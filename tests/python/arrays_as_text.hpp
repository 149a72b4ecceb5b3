// Arrays as text, a line each: name, type, extents, a colon and the bytes in hexadecimal.
#pragma once

#include <cstdio>

#include <rocket/files/tensor_file.hpp>

inline bool write_as_text(const rocket::TensorFile& file, const char* path) {
  std::FILE* text = std::fopen(path, "w");
  if (!text) return false;
  for (const rocket::Tensor& tensor : file.tensors) {
    std::fprintf(text, "%s %s", tensor.name.c_str(), tensor.type.c_str());
    for (const auto extent : tensor.shape) std::fprintf(text, " %lu", static_cast<unsigned long>(extent));
    std::fprintf(text, ":");
    for (const std::byte byte : tensor.bytes) std::fprintf(text, "%02x", std::to_integer<unsigned>(byte));
    std::fprintf(text, "\n");
  }
  return std::fclose(text) == 0;
}
