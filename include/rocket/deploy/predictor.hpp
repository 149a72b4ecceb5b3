#pragma once
#include <span>
#include <string>
#include <utility>

#include "rocket/kernels/softmax.hpp"
#include "rocket/net/inference_workspace.hpp"

namespace rocket {

namespace detail {
template <class Net, class ExpectedHeads, class GotHeads>
struct PredictorHasOneHead {
  static_assert(holds<agree<ExpectedHeads, GotHeads>, Net, ExpectedHeads, GotHeads>,
                "rocket: Predictor: ship one head, such as trainer.light()");
  static constexpr bool ok = true;
};
}  // namespace detail

/// A net with one head and the memory to run it, on one thread: what is shipped. It allocates nothing after
/// construction. For many threads on one net give each an InferenceWorkspace instead: the net itself is const, and so
/// is Prepared.
///
///     Predictor light{trainer.light()};                                                   // in float, as trained
///     Predictor<Net::light, Stored::bf16> light{trainer.light()};                         // weights in half the bytes
///     Predictor<Net::light, Stored::int8> light{trainer.light(), train.features};         // in a quarter of them
///
/// \tparam How  how Dense holds its weights: see Prepared
template <class Net, Stored How = Stored::as_trained>
class Predictor {
  static_assert(detail::PredictorHasOneHead<Net, Expected<std::size_t{1}>, Got<Net::heads>>::ok);

 public:
  using T = typename Net::Scalar;                 ///< the number it computes in
  using Feature = typename Net::Feature;          ///< what it reads
  static constexpr int logits = Net::outputs[0];  ///< of a sample

  /// \param net      copied or moved in
  /// \param capacity the largest batch; one of 1 serves single samples
  explicit Predictor(Net net, int capacity = 1) requires(How != Stored::int8)
      : net_{std::move(net)}, prepared_{checked(net_)}, workspace_{capacity} {}
  /// The same in 8 bits.
  /// \param samples  rows x Net::record, as those that will be served: see Prepared, also for errors
  Predictor(Net net, std::span<const Feature> samples, int capacity = 1) requires(How == Stored::int8)
      : net_{std::move(net)}, prepared_{checked(net_), samples}, workspace_{capacity} {}

  /// The net.
  const Net& net() const { return net_; }

  /// Logits of a batch: rows x Net::record features in, rows x logits out, valid until the next call.
  /// Throws ValueError if the features are no whole rows, or more than the capacity.
  std::span<const T> operator()(std::span<const Feature> features) {
    workspace_.forward(net_, prepared_, features);
    return {workspace_.logits().data,
            features.size() / static_cast<std::size_t>(Net::record.size()) * static_cast<std::size_t>(logits)};
  }

  /// The class of one sample: where its largest logit is; of a single logit, class 1 where it is above 0.
  int classify(std::span<const Feature> features) {
    if (features.size() != static_cast<std::size_t>(Net::record.size()))
      throw ValueError("features", std::to_string(Net::record.size()) + " numbers", std::to_string(features.size()));
    const std::span<const T> found = (*this)(features);
    return logits == 1 ? found[0] > 0 : kernels::argmax(found);
  }

 private:
  static const Net& checked(const Net& net) {
    detail::check_has_parameters(net);
    return net;
  }

  Net net_;
  Prepared<Net, How> prepared_;
  InferenceWorkspace<Net> workspace_;
};

template <class Net>
Predictor(Net) -> Predictor<Net>;
template <class Net>
Predictor(Net, int) -> Predictor<Net>;

}  // namespace rocket
