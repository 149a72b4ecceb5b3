// Samples in files that don't all fit in memory: the same bits as in memory in the same order, never more files in
// memory than allowed, and every way a file can go wrong between two readings.
#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <new>
#include <numeric>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <rocket/data/csv.hpp>
#include <rocket/data/shard_file.hpp>
#include <rocket/data/shards.hpp>
#include <rocket/rocket.hpp>
#include <rocket/train/checkpoints.hpp>

#include "support/catch.hpp"
#include "support/checksum.hpp"
#include "support/count_allocations.hpp"
#include "support/random_numbers.hpp"
#include "support/temporary_folder.hpp"
#include "support/throws.hpp"

using namespace rocket;

namespace {

template <class T>
using Net = Launch<Input<4>, Sequential<Dense<6>, BatchNorm<>, Relu, Dropout<0.2>>, Dense<3>,
                   Sequential<Dense<8>, BatchNorm<>, Relu, Dense<3>>, T>;
using FloatNet = Net<float>;

const FitOptions fitting{.epochs = 3, .batch_size = 20};

Dataset random_set(const std::vector<std::size_t>& sizes, int width) {
  const std::size_t samples = std::accumulate(sizes.begin(), sizes.end(), std::size_t{0});
  Dataset set{normal_numbers<float>(static_cast<int>(samples) * width, 1), {}, width, 3, "made"};
  for (std::size_t i = 0; i < samples; ++i) set.labels.push_back(static_cast<int>(Random{2}.bits(i)[0] % 3));
  return set;
}

// A set cut into shards that lie in no file: the path of one is its number.
struct Cut {
  std::vector<std::size_t> sizes = {13, 40, 1, 29, 17, 2, 35, 22, 8, 31, 26, 5};
  int width = 4;
  Dataset whole = random_set(sizes, width);

  std::vector<std::string> paths() const {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < sizes.size(); ++i) names.push_back(std::to_string(i));
    return names;
  }
  std::size_t begin(std::size_t shard) const {
    return std::accumulate(sizes.begin(), sizes.begin() + static_cast<std::ptrdiff_t>(shard), std::size_t{0});
  }
  Dataset part(std::size_t shard) const {
    std::vector<std::size_t> samples(sizes[shard]);
    std::iota(samples.begin(), samples.end(), begin(shard));
    return whole.take(samples);
  }
  auto reader() const {
    return [this](const std::string& path) { return part(std::stoul(path)); };
  }
};

// What was asked for, by whichever thread.
class Counted {
 public:
  explicit Counted(const Cut& cut) : cut_{&cut}, reads_{std::make_shared<std::vector<std::atomic<int>>>(99)} {}
  Dataset operator()(const std::string& path) const {
    ++(*reads_)[std::stoul(path)];
    return cut_->part(std::stoul(path));
  }
  int reads(std::size_t shard) const { return (*reads_)[shard]; }

 private:
  const Cut* cut_;
  std::shared_ptr<std::vector<std::atomic<int>>> reads_;
};

// The same samples in the same order, but all in memory.
template <class Source>
struct InMemory {
  const Dataset& whole;
  const Source& source;
  int features_per_sample = whole.features_per_sample;
  int classes = whole.classes;
  std::size_t size() const { return whole.size(); }
  int label(std::size_t i) const { return whole.labels[i]; }
  template <class T>
  void read(std::size_t i, std::span<T> row) const {
    std::copy_n(whole.row(i).data(), row.size(), row.data());
  }
  template <class T>
  void draw(std::size_t i, Seed, int, std::span<T> row) const {
    read(i, row);
  }
  double nanoseconds_per_sample() const { return 1; }
  void order(Seed seed, int epoch, std::span<int> order) const { source.order(seed, epoch, order); }
};

// Says that it takes long, so that a team draws.
template <class Source>
struct Slow {
  const Source& source;
  int features_per_sample = source.features_per_sample;
  int classes = source.classes;
  std::size_t size() const { return source.size(); }
  int label(std::size_t i) const { return source.label(i); }
  template <class T>
  void read(std::size_t i, std::span<T> row) const {
    source.read(i, row);
  }
  template <class T>
  void draw(std::size_t i, Seed seed, int epoch, std::span<T> row) const {
    source.draw(i, seed, epoch, row);
  }
  double nanoseconds_per_sample() const { return 1e6; }
  void order(Seed seed, int epoch, std::span<int> order) const { source.order(seed, epoch, order); }
  std::size_t make_ready(std::span<const int> order, std::size_t count) const {
    return source.make_ready(order, count);
  }
};

