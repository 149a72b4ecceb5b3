#pragma once
#include <type_traits>

#include "rocket/core/check.hpp"
#include "rocket/core/samples.hpp"

namespace rocket {

namespace detail {

template <class Given, class T>
struct SamplesOrSource {
  static constexpr bool fits = SampleSource<Given, T> || std::is_convertible_v<const Given&, Samples<T>>;
  static_assert(holds<fits, Given, T>,
                "rocket: Trainer: samples are Samples of the net's type, what converts to them (Dataset), or a source: "
                "rocket/core/samples.hpp has the contract");
  static constexpr bool ok = true;
};

/// The source itself, or the Samples it converts to.
template <class T, class Given>
decltype(auto) as_source(const Given& given) {
  static_assert(SamplesOrSource<Given, T>::ok);
  if constexpr (SampleSource<Given, T>)
    return (given);
  else
    return Samples<T>(given);
}

}  // namespace detail

}  // namespace rocket
