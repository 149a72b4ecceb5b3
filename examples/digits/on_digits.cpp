#include "digits/run_experiment.hpp"
#include "digits/tasks.hpp"

using DigitsNets = Nets<64, 128, 64>;

std::vector<std::string> variant_names() { return support::names_of(ExperimentOn<DigitsNets>::variants()); }

support::Results run_on_digits(const support::Settings& settings, const Recipe& recipe) {
  const rocket::Dataset all = rocket::digits();
  return run_experiment<ExperimentOn<DigitsNets>>(settings, recipe, [&](rocket::Seed seed) {
    auto [train, test] = rocket::split(all, recipe.samples, seed);
    if (settings.hold_out) std::tie(train, test) = rocket::split(rocket::Dataset{train}, 0.75, seed);
    return Parts{std::move(train), std::move(test)};
  });
}
