/// \file
/// Labelled samples: what a trainer takes, wherever the numbers live and whatever is done to them on the way.
///
/// A *source* gives samples one by one. Samples is the plain one: rows that are there as they are. A source of your own
/// may keep bytes and give floats, or turn a sample a little differently in every epoch. It has
///
///     source.size()                       how many samples there are
///     source.features_per_sample          int: how many numbers a sample is
///     source.classes                      int: how many classes there are
///     source.label(i)                     int in [0, classes): the class of sample i
///     source.read(i, row)                 writes sample i as it is, as evaluation sees it
///     source.draw(i, seed, epoch, row)    writes sample i as that epoch sees it; the same where nothing is drawn
///     source.nanoseconds_per_sample()     roughly what read or draw takes on one core: whether a batch is worth a team
///
/// for i in [0, size()) and row, a span of features_per_sample numbers of the net's type, all of which are written. All
/// are const, called by many threads at once, and allocate nothing. `draw` is a function of i, seed and epoch alone:
/// take random numbers from Random{seed, name_hash(...)} at a counter made of i and epoch, and the result doesn't
/// depend on threads, batches or what was drawn before.
///
/// It may also have
///
///     source.weight(i)                    how much sample i counts in training, at least 0: a factor on its loss
///
/// A source whose samples aren't all in memory has one of these, or both; a source that has neither costs nothing more:
///
///     source.order(seed, epoch, order)    writes which samples an epoch draws, one after the other: size() numbers in
///                                         [0, size()). In place of uniform_order, and like it a function of seed and
///                                         epoch alone, so that a run that is taken up draws the same
///     source.make_ready(order, count)     says how many of the first `count` samples of `order` may be read or drawn
///                                         now: at least 1, if need be after waiting. Only those, until the next call.
///                                         `order` goes on with what is drawn behind them, to be fetched ahead
///
/// where order is a span of int; in make_ready, of const int, count is in [1, order.size()], and one thread calls,
/// while none reads or draws. Both are const, and may allocate. A source with make_ready serves one pass at a time;
/// another one may come in between, such as an evaluation in the middle of an epoch, since nothing is ready beyond the
/// next call.
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "rocket/core/error.hpp"
#include "rocket/core/random.hpp"
#include "rocket/core/text.hpp"

namespace rocket {

/// A view of labelled samples; it owns nothing, so the numbers must outlive it.
///
/// \tparam T  the type of a feature
///
/// Build one with make_samples(), which checks that the parts fit together.
template <class T = float>
struct Samples {
  std::span<const T> features;  ///< size() x features_per_sample, row-major: one row a sample
  std::span<const int> labels;  ///< size() classes, each in [0, classes)
  int features_per_sample = 0;  ///< the length of a row, at least 1
  int classes = 0;              ///< how many classes there are, at least 1
  /// How much each sample counts in training, at least 0: a factor on its loss, whose mean is still over the batch.
  /// Empty: all 1
  std::span<const float> weights = {};

  /// How many samples there are.
  std::size_t size() const noexcept { return labels.size(); }

  /// The features of sample i, for i in [0, size()).
  std::span<const T> row(std::size_t i) const noexcept {
    const auto width = static_cast<std::size_t>(features_per_sample);
    return features.subspan(i * width, width);
  }

