// The bits of numbers, as one number to compare or print.
#pragma once

#include <bit>
#include <cstdint>
#include <span>
#include <string_view>

#include <rocket/core/text.hpp>

template <class T>
std::uint64_t checksum(std::span<const T> numbers) {
  return rocket::name_hash({reinterpret_cast<const char*>(numbers.data()), numbers.size_bytes()});
}

// Of everything a net is: parameters and running statistics.
template <class Net>
std::uint64_t checksum(const Net& net) {
  return std::rotl(checksum(net.parameter_vector()), 1) ^ checksum(net.statistic_vector());
}
