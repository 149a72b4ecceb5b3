/// \file
/// The data room, as far as it needs no other library.
///
/// The readers of files need zlib, so a program includes them by name: rocket/data/csv.hpp, rocket/data/idx.hpp,
/// rocket/data/fashion_mnist.hpp, rocket/data/cifar.hpp, rocket/data/svhn.hpp, rocket/data/libfm.hpp,
/// rocket/data/delimited.hpp, rocket/data/criteo.hpp and, below them, rocket/data/gzip.hpp; rocket/data/shard_file.hpp
/// and rocket/data/ids_file.hpp need nlohmann-json. This header must not include them, nor rocket/data/shards.hpp,
/// which brings threads.
#pragma once

#include "rocket/data/dataset.hpp"
#include "rocket/data/digits.hpp"
#include "rocket/data/image_samples.hpp"
#include "rocket/data/image_set.hpp"
#include "rocket/data/normalization.hpp"
#include "rocket/data/records.hpp"
#include "rocket/data/scaler.hpp"
#include "rocket/data/split.hpp"