template <class T, class Source, class... Callbacks>
std::uint64_t trained(const Source& source, int threads = 1, int batch_size = 20) {
  Trainer trainer{Net<T>{Seed{3}}, Threads{threads}};
  trainer.fit(source, {.epochs = 3, .batch_size = batch_size});
  return checksum(trainer.net());
}

template <class Source>
std::vector<int> order_of(const Source& source, Seed seed, int epoch) {
  std::vector<int> order(source.size());
  source.order(seed, epoch, order);
  return order;
}

std::vector<int> as_numbered(std::size_t size) {
  std::vector<int> order(size);
  std::iota(order.begin(), order.end(), 0);
  return order;
}

}  // namespace

TEMPLATE_TEST_CASE("shards train as their samples do in memory, to the bit, whoever draws", "[shards]", float, double) {
  const Cut cut;
  for (const int bound : {2, 3, 5, 11}) {
    const Shards shards{cut.paths(), cut.reader(), {.shards_in_memory = bound}};
    for (const int batch_size : {20, 150}) {  // 150: of more shards than may be in memory
      const std::uint64_t expected = trained<TestType>(InMemory<decltype(shards)>{cut.whole, shards}, 1, batch_size);
      CHECK(trained<TestType>(shards, 1, batch_size) == expected);
      for (const int threads : {1, 2, 3})
        CHECK(trained<TestType>(Slow<decltype(shards)>{shards}, threads, batch_size) == expected);
    }
  }
}

TEST_CASE("shards that all fit train as a data set", "[shards]") {
  const Cut cut;
  const std::uint64_t expected = trained<float>(cut.whole);
  for (const int bound : {12, 100}) {
    const Counted counted{cut};
    CHECK(trained<float>(Shards{cut.paths(), counted, {.shards_in_memory = bound}}) == expected);
    for (std::size_t shard = 0; shard < 12; ++shard) CHECK(counted.reads(shard) == 1);
  }
}

TEST_CASE("an epoch draws every sample once, in an order of its own", "[shards]") {
  const Cut cut;
  for (const int bound : {2, 4, 12}) {
    const Shards shards{cut.paths(), cut.reader(), {.shards_in_memory = bound}};
    const std::vector<int> order = order_of(shards, Seed{7}, 0);
    std::vector<int> sorted = order;
    std::sort(sorted.begin(), sorted.end());
    CHECK(sorted == as_numbered(cut.whole.size()));
    CHECK(order_of(shards, Seed{7}, 0) == order);
    CHECK(order_of(shards, Seed{7}, 1) != order);
    CHECK(order_of(shards, Seed{8}, 0) != order);
    CHECK(order_of(Shards{cut.paths(), cut.reader(), {.shards_in_memory = bound}}, Seed{7}, 0) == order);
  }
}

TEST_CASE("all shards but one are mixed", "[shards]") {
  const Cut cut{std::vector<std::size_t>(20, 200)};
  for (const int bound : {2, 3, 6}) {
    const Shards shards{cut.paths(), cut.reader(), {.shards_in_memory = bound}};
    const std::vector<int> order = order_of(shards, Seed{7}, 0);
    std::vector<std::size_t> first(20, order.size()), last(20, 0);
    for (std::size_t place = 0; place < order.size(); ++place) {
      const auto shard = static_cast<std::size_t>(order[place]) / 200;
      first[shard] = std::min(first[shard], place);
      last[shard] = place;
    }
    std::size_t most = 0;
    for (std::size_t place = 0; place < order.size(); ++place) {
      std::size_t open = 0;
      for (std::size_t shard = 0; shard < 20; ++shard) open += first[shard] <= place && place <= last[shard];
      most = std::max(most, open);
    }
    CHECK(most == static_cast<std::size_t>(bound - 1));
    // In the middle any hundred samples are of all of them.
    std::set<int> mixed;
    for (std::size_t place = 2010; place < 2110; ++place) mixed.insert(order[place] / 200);
    CHECK(mixed.size() >= static_cast<std::size_t>(bound - 1));
    CHECK_FALSE(std::is_sorted(order.begin() + 2010, order.begin() + 2050));
  }
}

