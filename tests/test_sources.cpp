// What a Trainer makes of a source of samples: the same as of the samples themselves, whoever draws them.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <rocket/rocket.hpp>

#include "support/catch.hpp"
#include "support/checksum.hpp"
#include "support/count_allocations.hpp"
#include "support/throws.hpp"

using namespace rocket;

namespace {

template <class T>
using Net = Launch<Input<6 * 6 * 3>, Sequential<Dense<16>, BatchNorm<>, Relu>, Dense<4>,
                   Sequential<Dense<12>, BatchNorm<>, Relu, Dropout<0.1>, Dense<4>>, T>;

// 300 images: more than a batch of evaluation, and enough to be drawn by a team.
const ImageSet& images() {
  static const ImageSet set = [] {
    ImageSet made{{}, {}, 6, 6, 3, 4, "made"};
    const Random random{7};
    for (std::uint64_t i = 0; i < 300; ++i) made.labels.push_back(static_cast<int>(random.bits(i, 1)[0] % 4));
    for (std::uint64_t i = 0; i < 300 * 108; ++i) made.pixels.push_back(static_cast<std::uint8_t>(random.bits(i)[0]));
    return made;
  }();
  return set;
}

const Normalization& normalization() {
  static const Normalization measured = Normalization::of(images());
  return measured;
}

ImageSamples augmented() { return {images(), normalization(), {.flip = 0.5, .padding = 2}}; }

// Says that it takes long, so that a team is woken even for a few images.
struct Slow {
  ImageSamples samples = augmented();
  int features_per_sample = samples.features_per_sample;
  int classes = samples.classes;
  std::size_t size() const { return samples.size(); }
  int label(std::size_t i) const { return samples.label(i); }
  void read(std::size_t i, std::span<float> row) const { samples.read(i, row); }
  void draw(std::size_t i, Seed seed, int epoch, std::span<float> row) const { samples.draw(i, seed, epoch, row); }
  double nanoseconds_per_sample() const { return 1e6; }
};

template <class T, class Source>
std::uint64_t trained(const Source& source, int threads = 1) {
  Trainer trainer{Net<T>{Seed{3}}, Threads{threads}};
  trainer.fit(source, {.epochs = 3, .batch_size = 70});
  return checksum(trainer.net());
}

template <class T>
std::vector<T> rows_of(const ImageSamples& samples) {
  const auto width = static_cast<std::size_t>(samples.features_per_sample);
  std::vector<T> rows(samples.size() * width);
  for (std::size_t i = 0; i < samples.size(); ++i) samples.read(i, std::span{rows}.subspan(i * width, width));
  return rows;
}

}  // namespace

static_assert(SampleSource<Samples<float>> && SampleSource<Samples<double>, double>);
static_assert(SampleSource<ImageSamples> && SampleSource<ImageSamples, double> && SampleSource<Slow>);
static_assert(!SampleSource<Samples<double>> && !SampleSource<Dataset> && !SampleSource<ImageSet>);
static_assert(!std::is_constructible_v<ImageSamples, ImageSet, Normalization>);

TEMPLATE_TEST_CASE("a source of samples as they are trains and is evaluated as the samples, to the bit", "[sources]",
                   float, double) {
  const ImageSamples source{images(), normalization()};
  const auto rows = rows_of<TestType>(source);
  const auto samples = make_samples<TestType>(rows, images().labels, 108, 4);
  CHECK(trained<TestType>(source) == trained<TestType>(samples));

  Trainer trainer{Net<TestType>{Seed{3}}, Threads{1}};
  InferenceWorkspace<Net<TestType>> small{64};
  const auto by_free_function = [&](const auto& given, int threads = 1) {
    return evaluate(trainer.net(), given, small, threads);
  };
  for (const auto& [report, expected] : {std::pair{trainer.evaluate(source), trainer.evaluate(samples)},
                                         {by_free_function(source), by_free_function(samples)},
                                         {by_free_function(source, 2), by_free_function(samples)}}) {
    CHECK(report.samples == 300);
    CHECK(report.light().error == expected.light().error);
    CHECK(report.booster().loss == expected.booster().loss);
    CHECK(report.agreement == expected.agreement);
  }
}

