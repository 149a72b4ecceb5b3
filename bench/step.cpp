/// \file
/// What a training step costs, of wide residual nets and of dense ones: time, memory, what more threads gain, the
/// shares of drawing the batch and of normalisation.
#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <rocket/models/wide_resnet.hpp>
#include <rocket/rocket.hpp>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "support.hpp"

namespace {
using namespace rocket;

constexpr int classes = 10, side = 32, channels = 3;
using Image = Input<side, side, channels>;
using IntervalPair = Interval<Image, classes, WideResNet<16>, WideResNet<40>>;
using BottomPair = Bottom<Image, classes, WideResNet<40>>;

/// Two dense nets that share the input only.
using DensePair = Launch<
    Input<576>, Sequential<>, Sequential<Dense<200>, Relu, Dense<80>, Relu, Dense<2>>,
    Sequential<Dense<720>, Relu, Dense<360>, Relu, Dense<240>, Relu, Dense<180>, Relu, Dense<90>, Relu, Dense<2>>>;

/// A WideBlock without batch normalisation and ReLU.
template <int Channels, int Stride = 1>
struct BareBlock {
  static constexpr std::string_view name = "BareBlock";
  static constexpr Shape output(Shape in) { return in.channels() == Channels ? in : Projection::output(in); }

 private:
  template <int ByStride>
  using Conv3x3 = Conv2d<Channels, Window{.size = 3, .stride = ByStride, .padding = 1}, Bias::no>;
  using Projection = Conv2d<Channels, Window{.size = 1, .stride = Stride, .padding = 0}, Bias::no>;

 public:
  template <Shape In>
  using layers = std::conditional_t<In.channels() == Channels, Residual<Sequential<Conv3x3<1>, Conv3x3<1>>>,
                                    Residual<Sequential<Conv3x3<Stride>, Conv3x3<1>>, Projection>>;
};
/// A WideResNet without them: what a step of the whole net takes longer is their share.
template <int Depth>
using Bare = Plain<Image, Sequential<typename WideResNet<Depth>::Stem, Repeat<(Depth - 4) / 6, BareBlock<16>>,
                                     Repeat<(Depth - 4) / 6, BareBlock<32, 2>>,
                                     Repeat<(Depth - 4) / 6, BareBlock<64, 2>>, GlobalAveragePool, Dense<classes>>>;
static_assert(Bare<16>::multiply_adds == IntervalPair::light::multiply_adds);
static_assert(Bare<40>::multiply_adds == IntervalPair::booster::multiply_adds);

/// Random bytes: how long a step takes doesn't hang on what is in the images.
const ImageSet& some_images() {
  static const ImageSet images = [] {
    constexpr std::size_t count = 2048;  // 6 MB: more than the caches of one core hold
    ImageSet set{{}, some_labels(count, classes), side, side, channels, classes, "noise"};
    set.pixels.resize(count * set.bytes_per_image());
    for (std::size_t i = 0; i < set.pixels.size(); ++i)
      set.pixels[i] = static_cast<std::uint8_t>(Random{1}.bits(i, 0)[0] >> 24);
    return set;
  }();
  return images;
}

/// Lets the high-water mark of resident memory begin anew, from what is in use; false where that isn't possible.
bool reset_high_water() {
#ifdef __GLIBC__
  malloc_trim(0);  // what earlier lines freed would be taken again unseen
#endif
  std::ofstream file{"/proc/self/clear_refs"};
  return static_cast<bool>(file << "5" << std::flush);
}

/// Bytes a step needs: the workspace, parameters, gradient and momentum, statistics, the batch.
template <class Trained, class Net>
constexpr double step_bytes(int batch) {
  constexpr std::size_t vectors = (2 + Sgd::states) * Net::parameters + Net::statistics;
  const std::size_t samples = static_cast<std::size_t>(batch) * static_cast<std::size_t>(Net::input.size());
  return static_cast<double>(Trained::workspace_bytes(batch) + (vectors + samples) * sizeof(float));
}

/// The samples of a step.
struct Batch {
  std::vector<float> features;
  std::vector<int> labels;
};

/// Draws images into a batch as `fit` does.
class Drawing {
 public:
  void operator()(int threads, Batch& batch) {
    // Strides over the set as a shuffled order would.
    const std::size_t count = batch.labels.size(), first = drawn_ * count;
    rocket::detail::gather_rows(samples_, count, threads, batch.features.data(),
                                [&](std::size_t row, std::span<float> into) {
                                  const std::size_t i = (first + row) * 997 % samples_.size();
                                  samples_.draw(i, Seed{1}, static_cast<int>(drawn_), into);
                                  batch.labels[row] = samples_.label(i);
                                });
    ++drawn_;
  }

