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

// One that is there but can't be called was meant to be.
template <class Source, bool orders, bool readies>
struct SourceSaysMore {
  static_assert(holds<orders, Source>,
                "rocket: Trainer: order of a source is const and takes (Seed, int epoch, std::span<int>): "
                "rocket/core/samples.hpp has the contract");
  static_assert(holds<readies, Source>,
                "rocket: Trainer: make_ready of a source is const, takes (std::span<const int>, std::size_t) and returns "
                "how many are ready: rocket/core/samples.hpp has the contract");
  static constexpr bool ok = true;
};
template <class Source>
constexpr bool says_more_soundly() {
  constexpr bool has_order = requires { requires std::is_member_function_pointer_v<decltype(&Source::order)>; };
  constexpr bool has_ready = requires { requires std::is_member_function_pointer_v<decltype(&Source::make_ready)>; };
  constexpr bool orders = !has_order || OrderedSource<Source>, readies = !has_ready || FetchedSource<Source>;
  return SourceSaysMore<Source, orders, readies>::ok;
}

/// The source itself, or the Samples it converts to.
template <class T, class Given>
decltype(auto) as_source(const Given& given) {
  static_assert(SamplesOrSource<Given, T>::ok);
  if constexpr (SampleSource<Given, T>) {
    static_assert(says_more_soundly<Given>());
    return (given);
  } else {
    return Samples<T>(given);
  }
}

}  // namespace detail

}  // namespace rocket
