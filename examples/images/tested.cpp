#include "images/tested.hpp"

namespace {

support::Counts counts_of(const rocket::PairCounts& pairs) {
  const auto n = static_cast<std::size_t>(pairs.classes());
  support::Counts counts(n, std::vector<long>(n));
  for (int row = 0; row < pairs.classes(); ++row)
    for (int column = 0; column < pairs.classes(); ++column)
      counts[static_cast<std::size_t>(row)][static_cast<std::size_t>(column)] = static_cast<long>(pairs(row, column));
  return counts;
}

/// Those on the diagonal, and all.
struct Shares {
  std::size_t alike = 0, all = 0;
};

Shares shares_of(const rocket::PairCounts& pairs) {
  Shares shares;
  for (int row = 0; row < pairs.classes(); ++row)
    for (int column = 0; column < pairs.classes(); ++column) {
      shares.all += pairs(row, column);
      if (row == column) shares.alike += pairs(row, column);
    }
  return shares;
}

double ratio(std::size_t part, std::size_t all) { return static_cast<double>(part) / static_cast<double>(all); }

}  // namespace

void LogitDistance::add(const rocket::HeadLogits<float, 2>& logits, int) {
  const auto [light, booster] = logits;
  for (std::size_t c = 0; c < light.size(); ++c) {
    const double difference = static_cast<double>(light[c]) - static_cast<double>(booster[c]);
    sum += difference * difference;
  }
  ++images;
}

void add(Tested& tested, std::string_view head, const rocket::Confusion& confusion) {
  const auto [alike, all] = shares_of(confusion.counts);
  (head == "light" ? tested.light_error : tested.booster_error) = ratio(all - alike, all);
  tested.confusion["label_" + std::string{head}] = counts_of(confusion.counts);
}

void add(Tested& tested, const rocket::HeadConfusion& both, const LogitDistance& distance) {
  const auto [alike, all] = shares_of(both.counts);
  tested.agreement = ratio(alike, all);
  tested.distance = distance.value();
  tested.confusion["light_booster"] = counts_of(both.counts);
}
