// Samples in shards: trained on to the same bits as in memory, of which there is never more than was allowed; and what
// may be wrong with a shard, at first or later.
#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <numeric>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <rocket/data/shard_file.hpp>
#include <rocket/data/shards.hpp>
#include <rocket/rocket.hpp>
#include <rocket/train/checkpoints.hpp>

#include "support/catch.hpp"
#include "support/checksum.hpp"
#include "support/temporary_folder.hpp"
#include "support/throws.hpp"

using namespace rocket;

namespace {

template <class T = float>
using Net =
    Launch<Input<5>, Sequential<Dense<6>, BatchNorm<>, Relu>, Dense<3>, Sequential<Dense<8>, Relu, Dense<3>>, T>;

Dataset made(int samples, std::uint64_t seed) {
  Dataset set{{}, {}, 5, 3, "made"};
  const Random random{seed};
  for (std::uint64_t i = 0; i < static_cast<std::uint64_t>(5 * samples); ++i)
    set.features.push_back(static_cast<float>(random.normal(i)));
  for (int i = 0; i < samples; ++i)
    set.labels.push_back(static_cast<int>(random.bits(static_cast<std::uint64_t>(i), 1)[0] % 3));
  return set;
}

// Ten shards of 20 to 29 samples, under the paths "0" to "9".
const std::vector<std::string> paths{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};
Dataset shard(const std::string& path) {
  return made(20 + std::stoi(path), static_cast<std::uint64_t>(std::stoi(path)));
}
const Dataset& all() {
  static const Dataset whole = [] {
    Dataset joined = shard("0");
    for (std::size_t s = 1; s < paths.size(); ++s) joined = concatenate(std::move(joined), shard(paths[s]));
    return joined;
  }();
  return whole;
}

// The same samples in memory, in the order of the shards.
template <class Sharded>
struct InMemory {
  const Sharded& ordered;
  int features_per_sample = 5;
  int classes = 3;
  std::size_t size() const { return all().size(); }
  int label(std::size_t i) const { return all().labels[i]; }
  template <class T>
  void read(std::size_t i, std::span<T> row) const {
    std::ranges::copy(all().row(i), row.begin());
  }
  template <class T>
  void draw(std::size_t i, Seed, int, std::span<T> row) const {
    read(i, row);
  }
  double nanoseconds_per_sample() const { return 10; }
  void order(Seed seed, int epoch, std::span<int> order) const { ordered.order(seed, epoch, order); }
};

template <class Source>
std::vector<int> order_of(const Source& source, std::uint64_t seed, int epoch) {
  std::vector<int> order(source.size());
  source.order(Seed{seed}, epoch, std::span{order});
  return order;
}

template <class T, class Source>
std::uint64_t trained(const Source& source, int threads) {
  Trainer trainer{Net<T>{Seed{3}}, Threads{threads}};
  trainer.fit(source, {.epochs = 3, .batch_size = 16});
  return checksum(trainer.net());
}

// A reader that counts.
struct Counted {
  std::shared_ptr<std::atomic<int>> reads = std::make_shared<std::atomic<int>>(0);
  Dataset operator()(const std::string& path) const {
    ++*reads;
    return shard(path);
  }
};

}  // namespace

static_assert(SampleSource<Shards<Counted>> && SampleSource<Shards<Counted>, double>);
static_assert(OrdersItsSamples<Shards<Counted>> && FetchesItsSamples<Shards<Counted>>);
static_assert(!OrdersItsSamples<ImageSamples> && !FetchesItsSamples<Samples<float>>);

TEMPLATE_TEST_CASE("shards are trained on and evaluated as samples in memory, to the bit", "[shards]", float, double) {
  for (const int in_memory : {2, 3, 4, 7, 20}) {
    const Shards shards{paths, shard, {.mixed = in_memory / 2, .in_memory = in_memory}};
    CHECK(shards.size() == all().size());
    CHECK(shards.features_per_sample == 5);
    CHECK(shards.classes == 3);
    const std::uint64_t expected = trained<TestType>(InMemory<decltype(shards)>{shards}, 1);
    for (const int threads : {1, 2, 3}) CHECK(trained<TestType>(shards, threads) == expected);
  }
  const Shards shards{paths, shard, {.mixed = 6, .in_memory = 12}};
  Trainer trainer{Net<TestType>{Seed{3}}, Threads{2}};
  const auto found = trainer.evaluate(shards);
  const auto expected = trainer.evaluate(InMemory<decltype(shards)>{shards});
  CHECK(found.light().loss == expected.light().loss);
  CHECK(found.booster().error == expected.booster().error);
  CHECK(found.samples == all().size());
}

