// What costs no pass over memory of its own (views, residual sums, rectified normalisations, what inference prepares)
// computes what separate passes compute.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include <rocket/layers/layers.hpp>
#include <rocket/models/wide_resnet.hpp>
#include <rocket/net/inference_workspace.hpp>
#include <rocket/net/launch.hpp>
#include <rocket/net/training_workspace.hpp>

#include "support/catch.hpp"
#include "support/layer_gradients.hpp"
#include "support/random_numbers.hpp"

using namespace rocket;

namespace {

using NormRelu = BatchNormRelu<>;
constexpr Window same{.size = 3, .stride = 1, .padding = 1};

// Logits in inference, and all a training step leaves: logits, gradient, statistics.
struct Run {
  std::vector<float> inference, training, gradient, statistics;
  bool operator==(const Run&) const = default;
};

template <class Net>
Net random_net() {
  Net net{Seed{1}};
  fill_normal(net.parameter_vector(), 4, 0.5);
  fill_normal(net.statistic_vector(), 5, 0.5);
  for (float& number : net.statistic_vector()) number = std::abs(number) + 0.5F;  // some are variances
  return net;
}

// Ways back, one after the other, each with a pull of its own: gradients add up.
template <class Net, Edge... Ways>
Run run_back(int batch, int threads, NormaliseBy by) {
  Net net = random_net<Net>();
  const auto x = normal_numbers<float>(batch * Net::input.size(), 2);
  const auto size = static_cast<std::size_t>(batch * Net::outputs[0]);
  const auto numbers = [size](const auto& rows) { return std::vector<float>(rows.data, rows.data + size); };
  Run result;

  InferenceWorkspace<Net> inference{batch};
  inference.forward(net, x.data(), batch, threads);
  result.inference = numbers(inference.logits());

  TrainingWorkspace<Net, Ways...> workspace{batch};
  const Context context{.threads = threads, .normalise_by = by};
  workspace.forward(net, x.data(), batch, context);
  result.training = numbers(workspace.template logits<0>());
  detail::for_each_index<sizeof...(Ways)>([&](auto way) {
    const auto pull = normal_numbers<float>(batch * Net::outputs[0], std::uint64_t{3 + 100 * way});
    std::copy(pull.begin(), pull.end(), workspace.template logit_gradient<way>().data);
  });
  result.gradient.resize(Net::parameters);
  workspace.backward(net, result.gradient);
  workspace.absorb(net);
  result.statistics.assign(net.statistic_vector().begin(), net.statistic_vector().end());
  return result;
}
template <class Net>
Run run(int batch, int threads, NormaliseBy by = NormaliseBy::batch) {
  return run_back<Net, Edge{0}>(batch, threads, by);
}

// But for the order of sums.
void check_close(const Run& a, const Run& b) {
  const auto close = [](const std::vector<float>& one, const std::vector<float>& other) {
    return std::ranges::equal(one, other,
                              [](float x, float y) { return std::abs(x - y) <= 1e-4F * (1 + std::abs(x)); });
  };
  CHECK(close(a.inference, b.inference));
  CHECK(close(a.training, b.training));
  CHECK(close(a.gradient, b.gradient));
  CHECK(close(a.statistics, b.statistics));
}

template <class Image, class Layers>
using NetOf = Plain<Image, Layers>;

// The same bits whether an output is looked at through a view, or written and read.
template <class Image, class Before, class Norm, class Reader, class... Behind>
void check_view() {
  using Viewed = NetOf<Image, Sequential<Before, Recomputed<Norm>, Reader, Behind...>>;
  using Written = NetOf<Image, Sequential<Before, Norm, Reader, Behind...>>;
  for (const int threads : {3, 1}) {
    CHECK(run<Viewed>(70, threads) == run<Written>(70, threads));
    CHECK(run<Viewed>(20, threads, NormaliseBy::running) == run<Written>(20, threads, NormaliseBy::running));
  }
}

template <int Outputs, Window W, int Groups = 1, ConvolveBy A = ConvolveBy::fastest>
using Conv = Conv2d<Outputs, W, Bias::no, Groups, A>;

}  // namespace

