// Writes a checkpoint, and beside it, as text, what a reader should find in it.
#include <cstdio>
#include <string>

#include <rocket/rocket.hpp>
#include <rocket/train/checkpoint.hpp>

using namespace rocket;

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  using Pair = Launch<Input<64>, Sequential<Dense<16>, BatchNorm<>, Relu>, Dense<10>, Dense<10>>;
  Trainer trainer{Pair{Seed{7}}, Sgd{.rate = 0.1, .momentum = 0.9}};
  const auto [train, test] = split(digits(), std::size_t{100}, Seed{1});
  trainer.fit(train, {.epochs = 1, .batch_size = 32});
  save_checkpoint(trainer, argv[1], {{"commit", "abc"}});

  std::FILE* text = std::fopen(argv[2], "w");
  if (!text) return 1;
  for (const Tensor& tensor : read_safetensors(argv[1]).tensors) {
    std::fprintf(text, "%s %s", tensor.name.c_str(), tensor.type.c_str());
    for (const auto extent : tensor.shape) std::fprintf(text, " %lu", static_cast<unsigned long>(extent));
    std::fprintf(text, ":");
    for (const std::byte byte : tensor.bytes) std::fprintf(text, "%02x", std::to_integer<unsigned>(byte));
    std::fprintf(text, "\n");
  }
  return std::fclose(text) == 0 ? 0 : 1;
}