TEST_CASE("an epoch has every sample once, in an order of its own, mixed within windows", "[shards]") {
  const Shards shards{paths, shard, {.mixed = 3, .in_memory = 6}};
  std::set<std::vector<int>> orders;
  for (const std::uint64_t seed : {std::uint64_t{1}, std::uint64_t{2}})
    for (int epoch = 0; epoch < 3; ++epoch) {
      const std::vector<int> order = order_of(shards, seed, epoch);
      CHECK(order == order_of(shards, seed, epoch));
      orders.insert(order);
      std::vector<int> sorted = order;
      std::ranges::sort(sorted);
      std::vector<int> everyone(shards.size());
      std::iota(everyone.begin(), everyone.end(), 0);
      CHECK(sorted == everyone);
      // The first 60 samples are of three shards, and of each of them early and late.
      const auto shard_of = [](int i) {
        int s = 0;
        for (int end = 20; i >= end; end += 20 + s) ++s;
        return s;
      };
      std::map<int, int> early, late;
      for (std::size_t i = 0; i < 30; ++i) ++early[shard_of(order[i])];
      for (std::size_t i = 30; i < 60; ++i) ++late[shard_of(order[i])];
      CHECK(early.size() == 3);
      CHECK(late.size() == 3);
    }
  CHECK(orders.size() == 6);
}

TEST_CASE("there are never more shards in memory than allowed, and each is read once an epoch", "[shards]") {
  const Counted read;
  for (const int in_memory : {2, 5}) {
    const Shards shards{paths, read, {.mixed = in_memory / 2, .in_memory = in_memory}};
    *read.reads = 0;
    Trainer trainer{Net<>{Seed{3}}, Threads{2}};
    trainer.fit(shards, {.epochs = 1, .batch_size = 16});
    CHECK(*read.reads == 10);
    CHECK(shards.in_memory() <= in_memory);
    struct Look {
      const decltype(shards)& of;
      int most = 0;
      void on_step(const StepReport&) { most = std::max(most, of.in_memory()); }
    } look{shards};
    trainer.fit(shards, {.epochs = 2, .batch_size = 16}, look);
    CHECK(look.most <= in_memory);
    CHECK(look.most >= 2);
    CHECK(*read.reads <= 30);  // what the end of an epoch has in common with the next stays
  }
}

TEST_CASE("a run on shards is taken up in the middle of an epoch", "[shards]") {
  const TemporaryFolder folder;
  const Shards shards{paths, shard, {.mixed = 2, .in_memory = 4}};
  const std::uint64_t expected = trained<float>(shards, 1);
  struct Pause {
    int left;
    Then on_step(const StepReport&) { return --left == 0 ? Then::pause : Then::go_on; }
  };
  for (const int steps : {1, 9, 16, 17, 40}) {
    Trainer first{Net<>{Seed{3}}}, second{Net<>{Seed{3}}};
    first.fit(shards, {.epochs = 3, .batch_size = 16}, Pause{steps});
    save_checkpoint(first, folder / "a");
    load_checkpoint(second, folder / "a");
    const Shards others{paths, shard, {.mixed = 2, .in_memory = 4 + steps % 5}};  // memory is free
    CHECK(second.fit(others, {.epochs = 3, .batch_size = 16}));
    CHECK(checksum(second.net()) == expected);
  }
}

TEST_CASE("a source of shards may be evaluated in the middle of an epoch", "[shards]") {
  const Shards shards{paths, shard, {.mixed = 6, .in_memory = 12}};
  Trainer with{Net<>{Seed{3}}}, without{Net<>{Seed{3}}};
  struct Look {
    decltype(with)& of;
    const decltype(shards)& samples;
    void on_step(const StepReport& report) {
      if (report.step % 5 == 0) of.evaluate(samples);
    }
  };
  with.fit(shards, {.epochs = 2, .batch_size = 16}, Look{with, shards});
  without.fit(shards, {.epochs = 2, .batch_size = 16});
  CHECK(checksum(with.net()) == checksum(without.net()));
}

TEST_CASE("what is wrong with a shard is said where it is trained on", "[shards]") {
  const auto broken = std::make_shared<std::atomic<int>>(0);
  const auto read = [=](const std::string& path) {
    if (path == "7" && *broken == 1) throw FileError(path, "line 3", "a number", "rubbish");
    if (path == "7" && *broken == 2) throw std::runtime_error("the disk is gone");
    Dataset set = shard(path);
    if (path == "7" && *broken == 3) set = made(26, 7);
    if (path == "7" && *broken == 4) set.labels[3] = (set.labels[3] + 1) % 3;
    return set;
  };
  const Shards shards{paths, read, {.mixed = 2, .in_memory = 4}};
  Trainer trainer{Net<>{Seed{3}}, Threads{2}};
  const auto fit = [&] { trainer.fit(shards, {.epochs = 1, .batch_size = 16}); };
  *broken = 1;
  CHECK(thrown_by<FileError>(fit).place() == "line 3");
  InferenceWorkspace<Net<>> small{16};  // batches of two shards
  CHECK(thrown_by<FileError>([&] { evaluate(trainer.net(), shards, small); }).path() == "7");
  *broken = 2;
  CHECK(thrown_by<std::runtime_error>(fit).what() == std::string{"the disk is gone"});
  *broken = 3;
  CHECK(thrown_by<FileError>(fit).expected() == "the 27 samples that it held before");
  *broken = 4;
  CHECK(thrown_by<FileError>(fit).path() == "7");
  *broken = 0;
  CHECK_NOTHROW(fit());  // it is mended
}

