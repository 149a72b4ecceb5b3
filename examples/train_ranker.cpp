// Trains the net that examples/serve scores with, on a made-up log of clicks, and leaves the light net in a file.
#include <cstdio>
#include <exception>
#include <rocket/data/click_log.hpp>
#include <rocket/metrics/auc.hpp>
#include <rocket/net/weights.hpp>
#include <rocket/rocket.hpp>
#include <string>

#include "serve/net.hpp"
using namespace rocket;

int main(int argc, char** argv) try {
  const std::string path = argc > 1 ? argv[1] : "ranker.safetensors";
  if (argc > 2 || path.starts_with('-')) {
    std::fputs("usage: train_ranker [FILE]\n", stderr);
    return 2;
  }
  const ClickLog<serve::Inputs>::Rows rows{1000, 200, 500};  // users, what they like, items
  const ClickLog<serve::Inputs> train{50'000, rows, Seed{1}};
  const ClickLog<serve::Inputs> test{10'000, rows, Seed{1}, train.size()};  // the same truth, other records
  Trainer trainer{serve::Pair{Seed{7}, rows}, Kl{.temperature = 2}, Adagrad{.rate = 0.05}};
  trainer.fit(train, {.epochs = 3, .batch_size = 256}, ProgressBar{});
  const auto auc = trainer.measure(test, Auc{});
  std::printf("AUC: light %.4f, booster %.4f\n", auc.light().value(), auc.booster().value());
  save_weights(trainer.light(), path);
  std::printf("%s: the light net\n", path.c_str());
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "train_ranker: %s\n", error.what());
  return 1;
}
