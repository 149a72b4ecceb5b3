/// \file
/// Samples that don't fit into memory: files of them, of which a few are there at a time.
#pragma once
#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <limits>
#include <memory>
#include <mutex>
#include <numeric>
#include <optional>
#include <span>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "rocket/core/error.hpp"
#include "rocket/core/random.hpp"
#include "rocket/core/text.hpp"
#include "rocket/data/dataset.hpp"

namespace rocket {

/// How shards are taken.
struct ShardPlan {
  int mixed = 2;      ///< so many have their samples mixed, at least 1; a run that is taken up has the same
  int in_memory = 4;  ///< the most that are there, the one that is being read among them; at least twice those mixed
};

/// A source of samples (core/samples.hpp) over files that are all alike, its *shards*. A thread of its own reads the
/// next ones while a trainer is busy with those that are there; it sleeps when there is nothing to read.
///
///     const Shards train{paths, [](const std::string& path) { return read_csv(path, {...}); }};
///     trainer.fit(train, {.epochs = 3});
///
/// An epoch takes the shards in a random order and mixes the samples of a few of them, while the next ones are read.
/// Both are functions of seed and epoch, so a run that is taken up sees the same. Samples that lie in files by class are
/// mixed no better than so: shuffle them before they are cut into shards.
///
/// In memory are the shards, what the reader needs besides as it reads one, all labels (4 bytes a sample), and the order
/// of whoever trains or evaluates (4 bytes a sample). To be made it reads all files once. For one trainer at a time, and
/// its evaluations. Where threads are a library of their own (before glibc 2.34), link it: -pthread.
///
/// \tparam Read  the reader, called with a path, by either thread, but never by both at once; returns a Dataset, the
///               same whenever it is asked
template <class Read>
class Shards {
 public:
  int features_per_sample = 0;  ///< of all shards
  int classes = 0;              ///< the most of any shard

  /// Reads every shard once, for its labels.
  /// \param paths      a file a shard, at least one
  /// \param reader     what reads one
  /// \throws ValueError  where an argument makes no sense
  /// \throws FileError   where a shard is empty, or its samples are of another size than those of the first; and whatever
  ///                     the reader throws
  Shards(std::vector<std::string> paths, Read reader, const ShardPlan& plan = {})
      : shared_{std::make_unique<Shared>(std::move(paths), std::move(reader))} {
    const std::vector<std::string>& files = shared_->paths;
    std::vector<int>& labels = shared_->labels;
    if (files.empty()) throw ValueError("paths", "at least 1", "0");
    if (plan.mixed < 1) throw ValueError("ShardPlan::mixed", "at least 1", std::to_string(plan.mixed));
    if (plan.in_memory / 2 < plan.mixed)  // a batch may be of both
      throw ValueError("ShardPlan::in_memory", "at least twice the " + std::to_string(plan.mixed) + " that are mixed",
                       std::to_string(plan.in_memory));
    shared_->window = static_cast<std::size_t>(plan.mixed);
    shared_->most = static_cast<std::size_t>(plan.in_memory);
    for (const std::string& path : files) {
      Dataset shard = shared_->read(path);
      if (shard.size() == 0) throw FileError(path, "", "at least 1 sample", "0");
      static_cast<void>(make_samples(shard.features, shard.labels, shard.features_per_sample, shard.classes));
      if (features_per_sample == 0) features_per_sample = shard.features_per_sample;
      if (shard.features_per_sample != features_per_sample)
        throw FileError(path, "", std::to_string(features_per_sample) + " features a sample, as in " + files.front(),
                        std::to_string(shard.features_per_sample));
      classes = std::max(classes, shard.classes);
      labels.insert(labels.end(), shard.labels.begin(), shard.labels.end());
      if (labels.size() > static_cast<std::size_t>(std::numeric_limits<int>::max()))
        throw FileError(path, "", "at most 2147483647 samples in all shards", "more");
      shared_->begins.push_back(labels.size());
    }
    shared_->width = static_cast<std::size_t>(features_per_sample);
    shared_->shards.resize(files.size());
    reader_ = std::jthread{[shared = shared_.get()](std::stop_token stop) { shared->serve(stop); }};
  }

  /// Moves, while nobody trains on it, but isn't copied.
  Shards(Shards&&) noexcept = default;
  Shards& operator=(Shards&&) = delete;

