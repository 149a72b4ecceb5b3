// The paper's pair on CIFAR-10: WRN-16-1 is launched by WRN-40-1, which has its convolutions in between.
#include <charconv>
#include <cstdio>
#include <exception>
#include <string_view>
#include <system_error>
#include <rocket/data/cifar.hpp>
#include <rocket/models/wide_resnet.hpp>
#include <rocket/rocket.hpp>
using namespace rocket;

using Net = Interval<Input<32, 32, 3>, 10, WideResNet<16>, WideResNet<40>>;
static_assert(Net::light::parameters == 175'066 && Net::booster::parameters == 563'930 && Net::parameters == 565'508);

int main(int argc, char** argv) try {
  const std::string_view given = argc == 3 ? argv[2] : "";
  int epochs = 0;
  const auto parsed = std::from_chars(given.data(), given.data() + given.size(), epochs);
  if (parsed.ec != std::errc{} || parsed.ptr != given.data() + given.size() || epochs < 1) {
    std::fprintf(stderr,
                 "usage: cifar10 FOLDER EPOCHS\n`sh examples/images/download cifar10 FOLDER` fetches the data\n");
    return 2;
  }
  const ImageSet train = cifar10_train(argv[1]), test = cifar10_test(argv[1]);
  Trainer trainer{Net{Seed{1}}, LogitMse{}, Sgd{.rate = 0.1, .momentum = 0.9, .weight_decay = 5e-4},
                  StepSchedule{.at = {0.3 * epochs, 0.6 * epochs, 0.8 * epochs}, .reset_momentum = true}};
  trainer.fit(ImageSamples{train, cifar10_normalization(), Augmentation{.flip = 0.5, .padding = 4}},
              {.epochs = epochs, .batch_size = 128}, ProgressBar{});
  const auto report = trainer.evaluate(ImageSamples{test, cifar10_normalization()});
  std::printf("test error: light %.1f %%, booster %.1f %%\n", 100 * report.light().error, 100 * report.booster().error);
} catch (const std::exception& error) {
  std::fprintf(stderr, "cifar10: %s\n", error.what());
  return 1;
}
