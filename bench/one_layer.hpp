/// \file
/// One layer alone, through the library's public face: what its forward and its backward cost within a net.
#pragma once
#include <algorithm>
#include <array>
#include <cstddef>
#include <rocket/layers/layer.hpp>
#include <rocket/net/inference_workspace.hpp>
#include <rocket/net/launch.hpp>
#include <rocket/net/training_workspace.hpp>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

namespace bench {

/// Stands before a layer and wants its input gradient: y = x, plus a parameter (which is 0) in the first sample. So its
/// own backward touches one sample of a batch, and shows that one's gradient.
struct Doorstep {
  static constexpr std::string_view name = "Doorstep";
  static constexpr rocket::Shape output(rocket::Shape in) { return in; }
  static constexpr auto parameters(rocket::Shape in) {
    return std::array{rocket::Parameter{"added", in, rocket::Init::constant(0)}};
  }
  static constexpr rocket::Reads reads = rocket::Reads::nothing;

  template <class Pass>
  static void forward(const Pass& pass) {
    std::copy_n(pass.input.data, static_cast<std::size_t>(pass.batch) * Pass::in.size(), pass.output.data);
  }
  template <class Pass>
  static void backward(const Pass& pass) {
    if constexpr (Pass::wants_parameter_gradients)
      for (std::size_t i = 0; i < Pass::in.size(); ++i) pass.gradient(0)[i] += pass.output_gradient[0][i];
  }
};

/// A layer's forward on a batch of `x`, batch x inputs numbers: as in inference, or as in a training step.
template <class InputShape, class Layer, bool Training = false>
class OneForward {
  using Net = rocket::Plain<InputShape, rocket::Sequential<Layer>>;
  using Workspace =
      std::conditional_t<Training, rocket::TrainingWorkspace<Net, rocket::Edge{0}>, rocket::InferenceWorkspace<Net>>;

 public:
  static constexpr std::size_t inputs = static_cast<std::size_t>(Net::input.size());  ///< numbers a sample
  static constexpr std::size_t outputs = static_cast<std::size_t>(Net::outputs[0]);   ///< numbers a sample
  static constexpr std::size_t parameters = Net::parameters;
  static constexpr double multiply_adds = static_cast<double>(Net::multiply_adds);  ///< a sample

  OneForward(int batch, int threads, std::span<const float> x)
      : context_{threads, rocket::Seed{1}, 0, {}}, batch_{batch}, x_(x.begin(), x.end()), workspace_{batch} {}

  std::span<float> parameter_vector() { return net_.parameter_vector(); }
  void operator()() {
    if constexpr (Training)
      workspace_.forward(net_, x_.data(), batch_, context_);
    else
      workspace_.forward(net_, x_.data(), batch_, context_.threads);
  }
  /// After a call, batch x outputs.
  std::span<const float> output() const {
    return {workspace_.template logits<0>().data, static_cast<std::size_t>(batch_) * outputs};
  }

 private:
  rocket::Context context_;
  int batch_;
  std::vector<float> x_;
  Net net_{rocket::Seed{1}};
  Workspace workspace_;
};

/// A layer's backward after one forward on `x`: the gradients of its parameters, of its input, or both.
template <class InputShape, class Layer, rocket::Trains Parameters = rocket::Trains::everything, bool OfInput = true>
class OneBackward {
  using Net = rocket::Solo<InputShape, rocket::Sequential<Doorstep>, rocket::Head<"net", rocket::Sequential<Layer>>>;
  static constexpr auto inputs = static_cast<std::size_t>(Net::input.size());

 public:
  OneBackward(int batch, int threads, std::span<const float> x, std::span<const float> output_gradient)
      : context_{threads, rocket::Seed{1}, 0, {}},
        batch_{batch},
        x_(x.begin(), x.end()),
        output_gradient_(output_gradient.begin(), output_gradient.end()),
        gradients_(Net::parameters),
        workspace_{batch} {
    forward();
  }

  /// The layer's parameters.
  std::span<float> parameter_vector() { return net_.parameter_vector().subspan(inputs); }
  /// Once more, after the parameters have changed.
  void forward() {
    workspace_.forward(net_, x_.data(), batch_, context_);
    std::copy(output_gradient_.begin(), output_gradient_.end(), workspace_.template logit_gradient<0>().data);
  }
  /// Adds to the gradients.
  void operator()() { workspace_.backward(net_, gradients_); }

  /// The gradients of the layer's parameters of one call, then of the input, but of the first sample alone.
  std::vector<float> gradients() {
    forward();
    std::fill(gradients_.begin(), gradients_.end(), 0.0f);
    (*this)();
    std::vector<float> rotated = gradients_;
    std::rotate(rotated.begin(), rotated.begin() + static_cast<std::ptrdiff_t>(inputs), rotated.end());
    return rotated;
  }

 private:
  rocket::Context context_;
  int batch_;
  std::vector<float> x_, output_gradient_, gradients_;
  Net net_{rocket::Seed{1}};
  rocket::TrainingWorkspace<Net, rocket::Edge{0, Parameters, OfInput}> workspace_;
};

}  // namespace bench
