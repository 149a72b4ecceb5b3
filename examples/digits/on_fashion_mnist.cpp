#include <rocket/data/fashion_mnist.hpp>

#include "digits/run_experiment.hpp"
#include "digits/tasks.hpp"

support::Results run_on_fashion_mnist(const support::Settings& settings, const Recipe& recipe) {
  const Parts all{rocket::fashion_mnist_train(), rocket::fashion_mnist_test()};
  return run_experiment<ExperimentOn<Nets<784, 256, 320>>>(settings, recipe, [&](rocket::Seed seed) {
    const rocket::Dataset train = rocket::split(all.train, recipe.samples, seed).first;
    if (!settings.hold_out) return Parts{train, all.test};
    auto [rest, held_out] = rocket::split(train, 0.75, seed);
    return Parts{std::move(rest), std::move(held_out)};
  });
}
