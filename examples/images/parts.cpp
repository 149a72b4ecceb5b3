#include "images/parts.hpp"

#include <rocket/core/text.hpp>
#include <rocket/data/cifar.hpp>
#include <rocket/data/fashion_mnist.hpp>
#include <rocket/data/svhn.hpp>

#include <algorithm>
#include <numeric>

namespace {

Parts read_all(Data data, const std::string& directory) {
  const rocket::Augmentation flip_and_shift{}, shift{.flip = 0};  // a mirrored digit isn't that digit
  const auto measured = [](rocket::ImageSet train, rocket::ImageSet test, const rocket::Augmentation& augmentation) {
    const rocket::Normalization normalization = rocket::Normalization::of(train);
    return Parts{std::move(train), std::move(test), normalization, augmentation};
  };
  using namespace rocket;
  switch (data) {
    case Data::cifar100:
      return measured(cifar100_train(directory), cifar100_test(directory), flip_and_shift);
    case Data::svhn:
      return measured(svhn_train(directory), svhn_test(directory), shift);
    case Data::fashion_mnist:
      return measured(fashion_mnist_train_images(directory), fashion_mnist_test_images(directory), flip_and_shift);
    case Data::cifar10:
      break;
  }
  return {cifar10_train(directory), cifar10_test(directory), cifar10_normalization(), flip_and_shift};
}

}  // namespace

Parts read_parts(const Settings& settings) {
  Parts parts = read_all(settings.data, settings.directory);
  const auto check = [](const char* option, const std::optional<int>& wanted, const rocket::ImageSet& images) {
    if (wanted && static_cast<std::size_t>(*wanted) > images.size())
      throw rocket::ValueError(option, "at most " + std::to_string(images.size()) + " (" + images.name + ")",
                               std::to_string(*wanted));
  };
  check("--samples", settings.samples, parts.train);
  check("--test-samples", settings.test_samples, parts.test);
  if (settings.test_samples) parts.test = some_of(parts.test, *settings.test_samples, rocket::Seed{0});
  return parts;
}

std::vector<std::string> class_names(Data data) {
  switch (data) {
    case Data::cifar10:
      return {"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"};
    case Data::svhn:
      return {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};
    case Data::fashion_mnist:
      return {"T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"};
    case Data::cifar100:
      break;
  }
  return {};
}

rocket::ImageSet some_of(const rocket::ImageSet& images, int count, rocket::Seed seed) {
  std::vector<std::size_t> indices(images.size());
  std::iota(indices.begin(), indices.end(), std::size_t{0});
  rocket::shuffle(std::span{indices}, rocket::Random{seed, rocket::name_hash("some of the images")});
  indices.resize(static_cast<std::size_t>(count));
  std::sort(indices.begin(), indices.end());
  return images.take(indices);
}
