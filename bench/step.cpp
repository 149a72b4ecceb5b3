/// \file
/// What a training step of wide residual nets costs: time, memory, and the share of drawing the batch.
#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <optional>
#include <rocket/models/wide_resnet.hpp>
#include <rocket/rocket.hpp>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "support.hpp"

namespace {
using namespace rocket;

constexpr int batch = 128, classes = 10, side = 32, channels = 3;
using Image = Input<side, side, channels>;
using IntervalPair = Interval<Image, classes, WideResNet<16>, WideResNet<40>>;
using BottomPair = Bottom<Image, classes, WideResNet<40>>;

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

/// A number of bytes that the kernel (Linux) knows of this process; none where there is no such file.
std::optional<double> process_bytes(const std::string& wanted) {
  std::ifstream status{"/proc/self/status"};
  for (std::string word; status >> word;) {
    double kibibytes = 0;
    if (word == wanted && status >> kibibytes) return 1024 * kibibytes;
  }
  return {};
}
/// Lets the high-water mark of resident memory begin anew, from what is in use; false where that isn't possible.
bool reset_high_water() {
#ifdef __GLIBC__
  malloc_trim(0);  // what earlier lines freed would be taken again unseen
#endif
  std::ofstream file{"/proc/self/clear_refs"};
  return static_cast<bool>(file << "5" << std::flush);
}

/// Bytes a step on a full batch needs: the workspace, parameters, gradient and momentum, statistics, the batch.
template <class Trained, class Net>
constexpr double step_bytes() {
  constexpr std::size_t vectors = (2 + Sgd::states) * Net::parameters + Net::statistics;
  constexpr std::size_t samples = batch * static_cast<std::size_t>(Net::input.size());
  return static_cast<double>(Trained::workspace_bytes(batch) + (vectors + samples) * sizeof(float));
}

/// The net of the same convolutions without normalisation, where there is one.
struct NoBare {};

template <class Net, class BareNet, class... Options>
void step(benchmark::State& state, const Options&... options) {
  const Threads threads{static_cast<int>(state.range(0))};
  const ImageSamples samples{some_images(), Normalization::of(some_images()), Augmentation{}};
  const bool water_is_low = reset_high_water();
  const std::optional<double> before = process_bytes("VmRSS:");

  // At a rate of 0 the arithmetic is the same and the net stays as it is: every step is like the first.
  const Sgd still{.rate = 0, .momentum = 0.9, .weight_decay = 5e-4, .nesterov = true};
  Trainer trainer{Net{Seed{1}}, still, threads, options...};
  std::vector<float> features(static_cast<std::size_t>(batch * Net::input.size()));
  std::vector<int> labels(batch);
  int drawn = 0;
  const auto draw = [&] {
    // Strides over the set as a shuffled order would.
    rocket::detail::gather_rows(
        samples, batch, threads.count, features.data(), [&](std::size_t row, std::span<float> into) {
          const std::size_t i = (static_cast<std::size_t>(drawn) * batch + row) * 997 % samples.size();
          samples.draw(i, Seed{1}, drawn, into);
          labels[row] = samples.label(i);
        });
    ++drawn;
  };
  const auto train = [&] { benchmark::DoNotOptimize(trainer.step(features, labels)); };
  draw();
  train();
  const std::optional<double> peak = process_bytes("VmHWM:");

  for (auto _ : state) train();

  // On one thread processor time, in which other programs don't count.
  const auto seconds_of = [&](const auto& work) { return threads.count == 1 ? seconds(1, work) : wall_seconds(work); };
  std::vector<double> drawing, normalising;
  const auto rounds = [&](auto& bare) {
    for (int round = 0; round < 5; ++round) {
      const double drawing_takes = seconds_of(draw), step_takes = seconds_of(train);
      drawing.push_back(drawing_takes / (drawing_takes + step_takes));
      if constexpr (!std::is_same_v<BareNet, NoBare>)
        normalising.push_back(1 - seconds_of([&] { bare.step(features, labels); }) / step_takes);
    }
  };
  if constexpr (std::is_same_v<BareNet, NoBare>) {
    NoBare none;
    rounds(none);
  } else {
    Trainer bare{BareNet{Seed{1}}, still, threads};
    for (float& weight : bare.net().parameter_vector()) weight /= 2;  // nothing else keeps the numbers small
    bare.step(features, labels);
    rounds(bare);
  }

  constexpr double multiply_adds = static_cast<double>(Net::multiply_adds) * batch;
  using benchmark::Counter;
  state.counters["images"] = {batch, Counter::kIsIterationInvariantRate};
  state.counters["flops"] = {6 * multiply_adds, Counter::kIsIterationInvariantRate};
  state.counters["augmentation_share"] = median(drawing);
  if (!normalising.empty()) state.counters["norm_share"] = median(normalising);
  state.counters["memory"] = step_bytes<decltype(trainer), Net>();
  if (water_is_low && before && peak) state.counters["memory_peak"] = *peak - *before;
}

template <class Net, class BareNet = NoBare, class... Options>
void add(const char* name, const Options&... options) {
  const auto line = [&](int threads) {
    const auto body = [=](benchmark::State& state) { step<Net, BareNet, Options...>(state, options...); };
    return benchmark::RegisterBenchmark((std::string{"step/"} + name).c_str(), body)
        ->ArgName("threads")
        ->Arg(threads)
        ->Unit(benchmark::kMillisecond);
  };
  line(1);
  if (available_threads() > 1) line(available_threads())->MeasureProcessCPUTime()->UseRealTime();
}

}  // namespace

int main(int argc, char** argv) {
  add<IntervalPair::light, Bare<16>>("WRN-16-1");
  add<IntervalPair::booster, Bare<40>>("WRN-40-1");
  add<IntervalPair>("interval/none", GradientBlock::none);
  add<IntervalPair>("interval/logits", GradientBlock::logits);
  add<BottomPair>("bottom/none", GradientBlock::none);
  add<BottomPair>("bottom/logits", GradientBlock::logits);
  return run_benchmarks(argc, argv, "1");
}
