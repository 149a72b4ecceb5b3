// npz_as_text write ARCHIVE TEXT writes arrays of every type and, as text, what numpy should find in them; npz_as_text
// read ARCHIVE TEXT writes as text what is found in an archive that numpy wrote.
#include <algorithm>
#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include <rocket/files/npz.hpp>
#include <rocket/net/tensors.hpp>
#include <rocket/rocket.hpp>

#include "arrays_as_text.hpp"

using namespace rocket;

namespace {

void write(const char* path) {
  const Launch<Input<5>, Sequential<Dense<4>, BatchNorm<>, Relu>, Dense<3>, Dense<3>> net{Seed{7}};
  std::vector<Tensor> tensors = tensors_of(net);
  std::vector<std::byte> bytes(24 * 8);
  for (std::size_t b = 0; b < bytes.size(); ++b) bytes[b] = static_cast<std::byte>(b * 37);
  const std::vector<std::byte> truths{std::byte{1}, std::byte{0}, std::byte{1}, std::byte{1}};
  tensors.push_back({"BOOL", "BOOL", {2, 2}, truths});
  for (const char* type : {"U8", "I8", "U16", "I16", "F16", "U32", "I32", "F32", "U64", "I64", "F64"})
    tensors.push_back(
        {type, type, {2, 3, 4}, std::span<const std::byte>{bytes}.first(24 * detail::bytes_of_type(type))});
  tensors.push_back({"one", "F64", {}, std::span<const std::byte>{bytes}.first(8)});
  tensors.push_back({"none", "F32", {3, 0, 2}, {}});
  tensors.push_back({"größe/x.npy", "F32", {2}, std::span<const std::byte>{bytes}.first(8)});
  write_npz(path, tensors);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  if (std::string_view{argv[1]} == "write") write(argv[2]);
  return write_as_text(read_npz(argv[2]), argv[3]) ? 0 : 1;
}
