/// \file
/// The same work in dlib (http://dlib.net): the dense nets. dlib has no way to train two nets with a hint between them,
/// nor Nesterov's momentum, which the images' works want.
#include <dlib/dnn.h>
#include <dlib/revision.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "peer.hpp"

namespace peers {
namespace {

using Sample = dlib::matrix<float, 0, 1>;

/// Dense layers of those widths up to one of them, with ReLU between them.
template <const auto& Widths, std::size_t Last>
struct Chain {
  using type = dlib::fc<Widths[Last], dlib::relu<typename Chain<Widths, Last - 1>::type>>;
};
template <const auto& Widths>
struct Chain<Widths, 1> {
  using type = dlib::fc<Widths[1], dlib::input<Sample>>;
};

/// A net with Rocket's weights, and the batch as a tensor.
template <const auto& Widths>
struct Classifier {
  static constexpr std::size_t layers = Widths.size() - 1;
  using Net = dlib::loss_multiclass_log<typename Chain<Widths, layers>::type>;

  Classifier(const Work& work, const Start& start) {
    std::vector<Sample> samples;
    for (int i = 0; i < work.batch; ++i) samples.push_back(dlib::mat(start.features.data() + i * Widths[0], Widths[0]));
    net.to_tensor(samples.begin(), samples.end(), x);
    labels.assign(start.labels.begin(), start.labels.end());
    net.subnet().forward(x);  // lets it make its parameters
    // Layer 0 is the loss; the dense ones are 1, 3, 5, ..., the last one first.
    const DenseChain chain = dense_chain(work.task);
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      (copy(dlib::layer<2 * (layers - I) - 1>(net), start, chain.name(I)), ...);
    }
    (std::make_index_sequence<layers>{});
  }

  /// Weight, then bias, as dlib keeps them.
  template <class Layer>
  void copy(Layer& layer, const Start& start, const std::string& name) {
    dlib::tensor& to = layer.layer_details().get_layer_params();
    const std::vector<float>&weight = start.arrays.at(name + ".weight"), &bias = start.arrays.at(name + ".bias");
    if (to.size() != weight.size() + bias.size()) throw std::runtime_error{"dlib: a layer of another size"};
    std::copy(bias.begin(), bias.end(), std::copy(weight.begin(), weight.end(), to.host_write_only()));
    parameters += to.size();
  }

  /// Returns the loss.
  double step(double rate) {
    const double loss = net.compute_parameter_gradients(x, labels.begin());
    net.update_parameters(solvers, rate);
    return loss;
  }
  const dlib::tensor& logits() { return net.subnet().forward(x); }

  Net net;
  dlib::resizable_tensor x;
  std::vector<unsigned long> labels;
  std::vector<dlib::sgd> solvers{
      Net::num_computational_layers,
      dlib::sgd(static_cast<float>(dense_descent.weight_decay), static_cast<float>(dense_descent.momentum))};
  std::size_t parameters = 0;
};

Candidate light_step(const Work& work, const Start& start) {
  using Light = Classifier<light_widths>;
  const auto light = std::make_shared<Light>(work, start);
  return {"", light->parameters, [=] { light->step(timed_rate); },
          [=, &start] {
            Light checked{work, start};
            std::vector<float> losses;
            for (int s = 0; s < checked_steps; ++s) losses.push_back(static_cast<float>(checked.step(checked_rate)));
            return losses;
          }};
}

template <const auto& Widths>
Candidate inference(const Work& work, const Start& start) {
  const auto net = std::make_shared<Classifier<Widths>>(work, start);
  return {"", net->parameters, [=] { net->logits(); },
          [=] {
            const dlib::tensor& logits = net->logits();
            return std::vector<float>(logits.host(), logits.host() + logits.size());
          }};
}

class Dlib : public Peer {
 public:
  std::string name() const override { return "dlib"; }
  std::string version() const override {
    return std::to_string(DLIB_MAJOR_VERSION) + '.' + std::to_string(DLIB_MINOR_VERSION);
  }

  /// Its threads are those of its matrix product, which come from OpenMP.
  std::vector<Candidate> candidates(const Work& work, int, const Start& start) override {
    if (work.images) return {};
    if (work.task == Task::light_step) return {light_step(work, start)};
    if (work.task == Task::light_inference) return {inference<light_widths>(work, start)};
    if (work.task == Task::booster_inference) return {inference<booster_widths>(work, start)};
    return {};
  }
};

}  // namespace

std::unique_ptr<Peer> dlib_dnn() { return std::make_unique<Dlib>(); }

}  // namespace peers