  /// The contract of a source.
  std::size_t size() const noexcept { return shared_->labels.size(); }
  int label(std::size_t i) const noexcept { return shared_->labels[i]; }
  template <class T>
  void read(std::size_t i, std::span<T> into) const {
    const std::size_t shard = shared_->shard_of(i);
    const std::span<const float> row = shared_->shards[shard]->row(i - shared_->begins[shard]);
    std::copy(row.begin(), row.end(), into.begin());
  }
  template <class T>
  void draw(std::size_t i, Seed, int, std::span<T> into) const {
    read(i, into);
  }
  double nanoseconds_per_sample() const noexcept { return 20 + 0.5 * features_per_sample; }

  /// Shards in a random order, the samples of each window mixed.
  void order(Seed seed, int epoch, std::span<int> order) const {
    shared_->expect_nothing();
    const Random random{seed, name_hash("shards") + static_cast<std::uint64_t>(epoch)};
    std::vector<std::size_t> sequence(shared_->shards.size());
    std::iota(sequence.begin(), sequence.end(), std::size_t{0});
    shuffle(std::span{sequence}, random);
    auto next = order.begin();
    for (std::size_t begin = 0, window = 1; begin < sequence.size(); begin += shared_->window, ++window) {
      const auto window_begin = next;
      for (std::size_t s = begin; s < std::min(begin + shared_->window, sequence.size()); ++s)
        for (std::size_t i = shared_->begins[sequence[s]]; i < shared_->begins[sequence[s] + 1]; ++i)
          *next++ = static_cast<int>(i);
      shuffle(std::span{window_begin, next}, Random{random.bits(0, window)[0]});
    }
  }
  /// Waits for the shards of `now`, and has those of `next` read as far as there is room.
  /// \param now  must stay as it is until the next call; `next` lies behind it
  /// \throws ValueError  where `now` needs more shards than may be in memory
  /// \throws FileError   where a shard isn't what it was; and whatever the reader throws
  void make_ready(std::span<const int> now, std::span<const int> next) const { shared_->make_ready(now, next); }

  /// How many shards are in memory now, the one that is being read among them.
  int in_memory() const { return shared_->count(); }

 private:
  /// What both threads look at: shards and their places in the order of all samples.
  struct Shared {
    Shared(std::vector<std::string> files, Read reader) : paths{std::move(files)}, read{std::move(reader)} {}

    std::size_t shard_of(std::size_t sample) const {
      return static_cast<std::size_t>(std::upper_bound(begins.begin(), begins.end(), sample) - begins.begin()) - 1;
    }

    void make_ready(std::span<const int> now, std::span<const int> next) {
      std::unique_lock lock{mutex};
      if (now.data() != expected || now.size() + next.size() != expected_count)
        plan(now, next);
      else
        forget(last);
      last = now;
      expected = now.data() + now.size();
      expected_count = next.size();
      fetch();
      const std::vector<std::size_t> from = shards_of(now);
      if (from.size() > most) {
        expected_count = 0;
        throw ValueError("ShardPlan::in_memory",
                         "at least " + std::to_string(from.size()) + ", the shards of a batch of " +
                             std::to_string(now.size()) + " samples",
                         std::to_string(most));
      }
      for (const std::size_t shard : from) wait_for(shard, lock);
    }
    /// Each once, in the order in which the samples need them.
    std::vector<std::size_t> shards_of(std::span<const int> samples) const {
      std::vector<std::size_t> from;
      for (const int sample : samples) {
        const std::size_t shard = shard_of(static_cast<std::size_t>(sample));
        if (std::find(from.begin(), from.end(), shard) == from.end()) from.push_back(shard);
      }
      return from;
    }
    /// An order that is drawn anew is another one, wherever it is written.
    void expect_nothing() {
      const std::lock_guard lock{mutex};
      expected_count = 0;
    }
    void wait_for(std::size_t shard, std::unique_lock<std::mutex>& lock) {
      const auto is_coming = [&] {  // or may be, once there is room
        return reading == shard || unwanted || std::find(wanted.begin(), wanted.end(), shard) != wanted.end();
      };
      arrived.wait(lock, [&] { return shards[shard] || failure || !is_coming(); });
      if (shards[shard]) return;
      expected_count = 0;  // the next call plans anew
      if (failure) std::rethrow_exception(std::exchange(failure, nullptr));
      throw std::logic_error("a shard that nobody reads");
    }