TEST_CASE("an epoch reads a file once at most", "[shards]") {
  const Cut cut{std::vector<std::size_t>(12, 50)};
  const Counted counted{cut};
  const Shards shards{cut.paths(), counted, {.shards_in_memory = 4}};
  for (std::size_t shard = 0; shard < 12; ++shard) CHECK(counted.reads(shard) == 1);
  trained<float>(shards);
  for (std::size_t shard = 0; shard < 12; ++shard) CHECK(counted.reads(shard) <= 1 + fitting.epochs);
}

TEST_CASE("no more shards are in memory than allowed, however many there are", "[shards]") {
  using Wide = Plain<Input<512>, Dense<3>>;
  const Cut cut{std::vector<std::size_t>(30, 40), 512};
  InferenceWorkspace<Wide> workspace{16};
  big_block = 40 * 512 * sizeof(float);  // the features of a shard
  for (const int bound : {2, 3, 7}) {
    const long before = big_blocks;
    most_big_blocks = before;
    {
      const Shards shards{cut.paths(), cut.reader(), {.shards_in_memory = bound}};
      Trainer trainer{Wide{Seed{3}}, Threads{1}};
      trainer.fit(shards, {.epochs = 2, .batch_size = 16});
      evaluate(trainer.net(), shards, workspace);
      CHECK(most_big_blocks - before == bound);
    }
    CHECK(big_blocks == before);
  }
}

TEST_CASE("a run on shards that was stopped after any step ends with the same bits", "[shards]") {
  const Cut cut;
  const TemporaryFolder folder;
  const auto make = [](int threads) { return Trainer{FloatNet{Seed{3}}, Threads{threads}, Adam{}}; };
  const auto fit = [&](auto& trainer, auto&&... callbacks) {
    const Shards shards{cut.paths(), cut.reader(), {.shards_in_memory = 3}};  // as another process has it
    return trainer.fit(shards, fitting, callbacks...);
  };
  auto whole = make(1);
  CHECK(fit(whole));
  struct StopAfter {
    int left;
    Then on_step(const StepReport&) { return --left > 0 ? Then::go_on : Then::pause; }
  };
  for (int step = 1; step < 36; step += 5) {
    auto first = make(2), second = make(1 + step % 3);
    CHECK_FALSE(fit(first, StopAfter{step}));
    save_checkpoint(first, folder / "run");
    load_checkpoint(second, folder / "run");
    CHECK(fit(second));
    CHECK(checksum(second.net()) == checksum(whole.net()));
  }
}

TEMPLATE_TEST_CASE("shards are evaluated as their samples are, also in the midst of training", "[shards]", float,
                   double) {
  const Cut cut;
  const std::vector<TestType> rows(cut.whole.features.begin(), cut.whole.features.end());
  const auto samples = make_samples<TestType>(rows, cut.whole.labels, 4, 3);
  const Shards shards{cut.paths(), cut.reader(), {.shards_in_memory = 2}};
  Trainer trainer{Net<TestType>{Seed{3}}, Threads{2}};
  struct Evaluate {
    std::function<void()> now;
    void on_step(const StepReport&) const { now(); }
  };
  InferenceWorkspace<Net<TestType>> small{17};
  trainer.fit(shards, fitting, Evaluate{[&] {
                const auto report = trainer.evaluate(shards), expected = trainer.evaluate(samples);
                CHECK(report.light().loss == expected.light().loss);
                CHECK(report.booster().error == expected.booster().error);
                CHECK(evaluate(trainer.net(), shards, small).light().loss ==
                      evaluate(trainer.net(), samples, small).light().loss);
              }});
  CHECK(checksum(trainer.net()) == trained<TestType>(shards));
}

TEST_CASE("shards are read from files of every kind", "[shards]") {
  const Cut cut;
  const TemporaryFolder folder;
  std::vector<std::string> shard_files, csv_files;
  for (std::size_t i = 0; i < 12; ++i) {
    const Dataset part = cut.part(i);
    shard_files.push_back(folder / (std::to_string(i) + ".safetensors"));
    write_shard(shard_files.back(), part);
    std::string text;
    for (std::size_t s = 0; s < part.size(); ++s) {
      for (const float x : part.row(s)) text += std::to_string(static_cast<double>(x)) + ',';
      text += std::to_string(part.labels[s]) + '\n';
    }
    csv_files.push_back(folder.write_gzip(std::to_string(i) + ".csv.gz", text));
  }
  const Shards shards{shard_files, read_shard, {.shards_in_memory = 3}};
  CHECK(trained<float>(shards) == trained<float>(Shards{cut.paths(), cut.reader(), {.shards_in_memory = 3}}));
  const Shards rows{csv_files, [](const std::string& path) { return read_csv(path); }, {.shards_in_memory = 3}};
  CHECK(rows.size() == cut.whole.size());
  CHECK(rows.classes == 3);  // the shard of one sample alone would have fewer
  trained<float>(rows);
}