TEST_CASE("convolutions of every kind read through a view what they would read written", "[fused]") {
  using Image = Input<8, 9, 3>;
  using First = Conv<8, same>;
  check_view<Image, First, NormRelu, Conv<8, same>>();                                           // Winograd
  check_view<Image, First, NormRelu, Conv<12, Window{.size = 3}>>();                             // without a border
  check_view<Image, First, NormRelu, Conv<8, Window{.size = 3, .stride = 1, .padding = 2}>>();   // with a wide one
  check_view<Image, First, NormRelu, Conv<8, same, 1, ConvolveBy::direct_sums>>();               // direct sums
  check_view<Image, First, NormRelu, Conv<5, Window{.size = 1}>>();                              // without a copy
  check_view<Image, First, NormRelu, Conv<16, Window{.size = 1, .stride = 2}>>();                // skipping pixels
  check_view<Image, First, NormRelu, Conv<16, Window{.size = 3, .stride = 2, .padding = 1}>>();  // with a stride
  check_view<Image, First, NormRelu, Conv<8, same, 4>>();                                        // in groups
  check_view<Image, First, NormRelu, Conv<8, same, depthwise>>();                                // a group a channel
  check_view<Image, First, BatchNorm<>, Conv2d<6, same>>();                           // not rectified, a bias
  check_view<Input<6, 6, 8>, Conv<8, same>, NormRelu, Conv<8, Window{.size = 3}>>();  // Winograd, no border
  check_view<Input<8, 8, 3>, Conv<64, same>, NormRelu, Conv<64, same>>();             // a chunk of images at once
  check_view<Input<3, 3, 3>, First, NormRelu, Conv<8, same>>();                       // few positions
}

TEST_CASE("two ways back through a view leave what they would leave through what is written", "[fused]") {
  using First = Conv<8, same>;
  using Viewed = NetOf<Input<6, 6, 3>, Sequential<First, Recomputed<NormRelu>, First>>;
  using Written = NetOf<Input<6, 6, 3>, Sequential<First, NormRelu, First>>;
  CHECK(run_back<Viewed, Edge{0}, Edge{0}>(40, 3, NormaliseBy::batch) ==
        run_back<Written, Edge{0}, Edge{0}>(40, 3, NormaliseBy::batch));
}

TEST_CASE("a reader doesn't write over what it looks at", "[fused]") {
  using Image = Input<8, 8, 3>;
  check_view<Image, Conv<8, same>, NormRelu, Conv<32, same>, Conv<8, same>>();
  check_view<Image, Conv<32, same>, NormRelu, Conv<8, same>, Conv<16, Window{.size = 3, .stride = 2, .padding = 1}>>();
  check_view<Image, Sequential<Conv<8, same>, Recomputed<NormRelu>, Conv<16, same>>, NormRelu,
             Conv<16, Window{.size = 3, .stride = 2, .padding = 1}>, Relu, Conv<4, same>>();
}

TEST_CASE("a list that computes its first output again doesn't begin with a view", "[fused]") {
  using Image = Input<6, 6, 3>;
  using First = Conv<8, same>;
  using Inner = Sequential<Recomputed<Conv<8, same>>, Conv<4, same>>;
  check_view<Image, First, NormRelu, Inner>();
  check_view<Image, First, NormRelu, Part<"inner", Conv<8, same>, Tanh>>();  // and one that doesn't, does
  check_view<Image, First, NormRelu, Named<"inner", Conv<8, same>>>();
}

TEST_CASE("a rectified normalisation is a normalisation and a ReLU", "[fused]") {
  using Image = Input<5, 4, 3>;
  using First = Conv<7, same>;
  for (const NormaliseBy by : {NormaliseBy::batch, NormaliseBy::running})
    check_close(run<NetOf<Image, Sequential<First, NormRelu, Dense<3>>>>(40, 3, by),
                run<NetOf<Image, Sequential<First, BatchNorm<>, Relu, Dense<3>>>>(40, 3, by));
  layer_gradients::check_gradients<NormRelu>();
  CHECK(layer_gradients::gradient_error<Image, First, NormRelu, Dense<3>>() <= layer_gradients::tolerance);
  CHECK(layer_gradients::gradient_error<Image, First, Recomputed<NormRelu>, First, Dense<3>>() <=
        layer_gradients::tolerance);
}

namespace {

// A convolution that adds nothing by itself: the sum is a pass of its own.
template <class Layer>
struct AddsNothing : Layer {
  static constexpr bool adds_to_output = false, adds_to_gradient = false;
};
template <class Body, class Plainly>
void check_sums() {
  using Image = Input<6, 5, 8>;
  using Before = Conv<8, same>;
  check_close(run<NetOf<Image, Sequential<Before, Residual<Body>, Dense<3>>>>(40, 3),
              run<NetOf<Image, Sequential<Before, Residual<Plainly>, Dense<3>>>>(40, 3));
}

}  // namespace

