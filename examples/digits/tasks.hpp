#pragma once
#include <string>
#include <vector>

#include "digits/recipe.hpp"
#include "support/run.hpp"
#include "support/settings.hpp"

/// The names of all variants, the same for both.
std::vector<std::string> variant_names();

/// The experiment on 1,797 digits of 8x8 pixels, split anew for every seed: recipe.samples to train on, the others to
/// test.
support::Results run_on_digits(const support::Settings& settings, const Recipe& recipe);

/// The experiment on Fashion-MNIST: recipe.samples of its training part, all of its test part. Throws rocket::FileError
/// if it isn't installed.
support::Results run_on_fashion_mnist(const support::Settings& settings, const Recipe& recipe);
