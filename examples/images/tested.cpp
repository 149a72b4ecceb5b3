#include "images/tested.hpp"

#include <rocket/kernels/softmax.hpp>

namespace {

/// The classes of all rows.
std::vector<int> decisions(const HeadLogits& logits, int classes) {
  const auto width = static_cast<std::size_t>(classes);
  std::vector<int> found;
  for (std::size_t at = 0; at < logits.numbers.size(); at += width)
    found.push_back(rocket::kernels::argmax(std::span<const float>{logits.numbers}.subspan(at, width)));
  return found;
}

support::Counts count(const std::vector<int>& rows, const std::vector<int>& columns, int classes) {
  const auto n = static_cast<std::size_t>(classes);
  support::Counts counts(n, std::vector<long>(n));
  for (std::size_t i = 0; i < rows.size(); ++i)
    ++counts[static_cast<std::size_t>(rows[i])][static_cast<std::size_t>(columns[i])];
  return counts;
}

/// How many are on the diagonal.
std::size_t alike(const support::Counts& counts) {
  long sum = 0;
  for (std::size_t c = 0; c < counts.size(); ++c) sum += counts[c][c];
  return static_cast<std::size_t>(sum);
}

double sum_of_squared_differences(const std::vector<float>& a, const std::vector<float>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double difference = static_cast<double>(a[i]) - static_cast<double>(b[i]);
    sum += difference * difference;
  }
  return sum;
}

}  // namespace

Tested test(const rocket::ImageSamples& images, const std::vector<HeadLogits>& logits) {
  const auto n = static_cast<double>(images.size());
  std::vector<int> labels(images.size());
  for (std::size_t i = 0; i < labels.size(); ++i) labels[i] = images.label(i);

  Tested tested;
  for (const HeadLogits& head : logits) {
    support::Counts counts = count(labels, decisions(head, images.classes), images.classes);
    (head.head == "light" ? tested.light_error : tested.booster_error) =
        static_cast<double>(images.size() - alike(counts)) / n;
    tested.confusion["label_" + std::string{head.head}] = std::move(counts);
  }
  if (logits.size() == 2) {
    const HeadLogits &light = logits[0], &booster = logits[1];
    support::Counts counts =
        count(decisions(light, images.classes), decisions(booster, images.classes), images.classes);
    tested.agreement = static_cast<double>(alike(counts)) / n;
    tested.distance = sum_of_squared_differences(light.numbers, booster.numbers) / n;
    tested.confusion["light_booster"] = std::move(counts);
  }
  return tested;
}
