/// \file
/// Samples in many files, a few of which are in memory at a time: data sets bigger than memory.
///
/// Needs threads of the standard library, so a program includes it by name, and some systems want -pthread.
#pragma once

#include <algorithm>
#include <concepts>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <limits>
#include <mutex>
#include <numeric>
#include <span>
#include <stop_token>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "rocket/core/check.hpp"
#include "rocket/core/error.hpp"
#include "rocket/core/random.hpp"
#include "rocket/core/samples.hpp"
#include "rocket/core/text.hpp"
#include "rocket/core/word.hpp"
#include "rocket/data/dataset.hpp"
#include "rocket/data/records.hpp"

namespace rocket {

/// How much of the shards is in memory.
struct ShardsOptions {
  int shards_in_memory = 4;  ///< at most, at least 2. All but one are mixed, so the order of an epoch hangs on it: keep
                             ///< it as it is in a run that is taken up
};

namespace detail {

/// What Shards ask of a set of samples that was read, and what they say of themselves by its type.
template <class Set>
struct ShardContent {
  static constexpr bool fits = false, weighs = false;
  using Feature = float;
  struct Facts {};
};
template <>
struct ShardContent<Dataset> {
  static constexpr bool fits = true, weighs = false;
  using Feature = float;
  struct Facts {};
  static std::vector<float>& features(Dataset& set) { return set.features; }
};
template <class RecordFields>
struct ShardContent<Records<RecordFields>> {
  static constexpr bool fits = true, weighs = true;
  using Feature = Word;
  struct Facts {
    using Inputs = RecordFields;  ///< what the records are of
  };
  static std::vector<Word>& features(Records<RecordFields>& set) { return set.words; }
};

template <class Read, class Set>
struct ShardsAreRead {
  static_assert(holds<ShardContent<Set>::fits, Read>,
                "rocket: Shards: a reader is called with the path of a file, a const std::string&, and returns a "
                "Dataset or Records");
  static constexpr bool ok = true;
};
template <class Read>
struct WhatIsRead {
  using type = void;
};
template <class Read>
requires std::is_invocable_v<Read&, const std::string&>
struct WhatIsRead<Read> {
  using Given = std::remove_cvref_t<std::invoke_result_t<Read&, const std::string&>>;
  using type = std::conditional_t<std::is_convertible_v<Given, Dataset>, Dataset, Given>;
};

}  // namespace detail

/// Files of samples as one source of samples (rocket/core/samples.hpp). A thread of its own reads the files that are
/// needed next while others are trained on, and sleeps when there is nothing to read.
///
///     const Shards train{paths, read_shard, {.shards_in_memory = 8}};  // rocket/data/shard_file.hpp
///     const Shards rows{paths, [](const std::string& path) { return read_csv(path, {.classes = 10}); }};
///     const Shards clicks{paths, read_record_shard<Inputs>};
///     trainer.fit(train, {.epochs = 10});
///
/// In memory are the features of at most shards_in_memory files, four bytes a number, beside what the reader needs
/// while it reads, and eight bytes a sample: its label and its place in the order; four more in an evaluation, and for
/// its weight. (While an epoch is ordered, six more.)
///
/// An epoch takes the shards in a random order. A sample waits, from where its shard comes in, for as many shards as
/// chance says, from none to all that are mixed but one; those that come in between two shards are shuffled. So every
/// batch is drawn from about shards_in_memory - 1 shards at once, near the ends of an epoch from fewer, and samples
/// that are sorted by class want mixing before they are written. Where all shards are in memory, the order is that of
/// samples in memory (uniform_order), and so are all results, to the bit. The order is a function of seed, epoch, the
/// shards' sizes and shards_in_memory, and of nothing else.
///
/// Every file is read once when this is built, which takes as long as the reading of an epoch: a training needs all
/// labels from the start, and a file that is damaged at its end is better found now than in three hours.
///
/// One training or evaluation at a time. It stays where it is built: neither copied nor moved.
///
/// \tparam Read  is called with a path, by one thread at a time, and returns a Dataset or Records; the same ones every
///               time, so ids are frozen
template <class Read>
class Shards : public detail::ShardContent<typename detail::WhatIsRead<Read>::type>::Facts {
  using Set = typename detail::WhatIsRead<Read>::type;
  using Content = detail::ShardContent<Set>;
  static_assert(detail::ShardsAreRead<Read, Set>::ok);
  using Feature = typename Content::Feature;