TEST_CASE("a residual sum is the same whoever adds", "[fused]") {
  using Winograd = Conv<8, same>;
  using Direct = Conv2d<8, same, Bias::yes, 1, ConvolveBy::direct_sums>;
  using Depthwise = Conv<8, same, depthwise>;
  check_sums<Winograd, AddsNothing<Winograd>>();
  check_sums<Direct, AddsNothing<Direct>>();
  check_sums<Depthwise, AddsNothing<Depthwise>>();
  // Only to the output, only to the gradient, to both from two layers.
  check_sums<Sequential<Tanh, Winograd>, Sequential<Tanh, AddsNothing<Winograd>>>();
  check_sums<Sequential<NormRelu, Tanh>, Sequential<AddsNothing<NormRelu>, Tanh>>();
  check_sums<Sequential<Recomputed<NormRelu>, Direct>, Sequential<AddsNothing<NormRelu>, AddsNothing<Direct>>>();
}

TEST_CASE("the gradients of residual blocks hold for every way to add", "[fused]") {
  using namespace layer_gradients;
  using Image = Input<5, 4, 8>;
  using Fold = Conv<8, Window{.size = 3, .stride = 2, .padding = 1}>;
  using Skip = Conv<8, Window{.size = 1, .stride = 2}>;
  CHECK(gradient_error<Image, Residual<Sequential<Recomputed<NormRelu>, Conv<8, same>>>, Dense<2>>() <= tolerance);
  CHECK(gradient_error<Image, Conv<8, same>, Residual<Sequential<Fold, NormRelu, Conv<8, same>>, Skip>, Dense<2>>() <=
        tolerance);
  CHECK(gradient_error<Image, Conv<8, same>, Residual<Sequential<Fold, Tanh>, Sequential<Skip, Tanh>>, Dense<2>>() <=
        tolerance);
  CHECK(gradient_error<Image, Residual<Tanh>, Residual<Sequential<Conv<8, same>, Tanh>>, Dense<2>>() <= tolerance);
}

namespace {

// A layer of a user's, that is looked at by whoever reads pixel by pixel.
struct Doubled {
  static constexpr std::string_view name = "Doubled";
  static constexpr Shape output(Shape in) { return in; }
  static constexpr Reads reads = Reads::nothing;
  static constexpr Elements view_room(Shape) { return {}; }

  struct View {
    void operator()(long pixels, int channels, const float* from, float* to) const {
      for (long i = 0; i < pixels * channels; ++i) to[i] = 2 * from[i];
    }
  };
  template <class Pass>
  static View view(const Pass&, float*) {
    return {};
  }
  template <class Pass>
  static void forward(const Pass& pass) {
    View{}(long{pass.batch} * Pass::in.positions(), Pass::in.channels(), pass.input.data, pass.output.data);
  }
  template <class Pass>
  static void backward(const Pass& pass) {
    if constexpr (Pass::wants_input_gradient)
      View{}(long{pass.batch} * Pass::in.positions(), Pass::in.channels(), pass.output_gradient.data,
             pass.input_gradient.data);
  }
};

// One whose backward wants the output (as any does that doesn't say what it reads): it is written after all.
struct ViewedTanh : Tanh {
  static constexpr bool in_place = false;
  static constexpr Elements view_room(Shape) { return {}; }
  struct View {
    void operator()(long pixels, int channels, const float* from, float* to) const {
      for (long i = 0; i < pixels * channels; ++i) to[i] = std::tanh(from[i]);
    }
  };
  template <class Pass>
  static View view(const Pass&, float*) {
    return {};
  }
};

// Adds a number that it learns, whose gradient is the sum of the output's: it asks the reader for that.
struct Shifted {
  static constexpr std::string_view name = "Shifted";
  static constexpr Shape output(Shape in) { return in; }
  static constexpr auto parameters(Shape) { return std::array{Parameter{"shift", Shape{1}, Init::constant(0)}}; }
  static constexpr Reads reads = Reads::nothing;
  static constexpr Elements kept(Shape) { return Elements::once(1) + Elements::each_chunk(1); }
  static constexpr Elements scratch(Shape) { return Elements::each_chunk(1); }
  static constexpr Elements view_room(Shape) { return {}; }
  static inline int told = 0;  // how many backward passes found the sums there

