#pragma once
#include "digits/recipe.hpp"
#include "support/run.hpp"
#include "support/settings.hpp"

/// The experiment on 1,797 digits of 8x8 pixels, a third of them for testing, split anew for every seed.
support::Results run_on_digits(const support::Settings& settings, const Recipe& recipe);

/// The experiment on Fashion-MNIST, in its own training and test part. Throws rocket::FileError if it isn't installed.
support::Results run_on_fashion_mnist(const support::Settings& settings, const Recipe& recipe);
