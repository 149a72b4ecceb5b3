#pragma once
#include <rocket/data/criteo.hpp>
#include <rocket/data/libfm.hpp>

#include <string>

#include "ads/settings.hpp"

namespace ads {

/// The log to train on, the one to test on, and which rows their ids have. Ids that only the latter has are unknown,
/// or, with Criteo's format, share rows by their hash.
/// \tparam Stacks  of nets, which say what a record is and how it is written (nets.hpp)
template <class Stacks>
struct Logs {
  using Inputs = typename Stacks::Inputs;

  rocket::FieldIds<Inputs> ids;
  rocket::Records<Inputs> train, test;

  explicit Logs(const Settings& settings) {
    if constexpr (Stacks::are_criteos)
      for (std::size_t t = 0; t < Inputs::table_count; ++t) ids.of(t) = rocket::IdRows::hashed(settings.rows);
    train = read(settings.train);
    ids.freeze();
    test = read(settings.test);
  }

 private:
  rocket::Records<Inputs> read(const std::string& path) {
    if constexpr (Stacks::are_criteos)
      return rocket::read_criteo(path, ids);
    else
      return rocket::read_libfm(path, ids);
  }
};

}  // namespace ads
