/// \file
/// Fashion-MNIST, from the files of its authors. Needs zlib.
#pragma once

#include <cstdio>
#include <memory>
#include <string>

#include "rocket/core/error.hpp"
#include "rocket/data/dataset.hpp"
#include "rocket/data/idx.hpp"

namespace rocket {

/// Where the Debian package dataset-fashion-mnist keeps its files.
inline constexpr const char* fashion_mnist_directory = "/usr/share/datasets/fashion-mnist";

namespace detail {

/// The path of a file of Fashion-MNIST, which may end in .gz or not.
inline std::string find_fashion_mnist(const std::string& directory, const std::string& name) {
  for (const char* ending : {"", ".gz"}) {
    std::string path = directory;
    path.append("/").append(name).append(ending);
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file{std::fopen(path.c_str(), "rb"), std::fclose};
    if (file) return path;
  }
  throw FileError(directory, "", "the files of Fashion-MNIST (Debian package dataset-fashion-mnist)",
                  "neither " + name + " nor " + name + ".gz");
}

inline Dataset read_fashion_mnist(const std::string& directory, const std::string& part, const std::string& name) {
  const std::string images = find_fashion_mnist(directory, part + "-images-idx3-ubyte");
  const std::string labels = find_fashion_mnist(directory, part + "-labels-idx1-ubyte");
  Dataset dataset = read_idx(images, labels, 10);
  dataset.name = name;
  return dataset;
}

}  // namespace detail

/// The training part of Fashion-MNIST: 60,000 grey images of 28 x 28 pixels in [0, 1], 10 classes of clothing.
///
/// Source: H. Xiao, K. Rasul, R. Vollgraf, "Fashion-MNIST: a novel image dataset for benchmarking machine learning
/// algorithms", 2017, arXiv:1708.07747; MIT licence.
///
/// \param directory  the folder of the idx files, plain or ending in .gz
/// \throws FileError  where a file is missing, and as read_idx()
inline Dataset fashion_mnist_train(const std::string& directory = fashion_mnist_directory) {
  return detail::read_fashion_mnist(directory, "train", "Fashion-MNIST train");
}

/// The test part of Fashion-MNIST: 10,000 images, otherwise as fashion_mnist_train().
///
/// \param directory  the folder of the idx files, plain or ending in .gz
/// \throws FileError  where a file is missing, and as read_idx()
inline Dataset fashion_mnist_test(const std::string& directory = fashion_mnist_directory) {
  return detail::read_fashion_mnist(directory, "t10k", "Fashion-MNIST test");
}

}  // namespace rocket
