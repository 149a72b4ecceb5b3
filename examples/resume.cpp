// A training run that may be interrupted: stop it with Ctrl-C, or kill it, and start it again; it goes on where it was
// and ends with the same bits. To see that happen give it some time: resume FOLDER 3000 3000
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <rocket/rocket.hpp>
#include <rocket/train/checkpoints.hpp>
#include <rocket/train/log.hpp>
#include <string>
using namespace rocket;

using Trunk = Sequential<Dense<16>, BatchNorm<>, Relu>;
using Booster = Sequential<Dense<128>, BatchNorm<>, Relu, Dense<64>, Relu, Dense<10>>;
using Net = Launch<Input<64>, Trunk, Dense<10>, Booster>;

int main(int argc, char** argv) try {
  const char* folder = argc > 1 ? argv[1] : "resume-run";
  const int epochs = argc > 2 ? std::atoi(argv[2]) : 100;
  const int patience = argc > 3 ? std::atoi(argv[3]) : 10;
  const auto [known, test] = split(digits(), 0.7, Seed{1});
  const auto parts = split(known, 0.8, Seed{2});
  const Dataset &train = parts.first, &hold_out = parts.second;
  Trainer trainer{Net{Seed{7}}, LogitMse{}, Sgd{.rate = 0.05, .momentum = 0.9}};
  BestSoFar best{trainer, [&] { return trainer.evaluate(hold_out).light().loss; }, {.epochs = patience}};
  if (const auto path = resume(trainer, folder, best)) std::printf("taken up at %s\n", path->c_str());

  StopOnInterrupt ctrl_c;
  Checkpoints checkpoints{trainer, folder, {.minutes = 1, .epochs = 10, .keep = 2}, best};
  Log log{trainer, std::string{folder} + "/log.csv", {.columns = {{"hold_out_loss", [&] { return best.latest(); }}}}};
  const FitOptions options{.epochs = epochs, .batch_size = 128};
  if (!trainer.fit(train, options, ProgressBar{}, best, log, ctrl_c, checkpoints)) {
    std::printf("saved as %s: start this again to go on\n", checkpoints.newest().c_str());
    return 1;
  }
  const auto light = best.net().launch_light();
  InferenceWorkspace<Net::light> workspace{256};
  std::printf("test error of the light net after epoch %d, the best on the hold-out: %.2f %%\n", best.epoch(),
              100 * evaluate(light, test, workspace).light().error);
  save_weights(light, std::string{folder} + "/light.safetensors");  // what ships
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "resume: %s\n", error.what());
  return 2;
}
