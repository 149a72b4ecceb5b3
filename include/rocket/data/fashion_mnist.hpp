/// \file
/// Fashion-MNIST, from the files of its authors. Needs zlib.
#pragma once

#include <string>

#include "rocket/core/error.hpp"
#include "rocket/data/dataset.hpp"
#include "rocket/data/gzip.hpp"
#include "rocket/data/idx.hpp"
#include "rocket/data/image_set.hpp"
#include "rocket/data/is_readable.hpp"

namespace rocket {

/// Where the Debian package dataset-fashion-mnist keeps its files.
inline constexpr const char* fashion_mnist_directory = "/usr/share/datasets/fashion-mnist";

namespace detail {

/// The path of a file of Fashion-MNIST, which may end in .gz or not.
inline std::string find_fashion_mnist(const std::string& directory, const std::string& name) {
  for (const char* ending : {"", ".gz"}) {
    std::string path = directory;
    path.append("/").append(name).append(ending);
    if (is_readable(path)) return path;
  }
  throw FileError(directory, "", "the files of Fashion-MNIST (Debian package dataset-fashion-mnist)",
                  "neither " + name + " nor " + name + ".gz");
}

inline ImageSet read_fashion_mnist(const std::string& directory, const std::string& part, const std::string& name) {
  const std::string images = find_fashion_mnist(directory, part + "-images-idx3-ubyte");
  const std::string labels = find_fashion_mnist(directory, part + "-labels-idx1-ubyte");
  ImageSet set = read_idx_image_set(images, labels, 10);
  set.name = name;
  return set;
}

}  // namespace detail

/// The training part of Fashion-MNIST as bytes: 60,000 grey images of 28 x 28 pixels, 10 classes of clothing.
///
/// Source: H. Xiao, K. Rasul, R. Vollgraf, "Fashion-MNIST: a novel image dataset for benchmarking machine learning
/// algorithms", 2017, arXiv:1708.07747; MIT licence.
///
/// \param directory  the folder of the idx files, plain or ending in .gz
/// \throws FileError  where a file is missing, and as read_idx_image_set()
inline ImageSet fashion_mnist_train_images(const std::string& directory = fashion_mnist_directory) {
  return detail::read_fashion_mnist(directory, "train", "Fashion-MNIST train");
}

/// The test part of Fashion-MNIST: 10,000 images, otherwise as fashion_mnist_train_images().
inline ImageSet fashion_mnist_test_images(const std::string& directory = fashion_mnist_directory) {
  return detail::read_fashion_mnist(directory, "t10k", "Fashion-MNIST test");
}

/// The training part of Fashion-MNIST as rows of 28 x 28 numbers in [0, 1], otherwise as fashion_mnist_train_images().
inline Dataset fashion_mnist_train(const std::string& directory = fashion_mnist_directory) {
  return flatten(fashion_mnist_train_images(directory));
}

/// The test part of Fashion-MNIST as rows of 28 x 28 numbers in [0, 1], otherwise as fashion_mnist_test_images().
inline Dataset fashion_mnist_test(const std::string& directory = fashion_mnist_directory) {
  return flatten(fashion_mnist_test_images(directory));
}

}  // namespace rocket