  /// What makes it a source: the contract above.
  int label(std::size_t i) const noexcept { return labels[i]; }
  float weight(std::size_t i) const noexcept { return weights.empty() ? 1 : weights[i]; }
  void read(std::size_t i, std::span<T> into) const { std::copy_n(row(i).data(), into.size(), into.data()); }
  void draw(std::size_t i, Seed, int, std::span<T> into) const { read(i, into); }
  double nanoseconds_per_sample() const noexcept { return 0.25 * features_per_sample; }
};

/// What gives a trainer its samples: the contract at the head of this file.
///
/// \tparam T  the type of a feature, that of the net
template <class Source, class T = float>
concept SampleSource = requires(const Source& source, std::size_t i, Seed seed, int epoch, std::span<T> row) {
  { source.size() } -> std::convertible_to<std::size_t>;
  { source.features_per_sample } -> std::convertible_to<int>;
  { source.classes } -> std::convertible_to<int>;
  { source.label(i) } -> std::convertible_to<int>;
  source.read(i, row);
  source.draw(i, seed, epoch, row);
  { source.nanoseconds_per_sample() } -> std::convertible_to<double>;
};

/// A source that says how much each sample counts.
template <class Source>
concept WeightedSource = requires(const Source& source, std::size_t i) {
  { source.weight(i) } -> std::convertible_to<double>;
};

/// A source that says in which order its samples are drawn.
template <class Source>
concept OrderedSource = requires(const Source& source, Seed seed, int epoch, std::span<int> order) {
  source.order(seed, epoch, order);
};

/// A source that is told what is drawn next, and says what is ready.
template <class Source>
concept FetchedSource = requires(const Source& source, std::span<const int> order, std::size_t count) {
  { source.make_ready(order, count) } -> std::convertible_to<std::size_t>;
};

/// Writes the order in which an epoch draws the samples of a source that doesn't say: 0 to order.size() - 1, all orders
/// as likely. A function of seed and epoch.
inline void uniform_order(Seed seed, int epoch, std::span<int> order) {
  std::iota(order.begin(), order.end(), 0);
  shuffle(order, Random{seed, name_hash("order") + static_cast<std::uint64_t>(epoch)});
}

namespace detail {
/// Whether a sample may count so much.
inline bool is_weight(double weight) { return weight >= 0 && std::isfinite(weight); }
/// Throws ValueError unless number i of such a list may be a weight.
inline void check_weight_at(std::string_view list, std::size_t i, double weight) {
  if (!is_weight(weight))
    throw ValueError(std::string{list} + '[' + std::to_string(i) + ']', "a finite weight of at least 0",
                     std::to_string(weight));
}
/// The same of a label.
inline void check_label_at(std::string_view list, std::size_t i, int label, int classes) {
  if (label < 0 || label >= classes)
    throw ValueError(std::string{list} + '[' + std::to_string(i) + ']',
                     "a class in [0, " + std::to_string(classes) + ')', std::to_string(label));
}
}  // namespace detail

/// A view whose parts are known to fit together.
///
/// \tparam T                   the type of a feature; it is not deduced, so that any contiguous range will do
/// \param features             one row of features_per_sample values a sample
/// \param labels               one class a sample, each in [0, classes)
/// \param features_per_sample  at least 1
/// \param classes              at least 1
/// \param weights              none, or one a sample, each finite and at least 0
/// \throws ValueError          naming the first argument that does not fit the others
template <class T = float>
Samples<T> make_samples(std::type_identity_t<std::span<const T>> features, std::span<const int> labels,
                        int features_per_sample, int classes, std::span<const float> weights = {}) {
  if (features_per_sample < 1) {
    throw ValueError("features_per_sample", "at least 1", std::to_string(features_per_sample));
  }
  if (classes < 1) throw ValueError("classes", "at least 1", std::to_string(classes));

  // Divided, not multiplied: a product of two sizes may overflow.
  const auto width = static_cast<std::size_t>(features_per_sample);
  if (features.size() % width != 0 || features.size() / width != labels.size()) {
    throw ValueError("features", std::to_string(labels.size()) + " rows of " + std::to_string(width) + " values",
                     std::to_string(features.size()) + " values");
  }
  for (std::size_t i = 0; i < labels.size(); ++i) detail::check_label_at("labels", i, labels[i], classes);
  if (!weights.empty() && weights.size() != labels.size())
    throw ValueError("weights", "none, or " + std::to_string(labels.size()), std::to_string(weights.size()));
  for (std::size_t i = 0; i < weights.size(); ++i) detail::check_weight_at("weights", i, weights[i]);
  return {features, labels, features_per_sample, classes, weights};
}

}  // namespace rocket
