/// \file
/// What a workspace is made of, whether it is for inference or for training.
#pragma once
#include <cstddef>
#include <span>
#include <string>

#include "rocket/core/error.hpp"
#include "rocket/net/multi_head.hpp"

namespace rocket::detail {

/// Memory handed out piece by piece: the same calls count it while compiling and place it at run time.
template <class T>
class Places {
 public:
  Places(T* memory, int batch) : next_{memory}, batch_{batch} {}
  T* take(Elements amount) {
    T* place = next_;
    next_ += amount.count(batch_);
    return place;
  }

 private:
  T* next_;
  int batch_;
};

/// Where side output K on the way to head H begins, given where those of the trunk and those of the head do.
template <class Net, std::size_t H, std::size_t K, class T>
T* side_place(T* of_trunk, T* of_head, int batch) {
  using Parts = Anatomy<Net>;
  constexpr std::size_t in_trunk = Parts::Trunk::side_shapes.size();
  constexpr std::span<const Shape> trunk{Parts::Trunk::side_shapes};
  constexpr std::span<const Shape> head{Parts::template HeadNode<H>::side_shapes};
  if constexpr (K < in_trunk)
    return of_trunk + room_of(trunk.first(K)).count(batch);
  else
    return of_head + room_of(head.first(K - in_trunk)).count(batch);
}

inline void check_batch(int batch, int capacity) {
  if (batch < 1 || batch > capacity)
    throw ValueError("batch", "1 to " + std::to_string(capacity) + " samples (the workspace's capacity)",
                     std::to_string(batch));
}

/// How many samples so many numbers are, `width` each.
inline int samples_in(std::size_t numbers, int width, int capacity) {
  const auto each = static_cast<std::size_t>(width);
  if (numbers % each != 0)
    throw ValueError("features", "a multiple of " + std::to_string(width) + " numbers", std::to_string(numbers));
  if (numbers == 0 || numbers / each > static_cast<std::size_t>(capacity))
    throw ValueError("features", "1 to " + std::to_string(capacity) + " rows (the workspace's capacity)",
                     std::to_string(numbers / each));
  return static_cast<int>(numbers / each);
}

/// Room for what the trunk reads, where it isn't there already.
template <class Net>
inline constexpr Elements looked_up_size = Elements::each_sample(Net::NetTables::looks_up ? Net::input.size() : 0);

/// What the trunk reads: the features themselves, or what they are looked up to be, written to `room`.
template <class Net>
const typename Net::Scalar* looked_up(const Net& net, const typename Net::Feature* features, int batch, Workers workers,
                                      typename Net::Scalar* room, std::span<const int> samples = {}) {
  if constexpr (!Net::NetTables::looks_up) {
    return features;
  } else {
    net.tables().look_up(features, batch, workers, room, samples);
    return room;
  }
}

inline int checked_capacity(int capacity) {
  if (capacity < 1) throw ValueError("capacity", "at least 1 sample", std::to_string(capacity));
  return capacity;
}

}  // namespace rocket::detail
