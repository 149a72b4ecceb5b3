// Trains a pair in several ways with as many threads as its argument says, and prints a checksum of what became of it.
#include <cstdio>
#include <cstdlib>

#include <rocket/rocket.hpp>

#include "../support/checksum.hpp"
#include "../support/random_numbers.hpp"

using namespace rocket;

namespace {

constexpr int batch = 300;
using Trunk = Sequential<Dense<256>, BatchNorm<>, Relu, Dropout<0.2>>;
using Net = Launch<Input<64>, Trunk, Dense<10>, Sequential<Dense<256>, BatchNorm<>, Gelu, Dense<10>>>;
static_assert(3.0 * 256 * batch >= nanoseconds_worth_a_team);  // Dropout; products and Gelu are worth more

template <class... Options>
void train(const char* how, int threads, const Options&... options) {
  const RandomSamples<Net> samples{2 * batch + 1};  // batches of two sizes
  Trainer trainer{Net{Seed{3}}, Threads{threads}, options...};
  trainer.fit(samples.view(), {.epochs = 2, .batch_size = batch + 1});
  std::printf("%-20s %016llx\n", how, static_cast<unsigned long long>(checksum(trainer.net())));
}

}  // namespace

int main(int argc, char** argv) {
  const int threads = argc == 2 ? std::atoi(argv[1]) : 0;
  if (threads < 1) {
    std::fprintf(stderr, "usage: %s THREADS\n", argv[0]);
    return 2;
  }
  const Sgd sgd{.rate = 0.05, .momentum = 0.9, .weight_decay = 1e-3};
  train("logit MSE", threads, LogitMse{}, sgd);
  train("logit MSE, clipped", threads, LogitMse{}, GradientBlock::none, ClipNorm{0.1}, sgd);
  train("softmax MSE", threads, SoftmaxMse{}, GradientBlock::booster_parameters, sgd);
  train("scale-free", threads, ScaleFreeLogitMse{}, GradientBlock::light_input, sgd);
  train("KL, Adam", threads, Kl{}, Adam{});
  train("hard label, AdamW", threads, HardLabel{}, AdamW{});
}
