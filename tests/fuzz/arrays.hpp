// What the targets of files of arrays share.
#pragma once

#include <algorithm>

#include <rocket/files/tensor_file.hpp>

#include "fuzz.hpp"

// Ends the program unless both files hold the same arrays.
inline void require_same_arrays(const rocket::TensorFile& a, const rocket::TensorFile& b) {
  require(a.tensors.size() == b.tensors.size(), "as many arrays");
  for (const rocket::Tensor& tensor : a.tensors) {
    const rocket::Tensor* other = b.find(tensor.name);
    require(other && other->type == tensor.type && other->shape == tensor.shape, "names, types and shapes stay");
    require(std::ranges::equal(other->bytes, tensor.bytes), "arrays keep their bits");
  }
}