TEST_CASE("a source is evaluated as it is, whatever it draws in training", "[sources]") {
  Trainer trainer{Net<float>{Seed{3}}, Threads{1}};
  const auto report = trainer.evaluate(augmented());
  CHECK(report.light().loss == trainer.evaluate(ImageSamples{images(), normalization()}).light().loss);
}

TEST_CASE("samples are drawn by the net's seed, anew in every epoch", "[sources]") {
  struct Asked : Slow {
    std::vector<std::pair<std::uint64_t, int>>* asked = nullptr;
    void draw(std::size_t i, Seed seed, int epoch, std::span<float> row) const {
      if (i == 17) asked->emplace_back(seed.value, epoch);
      Slow::draw(i, seed, epoch, row);
    }
  };
  std::vector<std::pair<std::uint64_t, int>> asked;
  Asked source;
  source.asked = &asked;
  Trainer trainer{Net<float>{Seed{3}}, Threads{1}};
  trainer.fit(source, {.epochs = 2});
  trainer.fit(source, {.epochs = 1});
  CHECK(asked == std::vector<std::pair<std::uint64_t, int>>{{3, 0}, {3, 1}, {3, 2}});
  CHECK(trained<float>(augmented()) != trained<float>(ImageSamples{images(), normalization()}));
}

TEST_CASE("who draws the samples makes no difference, to the bit", "[sources]") {
  const std::uint64_t one = trained<float>(Slow{}, 1);
  for (const int threads : {3, 2}) CHECK(trained<float>(Slow{}, threads) == one);
  CHECK(trained<float>(augmented(), 2) == one);
}

TEST_CASE("fit and evaluate allocate nothing for a source from the first step on", "[sources]") {
  struct AtFirstAndLastStep {
    long first = -1, last = -1;
    void on_step(const StepReport&) {
      if (first < 0) first = allocations;
      last = allocations;
    }
  };
  for (const int threads : {1, 2}) {
    AtFirstAndLastStep count;
    Trainer trainer{Net<float>{Seed{3}}, Threads{threads}};
    const Slow source;
    trainer.fit(source, {.epochs = 2, .batch_size = 70}, count);
    CHECK(count.last == count.first);
    trainer.evaluate(source);
    const long before = allocations;
    trainer.evaluate(source);
    CHECK(allocations == before);
  }
}

TEST_CASE("a source that does not fit is refused, before anything has changed", "[sources]") {
  Trainer trainer{Net<float>{Seed{3}}};
  const std::uint64_t before = checksum(trainer.net());
  const auto check_refused = [&](const auto& source, const std::string& argument) {
    CHECK(thrown_by<ValueError>([&] { trainer.fit(source, {}); }).argument() == argument);
    CHECK(thrown_by<ValueError>([&] { trainer.evaluate(source); }).argument() == argument);
  };
  struct Mislabelled : Slow {
    int label(std::size_t i) const { return i == 5 ? 4 : 0; }
  };
  check_refused(Mislabelled{}, "labels[5]");
  Slow many;
  many.classes = 5;
  check_refused(many, "classes");
  Slow wide;
  wide.features_per_sample = 109;
  check_refused(wide, "features_per_sample");
  const ImageSet none{{}, {}, 6, 6, 3, 4, "none"};
  check_refused(ImageSamples{none, normalization()}, "samples");
  CHECK(checksum(trainer.net()) == before);
}

TEST_CASE("what a source throws reaches the caller of fit, from any thread", "[sources]") {
  struct Broken : Slow {
    void draw(std::size_t, Seed, int, std::span<float>) const { throw FileError("a.png", "", "an image", "none"); }
  };
  for (const int threads : {2, 1}) {
    Trainer trainer{Net<float>{Seed{3}}, Threads{threads}};
    CHECK_THROWS_AS(trainer.fit(Broken{}, {}), FileError);
  }
}
