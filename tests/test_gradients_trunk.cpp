// Every hint under every gradient block, through pairs that share a trunk or nothing.
#include "support/launch_gradients.hpp"
#include "support/pairs.hpp"

using namespace launch_gradients;

TEST_CASE("with a shared trunk each term updates what the paper says", "[gradients]") {
  check_every_hint_and_block<pairs::SharedTrunk<double>>();
}

TEST_CASE("with nothing shared each term updates what the paper says", "[gradients]") {
  check_every_hint_and_block<pairs::Unshared<double>>();
}

TEST_CASE("a frozen teacher updates the light net, shared parameters too, and nothing of the booster", "[gradients]") {
  using Net = pairs::SharedTrunk<double>;
  Point<Net> point;
  const Net::booster frozen{Seed{8}};
  InferenceWorkspace<Net::booster> teacher{point.batch};
  teacher.forward(frozen, point.samples.features.data(), point.batch);
  const double* t = teacher.logits().data;
  const std::vector<double> taught(t, t + point.batch * Net::outputs[0]);

  const Kl kl{.temperature = 2};
  Trainer trainer{point.net, Teacher{frozen, kl, 0.9}, Sgd{.rate = 0}, Threads{1}};
  const auto found = gradient(trainer, point.samples, LossWeights{.light = 0, .booster = 0, .hint = 0});
  const auto expected = finite_differences(point.net.parameter_vector(), [&] {
    const PairLogits now = point.logits();
    double sum = 0;
    for (int i = 0; i < point.batch; ++i)
      sum += 0.9 * reference::hint(kl, point.row(now.light, i), point.row(taught, i));
    return sum / point.batch;
  });
  const auto places = groups<Net>();
  CHECK(relative_error(pick(found, places[0]), pick(expected, places[0])) <= 1e-6);
  CHECK(relative_error(pick(found, places[1]), pick(expected, places[1])) <= 1e-6);
  CHECK(all_bits_are_zero(pick(found, places[2])));
}
