#include <rocket/data/fashion_mnist.hpp>

#include "digits/run_experiment.hpp"
#include "digits/tasks.hpp"

support::Results run_on_fashion_mnist(const support::Settings& settings, const Recipe& recipe) {
  const Parts all{rocket::fashion_mnist_train(), rocket::fashion_mnist_test()};
  return run_experiment<784>(settings, recipe, [&](rocket::Seed seed) {
    if (!settings.hold_out) return all;
    auto [train, test] = rocket::split(all.train, 0.75, seed);
    return Parts{std::move(train), std::move(test)};
  });
}