TEST_CASE("shards that don't fit together are refused when they are built", "[shards]") {
  const Cut cut;
  const auto refused = [&](const std::function<void(Dataset&)>& spoil) {
    return thrown_by<FileError>([&] {
      Shards{cut.paths(), [&](const std::string& path) {
               Dataset set = cut.part(std::stoul(path));
               if (path == "3") spoil(set);
               return set;
             }};
    });
  };
  const auto check = [&](const FileError& error, const std::string& place, const std::string& expected,
                         const std::string& found) {
    CHECK(error.path() == "3");
    CHECK(error.place() == place);
    CHECK(error.expected() == expected);
    CHECK(error.found() == found);
  };
  check(refused([](Dataset& set) { set = {{}, {}, 4, 3, ""}; }), "", "at least 1 sample", "none");
  check(refused([](Dataset& set) { set = {{1, 2}, {0}, 2, 3, ""}; }), "", "4 features a sample, as in 0", "2");
  check(refused([](Dataset& set) { set.labels[1] = 3; }), "labels[1]", "a class in [0, 3)", "3");
  check(refused([](Dataset& set) { set.labels[1] = -1; }), "labels[1]", "a class in [0, 3)", "-1");
  check(refused([](Dataset& set) { set.features.pop_back(); }), "features", "29 rows of 4 values", "115 values");
  check(refused([](Dataset& set) { set.classes = 0; }), "classes", "at least 1", "0");

  const auto argument = [&](const std::vector<std::string>& paths, int bound) {
    return thrown_by<ValueError>([&] { Shards{paths, cut.reader(), {.shards_in_memory = bound}}; }).argument();
  };
  CHECK(argument(cut.paths(), 1) == "shards_in_memory");
  CHECK(argument({}, 2) == "paths");
  CHECK(thrown_by<FileError>([] { Shards{{"/none/such"}, read_shard}; }).path() == "/none/such");
}

TEST_CASE("a file that has changed is an error of the training that needs it", "[shards]") {
  const Cut cut;
  const auto failing = [&](const std::function<void(Dataset&)>& spoil) {
    const Counted counted{cut};
    const Shards shards{cut.paths(),
                        [&](const std::string& path) {
                          Dataset set = counted(path);
                          if (path == "6" && counted.reads(6) > 1) spoil(set);
                          return set;
                        },
                        {.shards_in_memory = 3}};
    Trainer trainer{FloatNet{Seed{3}}};
    CHECK_THROWS(trainer.evaluate(shards));
    return thrown_by<FileError>([&] { trainer.fit(shards, fitting); });
  };
  const auto check = [&](const FileError& error, const std::string& expected, const std::string& found) {
    CHECK(error.path() == "6");
    CHECK(error.expected() == expected);
    CHECK(error.found() == found);
  };
  check(failing([](Dataset& set) {
          set.labels.pop_back();
          set.features.resize(set.features.size() - 4);
        }),
        "35 samples, as when it was first read", "34");
  check(failing([](Dataset& set) { set.labels[7] = (set.labels[7] + 1) % 3; }),
        "the labels that it had when it was first read", "others");
  check(failing([](Dataset& set) { set = {{1, 2}, {0}, 2, 3, ""}; }), "4 features a sample, as in 0", "2");
  check(failing([](Dataset& set) { set.labels[7] = 5; }), "a class in [0, 3)", "5");
  check(failing([](Dataset& set) { set = {{}, {}, 4, 3, ""}; }), "at least 1 sample", "none");
}

TEST_CASE("files that vanish or are damaged in training are errors with their names", "[shards]") {
  const Cut cut;
  const TemporaryFolder folder;
  std::vector<std::string> files;
  for (std::size_t i = 0; i < 12; ++i) {
    files.push_back(folder / std::to_string(i));
    write_shard(files.back(), cut.part(i));
  }
  const Shards shards{files, read_shard, {.shards_in_memory = 2}};
  Trainer trainer{FloatNet{Seed{3}}};
  const std::string whole = content(files[8]);
  folder.write("8", whole.substr(0, whole.size() - 1));
  CHECK(thrown_by<FileError>([&] { trainer.fit(shards, fitting); }).path() == files[8]);
  std::filesystem::remove(files[8]);
  CHECK(thrown_by<FileError>([&] { trainer.evaluate(shards); }).path() == files[8]);
  folder.write("8", whole);
  CHECK_NOTHROW(trainer.evaluate(shards));
}

