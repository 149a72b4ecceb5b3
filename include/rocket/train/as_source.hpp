#pragma once
#include <type_traits>

#include "rocket/core/check.hpp"
#include "rocket/core/fields.hpp"
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
template <class Source, bool orders, bool readies, bool weighs>
struct SourceSaysMore {
  static_assert(holds<orders, Source>,
                "rocket: Trainer: order of a source is const and takes (Seed, int epoch, std::span<int>): "
                "rocket/core/samples.hpp has the contract");
  static_assert(
      holds<readies, Source>,
      "rocket: Trainer: make_ready of a source is const, takes (std::span<const int>, std::size_t) and returns "
      "how many are ready: rocket/core/samples.hpp has the contract");
  static_assert(holds<weighs, Source>,
                "rocket: Trainer: weight of a source is const, takes a std::size_t and returns a number: "
                "rocket/core/samples.hpp has the contract");
  static constexpr bool ok = true;
};
template <class Source>
constexpr bool says_more_soundly() {
  constexpr bool has_order = requires { requires std::is_member_function_pointer_v<decltype(&Source::order)>; };
  constexpr bool has_ready = requires { requires std::is_member_function_pointer_v<decltype(&Source::make_ready)>; };
  constexpr bool has_weight = requires { requires std::is_member_function_pointer_v<decltype(&Source::weight)>; };
  constexpr bool orders = !has_order || OrderedSource<Source>, readies = !has_ready || FetchedSource<Source>;
  constexpr bool weighs = !has_weight || WeightedSource<Source>;
  return SourceSaysMore<Source, orders, readies, weighs>::ok;
}

template <class Given, class Net, bool sound>
struct RecordsAreOfTheNetsFields {
  static_assert(holds<sound, Given, Net>,
                "rocket: Trainer: these records are of other fields than the net's, by name, table or length");
  static constexpr bool ok = true;
};
template <class Given, class Net>
constexpr bool records_fit() {
  if constexpr (requires { Given::Inputs::list, Net::NetTables::Inputs::list; })
    return same_records(Given::Inputs::list, Net::NetTables::Inputs::list);
  else
    return true;
}

/// The source itself, or the Samples it converts to.
template <class Net, class Given>
decltype(auto) as_source(const Given& given) {
  using Feature = typename Net::Feature;
  static_assert(SamplesOrSource<Given, Feature>::ok);
  static_assert(RecordsAreOfTheNetsFields<Given, Net, records_fit<Given, Net>()>::ok);
  if constexpr (SampleSource<Given, Feature>) {
    static_assert(says_more_soundly<Given>());
    return (given);
  } else {
    return Samples<Feature>(given);
  }
}

}  // namespace detail

}  // namespace rocket