 public:
  /// Reads every file once.
  ///
  /// \param paths    the files; samples are numbered through them in this order
  /// \param reader   reads one of them
  /// \param options  how many are in memory
  /// \throws ValueError  for less than two shards in memory, no file, or more samples than an int counts
  /// \throws FileError   for a file without samples, with another number of features than the first one, or whose parts
  ///                     don't fit together; whatever the reader throws passes through
  explicit Shards(const std::vector<std::string>& paths, Read reader, const ShardsOptions& options = {})
      : read_{std::move(reader)}, rows_(paths.size()) {
    if (options.shards_in_memory < 2) {
      throw ValueError("shards_in_memory", "at least 2", std::to_string(options.shards_in_memory));
    }
    if (paths.empty()) throw ValueError("paths", "at least 1 file", "none");
    bound_ = static_cast<std::size_t>(options.shards_in_memory);
    wanted_.reserve(std::min(bound_, paths.size()));
    shards_.reserve(paths.size());
    for (const std::string& path : paths) add(path, paths.size());
    thread_ = std::jthread{[this](const std::stop_token& stop) { read_ahead(stop); }};
  }

  Shards(const Shards&) = delete;
  Shards& operator=(const Shards&) = delete;

  int features_per_sample = 0;  ///< the length of a row, in all shards
  int classes = 0;              ///< how many classes there are: the most that a shard has

  /// How many samples there are in all files.
  std::size_t size() const noexcept { return labels_.size(); }
  /// How many files there are.
  std::size_t shards() const noexcept { return shards_.size(); }
  /// The class of sample i.
  int label(std::size_t i) const noexcept { return labels_[i]; }
  /// How much it counts.
  float weight(std::size_t i) const noexcept requires Content::weighs { return weights_.empty() ? 1 : weights_[i]; }
  /// Roughly, for a sample that is in memory.
  double nanoseconds_per_sample() const noexcept { return 0.25 * features_per_sample; }

  /// Sample i, which is ready.
  ///
  /// \throws ValueError  where make_ready hasn't said so
  template <std::constructible_from<Feature> T>
  void read(std::size_t i, std::span<T> into) const {
    const std::size_t shard = shard_of(i);
    if (!rows_[shard]) throw ValueError("i", "a sample that make_ready made ready", std::to_string(i));
    const Feature* row = rows_[shard] + (i - begins_[shard]) * into.size();
    std::transform(row, row + into.size(), into.begin(), [](Feature x) { return static_cast<T>(x); });
  }
  /// The same: nothing is drawn.
  template <std::constructible_from<Feature> T>
  void draw(std::size_t i, Seed, int, std::span<T> into) const {
    read(i, into);
  }

