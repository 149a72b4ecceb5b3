#pragma once
#include <rocket/metrics/confusion.hpp>
#include <rocket/metrics/head_confusion.hpp>

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "support/run.hpp"

/// What the heads of a net do on the test part; none: no such head, or no second one.
struct Tested {
  std::optional<double> light_error, booster_error;    ///< fractions
  std::optional<double> agreement;                     ///< fraction of the images on which both say the same
  std::optional<double> distance;                      ///< see LogitDistance
  std::map<std::string, support::Counts> confusion{};  ///< as in support::Run
};

/// A metric (rocket/metrics/metric.hpp): || light - booster ||^2 of logits, a sum over classes, a mean over images.
struct LogitDistance {
  double sum = 0;
  std::size_t images = 0;

  void add(const rocket::HeadLogits<float, 2>& logits, int label);
  double value() const { return sum / static_cast<double>(images); }
};

/// Adds what one head did.
/// \param head  light or booster
void add(Tested& tested, std::string_view head, const rocket::Confusion& confusion);
/// Adds how the two are to each other.
void add(Tested& tested, const rocket::HeadConfusion& both, const LogitDistance& distance);
