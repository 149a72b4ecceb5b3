/// \file
/// Our side, and what both sides start from.
#include <algorithm>
#include <cstddef>
#include <memory>
#include <rocket/models/wide_resnet.hpp>
#include <rocket/rocket.hpp>
#include <span>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

#include "../one_layer.hpp"
#include "peer.hpp"

namespace peers {
namespace {
using namespace rocket;

using WidePair =
    Interval<Input<side, side, channels>, image_classes, WideResNet<light_depth>, WideResNet<booster_depth>>;

/// Dense layers of those widths, with ReLU between them.
template <const auto& Widths>
using DenseNet = decltype([]<std::size_t... I>(std::index_sequence<I...>) {
  return Sequential<std::conditional_t<I % 2 == 0, Dense<Widths[I / 2 + 1]>, Relu>...>{};
}(std::make_index_sequence<2 * Widths.size() - 3>{}));
using DensePair = Launch<Input<light_widths[0]>, Sequential<>, DenseNet<light_widths>, DenseNet<booster_widths>>;

template <Convolution C>
using ConvolutionLayer =
    Conv2d<C.outputs, Window{.size = C.window, .stride = C.stride, .padding = C.window / 2}, Bias::no>;

/// Rows that int8's ranges are taken of, drawn apart from those that are served.
constexpr int calibration_samples = 500;
constexpr std::uint64_t calibration_stream = 3;

/// Standard normal numbers, always the same.
std::vector<float> numbers(std::size_t count, std::uint64_t stream) {
  std::vector<float> made(count);
  const Random random{Seed{1}, stream};
  for (std::size_t i = 0; i < count; ++i) made[i] = static_cast<float>(random.normal(i));
  return made;
}

template <class Net>
void take_arrays(std::span<const Array> table, std::span<const float> vector, Start& start) {
  for (const Array& array : table)
    for (int copy = 0; copy < array.copies; ++copy) {
      const auto from = vector.subspan(array.offset + array.copy_size() * static_cast<std::size_t>(copy));
      start.arrays[array.name_of(copy)].assign(from.begin(),
                                               from.begin() + static_cast<std::ptrdiff_t>(array.copy_size()));
    }
}

/// A net as it starts, but for the statistics: these are what a net that was trained might have.
template <class Net>
Net started() {
  Net net{Seed{1}};
  for (const Array& array : Net::statistic_table())
    for (std::size_t i = 0; i < array.size(); ++i)
      net.statistic_vector()[array.offset + i] += 0.1f * static_cast<float>(i % 5);
  return net;
}

template <class Net>
Start net_start(const Work& work) {
  Start start;
  const auto batch = static_cast<std::size_t>(work.batch);
  start.features = numbers(batch * static_cast<std::size_t>(Net::input.size()), 0);
  for (std::size_t i = 0; i < batch; ++i) start.labels.push_back(static_cast<int>(i) % Net::outputs[0]);
  const Net net = started<Net>();
  take_arrays<Net>(Net::parameter_table(), net.parameter_vector(), start);
  take_arrays<Net>(Net::statistic_table(), net.statistic_vector(), start);
  return start;
}

Start layer_start(std::size_t samples, std::size_t inputs, std::size_t outputs, std::size_t weights) {
  Start start;
  start.features = numbers(samples * inputs, 0);
  start.arrays["weight"] = numbers(weights, 1);
  start.arrays["output_gradient"] = numbers(samples * outputs, 2);
  return start;
}

template <class Net>
Candidate step(const Work& work, int threads, const Start& start) {
  const Descent& descent = work.images ? image_descent : dense_descent;
  const auto trainer_with = [=](double rate) {
    const Sgd sgd{
        .rate = rate, .momentum = descent.momentum, .weight_decay = descent.weight_decay, .nesterov = descent.nesterov};
    return Trainer{started<Net>(), sgd, GradientBlock::logits, LossWeights{.hint = hint_weight}, Threads{threads}};
  };
  const auto trainer = std::make_shared<decltype(trainer_with(0))>(trainer_with(timed_rate));
  return {"", Net::parameters, [=, &start] { trainer->step(start.features, start.labels); },
          [=, &start] {
            auto checked = trainer_with(checked_rate);
            std::vector<float> values;
            for (int s = 0; s < checked_steps; ++s) {
              const Losses losses = checked.step(start.features, start.labels);
              values.push_back(static_cast<float>(losses.light));
              if constexpr (Net::heads == 2) {
                values.push_back(static_cast<float>(losses.booster));
                values.push_back(static_cast<float>(losses.hint));
              }
            }
            return values;
          }};
}

/// What a server works out of a net once; int8's ranges are those of samples like the served ones.
template <Stored How, class Net>
Prepared<Net, How> prepare(const Net& net) {
  if constexpr (How == Stored::int8)
    return {net, numbers(static_cast<std::size_t>(calibration_samples * Net::input.size()), calibration_stream)};
  else
    return Prepared<Net, How>{net};
}

/// As a server has it: the net with what it was prepared to once, and a workspace.
template <class Net, Stored How>
struct Served {
  explicit Served(int batch) : workspace{batch} {}
  Net net = started<Net>();
  Prepared<Net, How> prepared = prepare<How>(net);
  InferenceWorkspace<Net> workspace;
};

template <class Net, Stored How = Stored::as_trained>
Candidate inference(const Work& work, int threads, const Start& start) {
  const auto served = std::make_shared<Served<Net, How>>(work.batch);
  const auto logits = [=, &start] {
    served->workspace.forward(served->net, served->prepared, std::span{start.features}, threads);
    return served->workspace.logits().data;
  };
  return {"", Net::parameters, [=] { logits(); },
          [=] {
            const float* values = logits();
            return std::vector<float>(values, values + work.batch * Net::outputs[0]);
          }};
}

template <class Net>
Candidate dense_inference(const Work& work, int threads, const Start& start) {
  return work.int8 ? inference<Net, Stored::int8>(work, threads, start) : inference<Net>(work, threads, start);
}

template <class InputShape, class Layer>
Candidate layer(const Work& work, int threads, const Start& start) {
  using Forward = bench::OneForward<InputShape, Layer>;
  using Backward = bench::OneBackward<InputShape, Layer>;
  const std::vector<float>& weight = start.arrays.at("weight");
  if (work.task == Task::convolution_forward || work.task == Task::product_forward) {
    const auto pass = std::make_shared<Forward>(work.batch, threads, start.features);
    std::copy(weight.begin(), weight.end(), pass->parameter_vector().begin());
    return {"", Forward::parameters, [=] { (*pass)(); },
            [=] {
              (*pass)();
              return std::vector<float>(pass->output().begin(), pass->output().end());
            }};
  }
  const auto pass = std::make_shared<Backward>(work.batch, threads, start.features, start.arrays.at("output_gradient"));
  std::copy(weight.begin(), weight.end(), pass->parameter_vector().begin());
  return {"", Forward::parameters, [=] { (*pass)(); }, [=] { return pass->gradients(); }};
}

/// body(integral_constant) for the layer of that number.
template <std::size_t Count, class Body>
auto with_layer(std::size_t index, const Body& body) {
  decltype(body(std::integral_constant<std::size_t, 0>{})) result;
  rocket::detail::for_each_index<Count>([&](auto i) {
    if (i == index) result = body(i);
  });
  return result;
}

}  // namespace

Start start_of(const Work& work) {
  const auto samples = static_cast<std::size_t>(work.batch);
  switch (work.task) {
    case Task::pair_step:
      return work.images ? net_start<WidePair>(work) : net_start<DensePair>(work);
    case Task::light_step:
    case Task::light_inference:
      return work.images ? net_start<WidePair::light>(work) : net_start<DensePair::light>(work);
    case Task::booster_inference:
      return net_start<DensePair::booster>(work);
    case Task::convolution_forward:
    case Task::convolution_backward: {
      const Convolution& c = convolutions[work.layer];
      const auto size = [](int a, int b, int d) { return static_cast<std::size_t>(a * b * d); };
      return layer_start(samples, size(c.side, c.side, c.inputs), size(c.out_side(), c.out_side(), c.outputs),
                         size(c.window * c.window, c.inputs, c.outputs));
    }
    case Task::product_forward:
    case Task::product_backward: {
      const auto inputs = static_cast<std::size_t>(products[work.layer].inputs);
      const auto outputs = static_cast<std::size_t>(products[work.layer].outputs);
      return layer_start(samples, inputs, outputs, inputs * outputs);
    }
  }
  throw std::logic_error{"no such task"};
}

Candidate rocket_candidate(const Work& work, int threads, const Start& start) {
  switch (work.task) {
    case Task::pair_step:
      return work.images ? step<WidePair>(work, threads, start) : step<DensePair>(work, threads, start);
    case Task::light_step:
      return work.images ? step<WidePair::light>(work, threads, start) : step<DensePair::light>(work, threads, start);
    case Task::light_inference:
      return work.images ? inference<WidePair::light>(work, threads, start)
                         : dense_inference<DensePair::light>(work, threads, start);
    case Task::booster_inference:
      return dense_inference<DensePair::booster>(work, threads, start);
    case Task::convolution_forward:
    case Task::convolution_backward:
      return with_layer<convolutions.size()>(work.layer, [&](auto i) {
        constexpr Convolution c = convolutions[i];
        return layer<Input<c.side, c.side, c.inputs>, ConvolutionLayer<c>>(work, threads, start);
      });
    case Task::product_forward:
    case Task::product_backward:
      return with_layer<products.size()>(work.layer, [&](auto i) {
        constexpr Product p = products[i];
        return layer<Input<p.inputs>, Dense<p.outputs, Bias::no>>(work, threads, start);
      });
  }
  throw std::logic_error{"no such task"};
}

}  // namespace peers