  /// Writes the order of an epoch, as said above.
  void order(Seed seed, int epoch, std::span<int> order) const {
    uniform_order(seed, epoch, order);
    if (shards() <= bound_) return;
    std::vector<int> places(shards());
    std::iota(places.begin(), places.end(), 0);
    const auto random = [&](const char* use) {
      return Random{seed, name_hash(use) + static_cast<std::uint64_t>(epoch)};
    };
    shuffle(std::span{places}, random("shards"));
    const Random waits = random("waits");
    std::vector<int> stretches(size());
    for (std::size_t i = 0; i < size(); ++i) {
      const auto wait = (std::uint64_t{waits.bits(i)[0]} * (bound_ - 1)) >> 32;
      stretches[i] = places[shard_of(i)] + static_cast<int>(wait);
    }
    std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
      return stretches[static_cast<std::size_t>(a)] < stretches[static_cast<std::size_t>(b)];
    });
  }

  /// Waits until the first sample of the order is in memory, says how many of the first `count` are, and has those
  /// shards fetched that the order needs next.
  ///
  /// \throws FileError  where the first one's file isn't what it was when this was built; whatever the reader throws
  ///                    passes through. The next call has it read again
  std::size_t make_ready(std::span<const int> order, std::size_t count) const {
    std::size_t ready = count_ready(order.first(count));
    if (ready < count || planned_ < count) {
      look_ahead(order);
      ready = count_ready(order.first(count));
    }
    planned_ -= std::min(planned_, ready);
    return ready;
  }

 private:
  /// A file. What is in it changes under the mutex.
  struct Shard {
    std::string path;
    std::vector<Feature> features = {};    ///< empty: not in memory
    std::exception_ptr failure = nullptr;  ///< why it couldn't be read
    bool wanted = false;                   ///< whether it is needed soon, and so stays
  };

  std::size_t shard_of(std::size_t i) const {
    return static_cast<std::size_t>(std::upper_bound(begins_.begin() + 1, begins_.end() - 1, i) - begins_.begin()) - 1;
  }
  std::size_t count_ready(std::span<const int> samples) const {
    const auto is_ready = [&](int i) { return rows_[shard_of(static_cast<std::size_t>(i))] != nullptr; };
    return static_cast<std::size_t>(std::find_if_not(samples.begin(), samples.end(), is_ready) - samples.begin());
  }

  /// What the reader makes of a file, if its parts fit together.
  Set read_file_of(const std::string& path) const {
    Set set = read_(path);
    const Samples<Feature> samples = set;
    try {
      set.checked();
    } catch (const ValueError& error) {
      throw FileError(path, error.argument(), error.expected(), error.found());
    }
    if (samples.size() == 0) throw FileError(path, "", "at least 1 sample", "none");
    if (!shards_.empty() && samples.features_per_sample != features_per_sample) {
      throw FileError(path, "",
                      std::to_string(features_per_sample) + " features a sample, as in " + shards_.front().path,
                      std::to_string(samples.features_per_sample));
    }
    return set;
  }

  /// Puts a file behind those that are there, and keeps its features where there is room, also for the next one.
  void add(const std::string& path, std::size_t files) {
    Set set = read_file_of(path);
    const Samples<Feature> samples = set;
    constexpr auto most = static_cast<std::size_t>(std::numeric_limits<int>::max());
    if (samples.size() > most - labels_.size()) {
      throw ValueError("paths", "at most " + std::to_string(most) + " samples", "more, up to " + path);
    }
    features_per_sample = samples.features_per_sample;
    classes = std::max(classes, samples.classes);
    if (!samples.weights.empty() || !weights_.empty()) {
      weights_.resize(labels_.size(), 1.0F);
      weights_.insert(weights_.end(), samples.weights.begin(), samples.weights.end());
      weights_.resize(labels_.size() + samples.size(), 1.0F);
    }
    labels_.insert(labels_.end(), samples.labels.begin(), samples.labels.end());
    begins_.push_back(labels_.size());
    shards_.push_back({path});
    const bool is_last = shards_.size() == files;
    if (in_memory() + (is_last ? 1 : 2) <= bound_) shards_.back().features = std::move(Content::features(set));
  }

  /// Reads a file once more, which must have what it had.
  std::vector<Feature> read_again(std::size_t shard) const {
    const std::string& path = shards_[shard].path;
    Set set = read_file_of(path);
    const Samples<Feature> samples = set;
    const auto before = std::span{labels_}.subspan(begins_[shard], begins_[shard + 1] - begins_[shard]);
    if (samples.size() != before.size()) {
      throw FileError(path, "", std::to_string(before.size()) + " samples, as when it was first read",
                      std::to_string(samples.size()));
    }
    if (!std::equal(before.begin(), before.end(), samples.labels.begin())) {
      throw FileError(path, "", "the labels that it had when it was first read", "others");
    }
    return std::move(Content::features(set));
  }

  std::size_t in_memory() const {
    return static_cast<std::size_t>(
        std::count_if(shards_.begin(), shards_.end(), [](const Shard& shard) { return !shard.features.empty(); }));
  }

  /// Finds the shards that the order needs first, wakes the thread, and waits for the first one.
  void look_ahead(std::span<const int> order) const {
    std::unique_lock lock{mutex_};
    for (const std::size_t shard : wanted_) {
      shards_[shard].wanted = false;
      rows_[shard] = nullptr;
    }
    wanted_.clear();
    std::size_t seen = 0;
    for (; seen < order.size(); ++seen) {
      const std::size_t shard = shard_of(static_cast<std::size_t>(order[seen]));
      if (shards_[shard].wanted) continue;
      if (wanted_.size() == bound_) break;
      shards_[shard].wanted = true;
      wanted_.push_back(shard);
    }
    for (Shard& shard : shards_) {
      if (!shard.wanted) shard.failure = nullptr;  // who needs it later has it read again
    }
    // The nearer the end of what is needed now, the more often it is worth looking: a few looks at every sample in all.
    planned_ = seen / 4;
    wake_.notify_one();

    Shard& first = shards_[wanted_.front()];
    arrived_.wait(lock, [&] { return !first.features.empty() || first.failure; });
    if (first.failure) std::rethrow_exception(std::exchange(first.failure, nullptr));
    for (const std::size_t shard : wanted_) {
      if (!shards_[shard].features.empty()) rows_[shard] = shards_[shard].features.data();
    }
  }

  /// The first shard that is wanted, isn't there and may be tried; wanted_.end() if there is none.
  auto next_to_read() const {
    return std::find_if(wanted_.begin(), wanted_.end(),
                        [&](std::size_t shard) { return shards_[shard].features.empty() && !shards_[shard].failure; });
  }

  /// What the thread does.
  void read_ahead(const std::stop_token& stop) const {
    std::unique_lock lock{mutex_};
    while (wake_.wait(lock, stop, [&] { return next_to_read() != wanted_.end(); }) && !stop.stop_requested()) {
      const std::size_t shard = *next_to_read();
      make_room();
      lock.unlock();
      std::vector<Feature> features;
      std::exception_ptr failure;
      try {
        features = read_again(shard);
      } catch (...) {
        failure = std::current_exception();
      }
      lock.lock();
      shards_[shard].features = std::move(features);
      shards_[shard].failure = std::move(failure);
      arrived_.notify_one();
    }
  }

  /// Lets a shard go if there are as many as may be. One of them isn't wanted: the one that is read next is.
  void make_room() const {
    if (in_memory() < bound_) return;
    const auto idle = std::find_if(shards_.begin(), shards_.end(),
                                   [](const Shard& shard) { return !shard.features.empty() && !shard.wanted; });
    idle->features = std::vector<Feature>{};  // {} would keep its room
  }

  mutable Read read_;
  std::size_t bound_ = 0;                  ///< shards in memory, at most
  std::vector<int> labels_;                ///< of all samples
  std::vector<float> weights_;             ///< the same; empty: all 1
  std::vector<std::size_t> begins_ = {0};  ///< the first sample of every shard, and size()

  // Of the thread that trains.
  mutable std::vector<const Feature*> rows_;  ///< of every shard: its features, if they are ready
  mutable std::size_t planned_ = 0;           ///< samples until it looks ahead again

  // Of both threads, under the mutex.
  mutable std::mutex mutex_;
  mutable std::condition_variable_any wake_;  ///< tells the thread that other shards are wanted
  mutable std::condition_variable arrived_;   ///< tells the one that trains that a shard was read
  mutable std::vector<Shard> shards_;
  mutable std::vector<std::size_t> wanted_;  ///< shards in the order of need, up to bound_

  std::jthread thread_;  ///< the last member: it ends before what it looks at does
};

}  // namespace rocket