TEST_CASE("shards that don't fit together are refused at once", "[shards]") {
  const auto refused = [](const auto& read) { return thrown_by<FileError>([&] { Shards{paths, read}; }); };
  CHECK(refused([](const std::string& path) {
          return path == "3" ? Dataset{{}, {}, 5, 3, ""} : shard(path);
        }).path() == "3");
  const FileError wide = refused([](const std::string& path) {
    return path == "4" ? Dataset{{1, 2}, {0}, 2, 3, ""} : shard(path);
  });
  CHECK(wide.path() == "4");
  CHECK(wide.expected() == "5 features a sample, as in 0");
  CHECK(thrown_by<ValueError>([] { Shards{std::vector<std::string>{}, shard}; }).argument() == "paths");
  CHECK(thrown_by<ValueError>([] {
          Shards{paths, shard, {.mixed = 2, .in_memory = 3}};
        }).argument() == "ShardPlan::in_memory");
  CHECK(thrown_by<ValueError>([] { Shards{paths, shard, {.mixed = 0}}; }).argument() == "ShardPlan::mixed");
  const auto unlabelled = [](const std::string&) { return Dataset{{1, 2}, {7}, 2, 3, ""}; };
  CHECK(thrown_by<ValueError>([&] { Shards{paths, unlabelled}; }).argument() == "labels[0]");
}

TEST_CASE("a batch of more shards than may be in memory is refused", "[shards]") {
  const Shards shards{paths, shard, {.mixed = 1, .in_memory = 2}};
  Trainer trainer{Net<>{Seed{3}}};
  const auto fit = [&](int batch) { trainer.fit(shards, {.epochs = 1, .batch_size = batch}); };
  const ValueError error = thrown_by<ValueError>([&] { fit(245); });
  CHECK(error.argument() == "ShardPlan::in_memory");
  CHECK(error.expected() == "at least 10, the shards of a batch of 245 samples");
  CHECK_NOTHROW(fit(16));
}

TEST_CASE("shards may be left while they are read", "[shards]") {
  for (int i = 0; i < 20; ++i) {
    Shards shards{paths, shard, {.mixed = 3, .in_memory = 6}};
    const std::vector<int> order = order_of(shards, 1, 0);
    const auto count = static_cast<std::size_t>(i);
    if (i > 0) shards.make_ready(std::span{order}.first(count), std::span{order}.subspan(count));
    const Shards moved = std::move(shards);
    CHECK(moved.size() == all().size());
  }
}

TEST_CASE("samples are written to a file and read again", "[shards]") {
  const TemporaryFolder folder;
  const Dataset samples = made(7, 1);
  write_shard(folder / "a", samples);
  const Dataset found = read_shard(folder / "a");
  CHECK(found.features == samples.features);
  CHECK(found.labels == samples.labels);
  CHECK(found.features_per_sample == 5);
  CHECK(found.classes == 3);
  CHECK(found.name == "made");
  CHECK_THROWS_AS(write_shard(folder / "a", Dataset{{1}, {3}, 1, 3, ""}), ValueError);

  std::vector<std::string> files;
  for (const std::string& path : paths) write_shard(files.emplace_back(folder / path), shard(path));
  const Shards from_disk{files, read_shard};
  CHECK(trained<float>(from_disk, 1) == trained<float>(Shards{paths, shard}, 1));
}

TEST_CASE("a file of samples that is none is refused", "[shards]") {
  const TemporaryFolder folder;
  const std::string path = folder / "a";
  const std::vector<float> features(6);
  const std::vector<int> labels{0, 1};
  const auto bytes = [](const auto& numbers) { return std::as_bytes(std::span{numbers}); };
  const auto refused = [&](const std::vector<Tensor>& tensors, const std::string& classes = "2") {
    write_safetensors(path, tensors, {{"rocket.classes", classes}});
    return thrown_by<FileError>([&] { read_shard(path); }).place();
  };
  const Tensor good_features{"features", "F32", {2, 3}, bytes(features)},
      good_labels{"labels", "I32", {2}, bytes(labels)};
  CHECK(refused({good_labels}) == "features");
  CHECK(refused({good_features}) == "labels");
  CHECK(refused({{"features", "I32", {2, 3}, bytes(features)}, good_labels}) == "features");
  CHECK(refused({{"features", "F32", {6}, bytes(features)}, good_labels}) == "features");
  CHECK(refused({{"features", "F32", {3, 2}, bytes(features)}, good_labels}) == "labels");
  CHECK(refused({{"features", "F32", {2, 0}, {}}, good_labels}) == "features");
  CHECK(refused({good_features, good_labels}, "1") == "labels[1]");
  CHECK(refused({good_features, good_labels}, "two") == "__metadata__, rocket.classes");
  CHECK(refused({good_features, good_labels}, "0") == "__metadata__, rocket.classes");
  write_safetensors(path, std::vector{good_features, good_labels});
  CHECK(thrown_by<FileError>([&] { read_shard(path); }).found() == "none");
}
