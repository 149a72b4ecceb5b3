// Trains a pair in several ways with as many threads as its argument says, and prints a checksum of what became of it.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include <rocket/models/wide_resnet.hpp>
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

/// Images, drawn anew in every epoch, through every kind of layer that reads them.
void train_on_images(int threads) {
  constexpr Window half{.size = 2, .stride = 2, .padding = 0}, same{.size = 3, .stride = 1, .padding = 1};
  using Wide = Interval<Input<16, 16, 3>, 10, WideResNet<10>, WideResNet<16>>;
  using Pools =
      Plain<Input<16, 16, 3>, Sequential<Conv2d<24, same>, MaxPool<half>, Conv2d<24, same, Bias::yes, depthwise>,
                                         AttentionMap, AveragePool<half>, Dense<10>>>;
  ImageSet images{{}, {}, 16, 16, 3, 10, "random"};
  const Random random{7};
  for (std::uint64_t i = 0; i < 150; ++i) images.labels.push_back(static_cast<int>(i % 10));
  for (std::uint64_t i = 0; i < 150 * 768; ++i) images.pixels.push_back(static_cast<std::uint8_t>(random.bits(i)[0]));
  const ImageSamples samples{images, Normalization::of(images), Augmentation{.flip = 0.5, .padding = 4}};

  const auto train_net = [&](const char* how, auto net) {
    Trainer trainer{std::move(net), Threads{threads}, Sgd{.rate = 0.05, .momentum = 0.9}};
    trainer.fit(samples, {.epochs = 2, .batch_size = 75});
    std::printf("%-20s %016llx\n", how, static_cast<unsigned long long>(checksum(trainer.net())));
  };
  train_net("wide residual pair", Wide{Seed{3}});
  train_net("pools", Pools{Seed{3}});
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
  train_on_images(threads);
}
