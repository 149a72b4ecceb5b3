#pragma once
#include <algorithm>
#include <cstddef>
#include <string>

#include "rocket/net/listing.hpp"

namespace rocket {

/// What copy_by_name did, in arrays (a layer that Repeat copies counts once a copy).
struct CopyReport {
  std::size_t taken = 0;  ///< arrays of the target that were filled
  std::size_t left = 0;   ///< arrays of the target that keep their values: the source has none of that name and shape
};

/// Fills every parameter, statistic and table of `target` that `source` has, too, by name and shape: "trunk.0.weight"
/// from "trunk.0.weight". For starting one net from the layers of another that was trained before.
template <class Target, class Source>
CopyReport copy_by_name(Target& target, const Source& source) {
  using T = typename Target::Scalar;
  CopyReport report;
  const auto copy = [&](std::span<const Array> to, std::span<T> into, std::span<const Array> from,
                        std::span<const T> out_of) {
    each_array(to, into, [&](const std::string& name, Shape shape, std::span<T> numbers) {
      bool found = false;
      each_array(from, out_of, [&](const std::string& there, Shape shape_there, std::span<const T> numbers_there) {
        if (there != name || !(shape_there == shape)) return;
        std::copy(numbers_there.begin(), numbers_there.end(), numbers.begin());
        found = true;
      });
      ++(found ? report.taken : report.left);
    });
  };
  copy(Target::parameter_table(), target.parameter_vector(), Source::parameter_table(), source.parameter_vector());
  copy(Target::statistic_table(), target.statistic_vector(), Source::statistic_table(), source.statistic_vector());
  for (const auto& to : target.tables().list_of(target.tables().vector())) {
    bool found = false;
    for (const auto& from : source.tables().list_of(source.tables().vector())) {
      if (from.name != to.name || from.rows != to.rows || from.dimension != to.dimension) continue;
      std::copy(from.numbers.begin(), from.numbers.end(), to.numbers.begin());
      found = true;
    }
    ++(found ? report.taken : report.left);
  }
  return report;
}

}  // namespace rocket
