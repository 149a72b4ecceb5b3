#pragma once
#include <algorithm>
#include <cstddef>
#include <string>

#include "rocket/net/multi_head.hpp"

namespace rocket {

/// What copy_by_name did, in arrays (a layer that Repeat copies counts once a copy).
struct CopyReport {
  std::size_t taken = 0;  ///< arrays of the target that were filled
  std::size_t left = 0;   ///< arrays of the target that keep their values: the source has none of that name and shape
};

/// Fills every parameter and statistic of `target` that `source` has, too, by name and shape: "trunk.0.weight" from
/// "trunk.0.weight". For starting one net from the layers of another that was trained before.
template <class Target, class Source>
CopyReport copy_by_name(Target& target, const Source& source) {
  using T = typename Target::Scalar;
  CopyReport report;
  const auto copy = [&](std::span<const Array> to, std::span<T> into, std::span<const Array> from,
                        std::span<const T> out_of) {
    for (const Array& wanted : to)
      for (int c = 0; c < wanted.copies; ++c) {
        const T* found = nullptr;
        const std::string name = wanted.name_of(c);
        for (const Array& there : from)
          for (int k = 0; k < there.copies && there.shape == wanted.shape; ++k)
            if (there.name_of(k) == name)
              found = out_of.data() + there.offset + there.copy_size() * static_cast<std::size_t>(k);
        if (found)
          std::copy_n(found, wanted.copy_size(),
                      into.data() + wanted.offset + wanted.copy_size() * static_cast<std::size_t>(c));
        ++(found ? report.taken : report.left);
      }
  };
  copy(Target::parameter_table(), target.parameter_vector(), Source::parameter_table(), source.parameter_vector());
  copy(Target::statistic_table(), target.statistic_vector(), Source::statistic_table(), source.statistic_vector());
  return report;
}

}  // namespace rocket
