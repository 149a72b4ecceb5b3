// Writes a checkpoint, and beside it, as text, what a reader should find in it.
#include <rocket/rocket.hpp>
#include <rocket/train/checkpoint.hpp>

#include "arrays_as_text.hpp"

using namespace rocket;

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  using Pair = Launch<Input<64>, Sequential<Dense<16>, BatchNorm<>, Relu>, Dense<10>, Dense<10>>;
  Trainer trainer{Pair{Seed{7}}, Sgd{.rate = 0.1, .momentum = 0.9}};
  const auto [train, test] = split(digits(), std::size_t{100}, Seed{1});
  trainer.fit(train, {.epochs = 1, .batch_size = 32});
  save_checkpoint(trainer, argv[1], {{"commit", "abc"}});
  return write_as_text(read_safetensors(argv[1]), argv[2]) ? 0 : 1;
}
