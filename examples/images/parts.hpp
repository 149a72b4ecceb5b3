#pragma once
#include <rocket/data/image_samples.hpp>
#include <rocket/data/image_set.hpp>

#include "images/settings.hpp"

/// What is learnt from and tested on.
struct Parts {
  rocket::ImageSet train, test;
  rocket::Normalization normalization;  ///< of all of the training part
  rocket::Augmentation augmentation;
};

/// Reads the files. Throws rocket::FileError, rocket::ValueError if there are fewer images than asked for.
Parts read_parts(const Settings& settings);

/// What the classes are called; empty where they have no names.
std::vector<std::string> class_names(Data data);

/// So many images, chosen at random.
rocket::ImageSet some_of(const rocket::ImageSet& images, int count, rocket::Seed seed);
