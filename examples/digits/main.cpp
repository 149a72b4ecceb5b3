/// \file
/// What is a booster worth? Trains a light net alone, and the same light net launched with a booster, in every way the
/// paper compares, on real images, and prints a table.
#include <cstdio>
#include <exception>

#include "digits/tasks.hpp"
#include "support/json.hpp"
#include "support/report.hpp"

int main(int argc, char** argv) {
  const support::Settings settings = support::read_command_line(
      argc, argv, "Trains a light net alone and launched with a booster, and shows what the booster was worth.",
      {"digits", "fashion-mnist"}, variant_names());
  try {
    if (!settings.json.empty()) support::check_can_write(settings.json);
    const bool on_digits = settings.data == "digits";
    Recipe recipe = on_digits ? Recipe{} : Recipe::for_fashion_mnist();
    if (settings.samples) recipe.samples = *settings.samples;
    if (settings.epochs) recipe.epochs = *settings.epochs;
    if (settings.rate) recipe.rate = *settings.rate;
    if (settings.weight_decay) recipe.weight_decay = *settings.weight_decay;
    if (settings.hint_weight) recipe.hints.set_all(*settings.hint_weight);
    const support::Results results =
        on_digits ? run_on_digits(settings, recipe) : run_on_fashion_mnist(settings, recipe);
    support::print_report(results);
    if (!settings.json.empty()) support::write_json(results, settings.json);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "digits: %s\n", error.what());
    return 1;
  }
}