TEST_CASE("what a reader throws reaches the caller of fit, which may try again where it was", "[shards]") {
  const Cut cut;
  struct Unplugged : std::runtime_error {
    using std::runtime_error::runtime_error;
  };
  for (const int threads : {1, 2}) {
    const Counted counted{cut};
    const Shards shards{cut.paths(),
                        [&](const std::string& path) {
                          Dataset set = counted(path);
                          if (path == "6" && counted.reads(6) == 3) throw Unplugged{"the disk of " + path};
                          return set;
                        },
                        {.shards_in_memory = 2}};
    const Slow<decltype(shards)> slow{shards};  // worth a team
    Trainer trainer{FloatNet{Seed{3}}, Threads{threads}};
    int failures = 0;
    for (bool done = false; !done;) {
      try {
        done = trainer.fit(slow, fitting);
      } catch (const Unplugged& error) {
        CHECK(error.what() == std::string{"the disk of 6"});
        ++failures;
        trainer.restore(trainer.position());
      }
    }
    CHECK(failures == 1);
    CHECK(checksum(trainer.net()) == trained<float>(InMemory<decltype(shards)>{cut.whole, shards}));
  }
}

TEST_CASE("a source that says what cannot be is refused", "[shards]") {
  struct Odd : Samples<float> {
    int first = 0;
    std::size_t ready = 1;
    void order(Seed, int, std::span<int> order) const {
      std::iota(order.begin(), order.end(), 0);
      order[0] = first;
    }
    std::size_t make_ready(std::span<const int>, std::size_t) const { return ready; }
  };
  const Cut cut;
  const auto argument_of = [&](int first, std::size_t ready) {
    Trainer trainer{FloatNet{Seed{3}}, Threads{1}};
    const Odd source{Samples<float>(cut.whole), first, ready};
    return thrown_by<ValueError>([&] { trainer.fit(source, fitting); }).argument();
  };
  CHECK(argument_of(-1, 1) == "order[0]");
  CHECK(argument_of(static_cast<int>(cut.whole.size()), 1) == "order[0]");
  CHECK(argument_of(0, 0) == "make_ready");
  CHECK(argument_of(0, 1000) == "make_ready");
}

TEST_CASE("a source may go while it reads ahead", "[shards]") {
  const Cut cut;
  std::atomic<bool> reads_ahead = false, goes = false;
  const Counted counted{cut};
  const auto reader = [&](const std::string& path) {
    if (path == "2" && counted.reads(2) > 0) {
      reads_ahead = true;
      reads_ahead.notify_all();
      goes.wait(false);
    }
    return counted(path);
  };
  {
    const Shards shards{cut.paths(), reader, {.shards_in_memory = 3}};
    CHECK(shards.make_ready(as_numbered(shards.size()), 5) == 5);  // shards 0 and 1 are still there
    reads_ahead.wait(false);
    goes = true;
    goes.notify_all();
  }
  const Shards none_needed{cut.paths(), counted};  // whose thread never had anything to do
}

TEST_CASE("only samples that are ready are read", "[shards]") {
  const Cut cut;
  const Shards shards{cut.paths(), cut.reader(), {.shards_in_memory = 2}};
  std::vector<float> row(4);
  const auto read = [&](std::size_t i) { shards.read(i, std::span{row}); };
  CHECK(thrown_by<ValueError>([&] { read(0); }).argument() == "i");
  const std::vector<int> order = as_numbered(shards.size());
  CHECK(shards.make_ready(order, 5) == 5);
  read(4);
  CHECK(std::equal(row.begin(), row.end(), cut.whole.row(4).begin()));
  const std::size_t last = shards.size() - 1;
  CHECK_THROWS_AS(read(last), ValueError);
  // Three shards at once, where there is room for two.
  const std::vector<int> three{0, static_cast<int>(last), 60};
  const std::size_t ready = shards.make_ready(three, 3);
  CHECK(ready >= 1);
  CHECK(ready <= 2);
  CHECK(shards.make_ready(std::span{three}.subspan(2), 1) == 1);
  read(60);
  CHECK(std::equal(row.begin(), row.end(), cut.whole.row(60).begin()));
}