 private:
  ImageSamples samples_{some_images(), Normalization::of(some_images()), Augmentation{}};
  std::size_t drawn_ = 0;  // batches
};

/// At a rate of 0 the arithmetic is the same and the net stays as it is: every step is like the first.
constexpr Sgd still{.rate = 0, .momentum = 0.9, .weight_decay = 5e-4, .nesterov = true};

/// Steps of a trainer of its own, which has taken the first one.
template <class Net, class... Options>
std::function<void()> steps_of(Net net, const Batch& batch, Threads threads, const Options&... options) {
  using Trained = decltype(Trainer{std::move(net), still, threads, options...});
  const auto trainer = std::make_shared<Trained>(std::move(net), still, threads, options...);
  const auto train = [trainer, &batch] { benchmark::DoNotOptimize(trainer->step(batch.features, batch.labels)); };
  train();
  return train;
}

/// The net of the same convolutions without normalisation, where there is one.
struct NoBare {};

/// A line: `batch` samples on so many `threads`.
template <class Net, class BareNet, class... Options>
void step(benchmark::State& state, const Options&... options) {
  constexpr bool has_bare = !std::is_same_v<BareNet, NoBare>, has_images = Net::input == Image::shape;
  const int samples = static_cast<int>(state.range(0));
  const Threads threads{static_cast<int>(state.range(1))};
  Batch batch{some_features(samples * Net::input.size()), some_labels(samples, Net::outputs[0])};
  std::optional<Drawing> drawing;
  if (has_images) drawing.emplace();
  const bool water_is_low = reset_high_water();
  const std::optional<double> before = process_bytes("VmRSS:");

  const std::function<void()> train = steps_of(Net{Seed{1}}, batch, threads, options...);
  const std::optional<double> peak = process_bytes("VmHWM:");

  for (auto _ : state) train();

  // What a step is compared with takes turns with it, on one thread by processor time, in which other programs don't
  // count.
  const auto seconds_of = [&](const auto& work) { return threads.count == 1 ? seconds(1, work) : wall_seconds(work); };
  std::function<void()> train_bare, train_alone;
  if constexpr (has_bare) {
    BareNet bare{Seed{1}};
    for (float& weight : bare.parameter_vector()) weight /= 2;  // nothing else keeps the numbers small
    train_bare = steps_of(std::move(bare), batch, threads);
  }
  if (threads.count > 1) train_alone = steps_of(Net{Seed{1}}, batch, Threads{1}, options...);
  std::vector<double> drawing_shares, norm_shares, speedups;
  for (int round = 0; round < 5; ++round) {
    const double draw_takes = drawing ? seconds_of([&] { (*drawing)(threads.count, batch); }) : 0;
    const double step_takes = seconds_of(train);
    drawing_shares.push_back(draw_takes / (draw_takes + step_takes));
    if (train_bare) norm_shares.push_back(1 - seconds_of(train_bare) / step_takes);
    if (train_alone) speedups.push_back(wall_seconds(train_alone) / step_takes);
  }

  using benchmark::Counter;
  state.counters["samples"] = {static_cast<double>(samples), Counter::kIsIterationInvariantRate};
  state.counters["flops"] = {6.0 * samples * static_cast<double>(Net::multiply_adds),
                             Counter::kIsIterationInvariantRate};
  if (drawing) state.counters["augmentation_share"] = median(drawing_shares);
  if (train_bare) state.counters["norm_share"] = median(norm_shares);
  if (train_alone) state.counters["speedup"] = median(speedups);
  using Trained = decltype(Trainer{Net{Seed{1}}, still, threads, options...});
  state.counters["memory"] = step_bytes<Trained, Net>(samples);
  if (water_is_low && before && peak) state.counters["memory_peak"] = *peak - *before;
}

/// 1, 2, 4, ..., and all that OpenMP would use.
std::vector<int> thread_counts() {
  std::vector<int> counts;
  for (int count = 1; count < available_threads(); count *= 2) counts.push_back(count);
  counts.push_back(available_threads());
  return counts;
}

template <class Net, class BareNet = NoBare, class... Options>
void add(const char* name, int batch, const Options&... options) {
  const auto body = [=](benchmark::State& state) { step<Net, BareNet, Options...>(state, options...); };
  for (const int threads : thread_counts()) {
    auto* line = benchmark::RegisterBenchmark((std::string{"step/"} + name).c_str(), body)
                     ->ArgNames({"batch", "threads"})
                     ->Args({batch, threads})
                     ->Unit(benchmark::kMillisecond);
    if (threads > 1) line->MeasureProcessCPUTime()->UseRealTime();
  }
}

}  // namespace

int main(int argc, char** argv) {
  add<IntervalPair::light, Bare<16>>("WRN-16-1", 128);
  add<IntervalPair::booster, Bare<40>>("WRN-40-1", 128);
  add<IntervalPair>("interval/none", 128, GradientBlock::none);
  add<IntervalPair>("interval/logits", 128, GradientBlock::logits);
  add<BottomPair>("bottom/none", 128, GradientBlock::none);
  add<BottomPair>("bottom/logits", 128, GradientBlock::logits);
  for (const int batch : {128, 1024}) add<DensePair>("dense/logits", batch, GradientBlock::logits);
  return run_benchmarks(argc, argv, "1");
}
