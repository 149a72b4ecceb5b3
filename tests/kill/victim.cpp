// Trains a pair, saves a checkpoint after every step, and goes on where it was when it is started again. What it has at
// the end is FOLDER/end: the net, the best one, the average, beside the log.
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>

#include <rocket/rocket.hpp>
#include <rocket/train/checkpoints.hpp>
#include <rocket/train/log.hpp>

using namespace rocket;

namespace {

using Trunk = Sequential<Dense<16>, BatchNorm<>, Relu, Dropout<0.1>>;
using Pair = Launch<Input<64>, Trunk, Dense<10>, Sequential<Dense<32>, BatchNorm<>, Relu, Dense<10>>>;

template <class... Options>
void train(const std::string& folder, const Options&... options) {
  const auto parts = split(digits(), std::size_t{300}, Seed{1});
  const Dataset &samples = parts.first, &rest = parts.second;
  Trainer trainer{Pair{Seed{7}}, options...};
  BestSoFar best{trainer, [&] { return trainer.evaluate(rest).light().loss; }, {.epochs = 3}};
  LightAverage average{trainer, 0.9};
  resume(trainer, folder, best, average);
  Checkpoints checkpoints{trainer, folder, {.steps = 1, .keep = 2}, best, average};
  Log log{trainer,
          folder + "/log.csv",
          {.steps = 1, .gradients = 15, .columns = {{"score", [&] { return best.latest(); }}}}};
  trainer.fit(samples, {.epochs = 6, .batch_size = 32}, best, average, log, checkpoints);
  save_checkpoint(trainer, folder + "/end", {}, best, average);
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 4) {
    std::fprintf(stderr, "usage: %s FOLDER THREADS sgd|adam\n", argv[0]);
    return 2;
  }
  const Threads threads{std::atoi(argv[2])};
  if (std::string{argv[3]} == "adam")
    train(argv[1], threads, Adam{}, Kl{}, HintSchedule{.ramp = 3}, CosineSchedule{.warmup_epochs = 1});
  else
    train(argv[1], threads, Sgd{.rate = 0.1, .momentum = 0.9}, StepSchedule{.at = {2, 4}, .reset_momentum = true});
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
