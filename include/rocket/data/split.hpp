/// \file
/// Divides a data set, a set of images or records in two, by chance but reproducibly.
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "rocket/core/check.hpp"
#include "rocket/core/error.hpp"
#include "rocket/core/random.hpp"

namespace rocket {

/// How samples are drawn from a data set.
enum class Sampling {
  stratified,  ///< every class in proportion, to within one sample
  simple       ///< every sample as likely as any other, whatever its class
};

namespace detail {

/// What can be divided: labelled samples of which a part can be taken (Dataset, ImageSet, Records).
template <class Set>
concept Divisible = requires(const Set& set, std::span<const std::size_t> indices) {
  { set.take(indices) } -> std::same_as<Set>;
  { set.labels[0] } -> std::convertible_to<int>;
  { set.size() } -> std::convertible_to<std::size_t>;
};

template <class Set>
struct SplitTakesWhatOwnsItsSamples {
  static_assert(holds<Divisible<Set>, Set>,
                "rocket: split: what is divided owns its samples and gives a part of them by `take`: a Dataset, an "
                "ImageSet, Records");
  static constexpr bool ok = true;
};

}  // namespace detail

/// Draws `count` samples at random into the first set and leaves the rest in the second one.
///
/// Both sets keep the order of the data set. The same seed draws the same samples on every machine.
///
/// \param dataset   what to divide: a Dataset, an ImageSet or Records
/// \param count     how many samples go into the first set, in [0, dataset.size()]
/// \param seed      what the draw hangs on
/// \param sampling  whether the first set has the classes in the proportions of the data set
/// \throws ValueError  for a count beyond the size of the set, or where its parts don't fit together
template <class Set>
std::pair<Set, Set> split(const Set& dataset, std::integral auto count, Seed seed,
                          Sampling sampling = Sampling::stratified) {
  static_assert(detail::SplitTakesWhatOwnsItsSamples<Set>::ok);
  const std::size_t size = dataset.size();
  if (std::cmp_less(count, 0) || std::cmp_greater(count, size)) {
    throw ValueError("count", "a value in [0, " + std::to_string(size) + "]", std::to_string(count));
  }

  std::vector<std::size_t> order(size);
  std::iota(order.begin(), order.end(), std::size_t{0});
  constexpr std::uint64_t use = 0x73706C6974;  // "split"
  shuffle(std::span{order}, Random{seed, use});
  if (sampling == Sampling::stratified) {
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return dataset.labels[a] < dataset.labels[b]; });
  }

  // Steps through the order evenly: any stretch of it, so any class, gives its proportion to within one sample.
  std::vector<bool> drawn(size);
  const auto taken_before = [&](std::size_t place) {
    return std::uint64_t{place} * static_cast<std::uint64_t>(count) / size;
  };
  for (std::size_t i = 0; i < size; ++i) drawn[order[i]] = taken_before(i + 1) > taken_before(i);

  std::vector<std::size_t> first;
  std::vector<std::size_t> second;
  for (std::size_t i = 0; i < size; ++i) (drawn[i] ? first : second).push_back(i);
  return {dataset.take(first), dataset.take(second)};
}

/// The same for a fraction of the samples, in [0, 1], rounded to whole samples: split(dataset, 0.8, Seed{7}).
///
/// \throws ValueError  for a fraction outside [0, 1], or where the parts of the set don't fit together
template <class Set>
std::pair<Set, Set> split(const Set& dataset, std::floating_point auto fraction, Seed seed,
                          Sampling sampling = Sampling::stratified) {
  static_assert(detail::SplitTakesWhatOwnsItsSamples<Set>::ok);
  if (!(fraction >= 0 && fraction <= 1)) throw ValueError("fraction", "a value in [0, 1]", std::to_string(fraction));
  const double count = std::round(static_cast<double>(fraction) * static_cast<double>(dataset.size()));
  return split(dataset, static_cast<std::size_t>(count), seed, sampling);
}

}  // namespace rocket
