/// \file
/// What a metric is: an object that is fed samples, one after the other, and then says what it found. It has
///
///     void add(std::span<const T> logits, int label)                   of one head: then each head gets one of its own
///
/// or, where it compares heads (light, then booster; the net's order otherwise),
///
///     void add(const HeadLogits<T, heads>& logits, int label)          of all heads: then one sees them all
///
/// with T the net's number: float, or a template argument. One that could take both is fed head by head. What it says,
/// and how, is its own affair; those here which come to one number call it value(). Measured on a net, a metric is a
/// copy of the one that was given: its amounts are kept, and so is what it had been fed.
///
/// It is fed in the order of the samples by one thread, so no result depends on threads, and nothing needs a lock. The
/// logits are there until `add` returns. Labels are in [0, classes) of the samples, and so below logits.size().
///
/// A head says the class of its largest logit, the first of equals (kernels::argmax). The metrics here throw ValueError
/// where there is no value: before the first sample, and for a label or an amount that makes no sense. NaN is never the
/// largest logit; where it counts for more than a decision, as in a probability, the value is NaN.
#pragma once
#include <array>
#include <cstddef>
#include <span>
#include <string>

#include "rocket/core/check.hpp"
#include "rocket/core/error.hpp"

namespace rocket {

/// The logits of all heads for one sample, in the order of the net: light, then booster.
template <class T, std::size_t Heads>
using HeadLogits = std::array<std::span<const T>, Heads>;

/// A metric that is fed one head's logits.
template <class Metric, class T>
concept OneHeadMetric = requires(Metric& metric, std::span<const T> logits, int label) {
  metric.add(logits, label);
};

/// A metric that is fed all heads' logits.
template <class Metric, class T, std::size_t Heads>
concept AllHeadsMetric = requires(Metric& metric, const HeadLogits<T, Heads>& logits, int label) {
  metric.add(logits, label);
};

namespace detail {

template <class Metric, class T, class GotHeads, bool sound>
struct MetricCanBeFed {
  static_assert(holds<sound, Metric, T, GotHeads>,
                "rocket: measure: a metric has add(std::span<const T> logits, int label), or add(const HeadLogits<T, "
                "heads>& logits, int label) with as many heads as the net; T is the net's number");
  static constexpr bool ok = true;
};

/// Throws ValueError unless the label is one of the logits' classes.
inline void check_label(int label, std::size_t classes) {
  if (label < 0 || static_cast<std::size_t>(label) >= classes)
    throw ValueError("label", "a class in [0, " + std::to_string(classes) + ')', std::to_string(label));
}

/// Takes the number of classes from the first sample (0: none yet), and throws ValueError if a later one has another.
inline void agree_on_classes(std::size_t& classes, std::size_t found) {
  if (classes != 0 && found != classes)
    throw ValueError("logits", std::to_string(classes) + ", as of the samples before", std::to_string(found));
  classes = found;
}

/// A mean over samples; throws ValueError if there are none.
inline double mean(double sum, std::size_t samples) {
  if (samples == 0) throw ValueError("samples", "at least 1", "0");
  return sum / static_cast<double>(samples);
}

}  // namespace detail
}  // namespace rocket
