#pragma once
#include <array>
#include <cstddef>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include "rocket/metrics/metric.hpp"
#include "rocket/train/predictions.hpp"

namespace rocket {

/// A metric of each head.
template <class Net, class Metric>
struct ByHead {
  std::array<Metric, Net::heads> heads;  ///< in the order of the net

  /// That of the head "light".
  const Metric& light() const {
    static_assert(place("light") < Net::heads, "rocket: measure: light() is of a net with a head \"light\"; see heads");
    return heads[place("light")];
  }
  /// That of the head "booster".
  const Metric& booster() const {
    static_assert(place("booster") < Net::heads,
                  "rocket: measure: booster() is of a net with a head \"booster\"; see heads");
    return heads[place("booster")];
  }

 private:
  static constexpr std::size_t place(std::string_view name) {
    std::size_t h = 0;
    while (h < Net::heads && Net::head_names[h] != name) ++h;
    return h;
  }
};

namespace detail {

/// Metrics that are fed prediction by prediction, those of one head for each head.
template <class Net, class... Metrics>
class Measurement {
  using T = typename Net::Scalar;
  using Logits = HeadLogits<T, Net::heads>;

  template <class Metric>
  static constexpr bool fits = OneHeadMetric<Metric, T> || AllHeadsMetric<Metric, T, Net::heads>;
  static_assert((MetricCanBeFed<Metrics, T, Got<Net::heads>, fits<Metrics>>::ok && ...));

 public:
  explicit Measurement(const Metrics&... given) : found_{for_net(given)...} {}

  void operator()(const Logits& logits, int label) {
    std::apply([&](auto&... found) { (feed(found, logits, label), ...); }, found_);
  }
  /// The one metric, or a tuple of all.
  auto found() && {
    if constexpr (sizeof...(Metrics) == 1)
      return std::get<0>(std::move(found_));
    else
      return std::move(found_);
  }

 private:
  template <class Metric>
  using Found = std::conditional_t<OneHeadMetric<Metric, T>, ByHead<Net, Metric>, Metric>;
  template <class Metric>
  static Found<Metric> for_net(const Metric& given) {
    if constexpr (OneHeadMetric<Metric, T>)
      return for_each_head(given, std::make_index_sequence<Net::heads>{});
    else
      return given;
  }
  template <class Metric, std::size_t... H>
  static ByHead<Net, Metric> for_each_head(const Metric& given, std::index_sequence<H...>) {
    return {{(static_cast<void>(H), given)...}};
  }
  template <class Metric>
  static void feed(ByHead<Net, Metric>& metric, const Logits& logits, int label) {
    for (std::size_t h = 0; h < Net::heads; ++h) metric.heads[h].add(logits[h], label);
  }
  template <class Metric>
  static void feed(Metric& metric, const Logits& logits, int label) {
    metric.add(logits, label);
  }

  std::tuple<Found<Metrics>...> found_;
};

}  // namespace detail

/// Measures a net on all samples, in evaluation mode, by metrics (metrics/metric.hpp): copies of those that are given
/// are fed sample by sample and returned, a metric of one head as a ByHead, one of all heads as it is. Several come as
/// a tuple in their order, for structured bindings; a single one comes by itself.
///
///     const auto [top5, both] = measure(net, test, workspace, 2, TopKError{5}, HeadConfusion{});
///     top5.light().value(), both.counts(3, 5)
///
/// Takes what for_each_prediction takes, and throws alike. The result doesn't depend on threads.
template <class Net, class Given = Samples<typename Net::Feature>, class... Metrics>
auto measure(const Net& net, const Given& given, InferenceWorkspace<Net>& workspace, int threads,
             const Metrics&... metrics) {
  static_assert(sizeof...(Metrics) > 0, "rocket: measure: at least one metric, such as TopKError{1}");
  detail::Measurement<Net, Metrics...> measurement{metrics...};
  for_each_prediction(net, given, workspace, threads, measurement);
  return std::move(measurement).found();
}

}  // namespace rocket