    /// Begins with an order that wasn't foreseen: counts what is needed of each shard, and when first.
    void plan(std::span<const int> now, std::span<const int> next) {
      needed.assign(shards.size(), 0);
      queue.clear();
      for (const std::span<const int> part : {now, next})
        for (const int sample : part) {
          const std::size_t shard = shard_of(static_cast<std::size_t>(sample));
          if (needed[shard]++ == 0) queue.push_back(shard);
        }
      wanted.clear();
      failure = nullptr;
      // Those that are needed soon stay, and aren't read again.
      const auto soon = queue.begin() + static_cast<std::ptrdiff_t>(std::min(most, queue.size()));
      for (std::size_t s = 0; s < shards.size(); ++s)
        if (std::find(queue.begin(), soon, s) == soon) drop(s);
    }
    /// Samples that were drawn; drops shards of which no more will be.
    void forget(std::span<const int> drawn) {
      for (const int sample : drawn) {
        const std::size_t shard = shard_of(static_cast<std::size_t>(sample));
        if (--needed[shard] == 0) drop(shard);
      }
    }
    void drop(std::size_t shard) {
      shards[shard].reset();
      if (reading == shard) unwanted = true;
    }
    /// Asks for as many as there is room for.
    void fetch() {
      for (; !queue.empty(); queue.pop_front()) {
        const std::size_t shard = queue.front();
        if (reading == shard) {
          unwanted = false;
        } else if (!shards[shard]) {
          if (in_use() + wanted.size() == most) break;
          wanted.push_back(shard);
        }
      }
      asked.notify_one();
    }
    /// Shards that are there, and the one that is being read.
    std::size_t in_use() const {
      const auto is_there = [](const auto& shard) { return shard.has_value(); };
      return static_cast<std::size_t>(std::count_if(shards.begin(), shards.end(), is_there)) + (reading ? 1 : 0);
    }
    int count() {
      const std::lock_guard lock{mutex};
      return static_cast<int>(in_use());
    }

    /// The thread that reads.
    void serve(const std::stop_token& stop) {
      std::unique_lock lock{mutex};
      while (asked.wait(lock, stop, [&] { return !wanted.empty(); }) && !stop.stop_requested()) {
        const std::size_t shard = wanted.front();
        wanted.pop_front();
        reading = shard;
        lock.unlock();
        std::optional<Dataset> found;
        std::exception_ptr problem;
        try {
          found = read_again(shard);
        } catch (...) {
          problem = std::current_exception();
        }
        lock.lock();
        reading.reset();
        if (std::exchange(unwanted, false)) {
          found.reset();
          fetch();
        } else if (problem) {
          failure = problem;
          wanted.clear();
        } else {
          shards[shard] = std::move(found);
        }
        arrived.notify_one();
      }
    }
    Dataset read_again(std::size_t shard) {
      Dataset found = read(paths[shard]);
      const auto before = std::span{labels}.subspan(begins[shard], begins[shard + 1] - begins[shard]);
      if (!std::equal(before.begin(), before.end(), found.labels.begin(), found.labels.end()) ||
          found.features.size() != before.size() * width)
        throw FileError(paths[shard], "", "the " + std::to_string(before.size()) + " samples that it held before",
                        std::to_string(found.size()) + ", or of other labels or features");
      return found;
    }

    std::vector<std::string> paths;
    Read read;
    std::size_t window = 0;              ///< shards that are mixed
    std::size_t most = 0;                ///< shards in memory
    std::size_t width = 0;               ///< features a sample
    std::vector<int> labels;             ///< of all samples
    std::vector<std::size_t> begins{0};  ///< the first sample of each shard, and the end of the last

    std::mutex mutex;  ///< of all that follows; samples of shards that are ready are read without it
    std::condition_variable_any asked, arrived;
    std::vector<std::optional<Dataset>> shards;
    std::deque<std::size_t> wanted;      ///< to be read, in this order
    std::optional<std::size_t> reading;  ///< by the other thread, right now
    bool unwanted = false;               ///< what is being read is no longer needed
    std::exception_ptr failure;          ///< of what was read last

    // What the trainer is about to do.
    std::vector<std::size_t> needed;  ///< samples of each shard that are still to be drawn
    std::deque<std::size_t> queue;    ///< shards that weren't asked for yet, in the order in which they are needed
    std::span<const int> last;        ///< what was made ready last
    const int* expected = nullptr;    ///< where the next batch begins, if it is of the same order
    std::size_t expected_count = 0;   ///< samples from there to the end of the order
  };

  std::unique_ptr<Shared> shared_;
  std::jthread reader_;  ///< last: it ends before what it looks at does
};

}  // namespace rocket