  struct View {
    float shift;
    float* kept;  // whether the sums are there, and these; null outside of training
    int numbers;  // of an image
    void operator()(long pixels, int channels, const float* from, float* to) const {
      for (long i = 0; i < pixels * channels; ++i) to[i] = from[i] + shift;
    }
    void begin_gradient(int chunk) const { sums()[chunk] = 0; }
    void add_gradient(int chunk, int images, const float*, const float* gradient) const {
      for (long i = 0; i < long{images} * numbers; ++i) sums()[chunk] += gradient[i];
    }
    void end_gradient() const { kept[0] = 1; }
    float* sums() const { return kept + Elements::once(1).count(0); }
  };
  template <class Pass>
  static View view(const Pass& pass, float*) {
    if (pass.kept) pass.kept[0] = 0;
    return {pass.parameter(0)[0], pass.kept, Pass::in.size()};
  }
  template <class Pass>
  static void forward(const Pass& pass) {
    view(pass, nullptr)(long{pass.batch} * Pass::in.positions(), Pass::in.channels(), pass.input.data,
                        pass.output.data);
  }
  template <class Pass>
  static void backward(const Pass& pass) {
    const View view{0, pass.kept, Pass::in.size()};
    const float* const dy = pass.output_gradient.data;
    if (pass.kept[0] != 0)
      ++told;
    else
      parallel_chunks(pass.batch, 1, 0, [&](int chunk, int begin, int end) {
        view.begin_gradient(chunk);
        view.add_gradient(chunk, end - begin, nullptr, dy + long{begin} * Pass::in.size());
      });
    if constexpr (Pass::wants_parameter_gradients) {
      std::copy_n(view.sums(), chunk_count(pass.batch), pass.scratch);
      pass.add_sums(pass.scratch);
    }
    if constexpr (Pass::wants_input_gradient)
      std::copy_n(dy, long{pass.batch} * Pass::in.size(), pass.input_gradient.data);
  }
};

// A convolution that looks through views, but tells them nothing.
template <class Layer>
struct TellsNothing : Layer {
  template <class View>
  struct Quiet {
    const View& view;
    template <class T>
    void operator()(long pixels, int channels, const T* from, T* to) const {
      view(pixels, channels, from, to);
    }
  };
  template <class Pass>
  static void backward(const Pass& pass) {
    Layer::backward(pass);
  }
  template <class Pass, class View>
  static void backward(const Pass& pass, const View& view) {
    Layer::backward(pass, Quiet<View>{view});
  }
};

}  // namespace

TEST_CASE("a view has the sums that it asks its reader for, or takes them itself", "[fused]") {
  using First = Conv<8, same>;
  Shifted::told = 0;
  check_view<Input<6, 6, 3>, First, Shifted, Conv<8, same>>();
  CHECK(Shifted::told > 0);
  Shifted::told = 0;
  check_view<Input<6, 6, 3>, First, Shifted, TellsNothing<Conv<8, same>>>();
  CHECK(Shifted::told == 0);
  check_view<Input<6, 6, 3>, First, NormRelu, TellsNothing<Conv<8, same>>>();
}

TEST_CASE("a layer of a user's can be a view", "[fused]") {
  check_view<Input<6, 6, 3>, Conv<8, same>, Doubled, Conv<8, same>>();
  check_view<Input<6, 6, 3>, Conv<8, same>, ViewedTanh, Conv<8, same>>();
}

TEST_CASE("what inference prepares changes no bit", "[fused]") {
  const auto check = [](auto net_type, int batch) {
    using Net = typename decltype(net_type)::type;
    const Net net = random_net<Net>();
    const Prepared<Net> prepared{net};
    const auto x = normal_numbers<float>(batch * Net::input.size(), 2);
    InferenceWorkspace<Net> with{batch}, without{batch};
    with.forward(net, prepared, x.data(), batch);
    without.forward(net, x.data(), batch);
    const auto size = static_cast<std::size_t>(batch * Net::outputs[0]);
    CHECK(std::ranges::equal(std::span{with.logits().data, size}, std::span{without.logits().data, size}));
  };
  using Pair = Interval<Input<32, 32, 3>, 10, WideResNet<16>, WideResNet<22>>;
  STATIC_REQUIRE(Pair::light::prepared > 0);
  check(std::type_identity<Pair::light>{}, 1);
  check(std::type_identity<Pair::light>{}, 3);
  check(std::type_identity<Pair>{}, 2);  // a net of two heads
  using Repeated = Sequential<Repeat<2, Repeat<3, Conv<8, same>, NormRelu>>, Residual<Conv<8, same>>, Dense<3>>;
  check(std::type_identity<Plain<Input<6, 7, 8>, Repeated>>{}, 5);
}
