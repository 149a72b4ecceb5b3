/// \file
/// From a source (core/samples.hpp) to the rows of a batch: in which order, and where there is something to wait for.
#pragma once
#include <cstddef>
#include <numeric>
#include <span>
#include <string>
#include <vector>

#include "rocket/core/error.hpp"
#include "rocket/core/parallel.hpp"
#include "rocket/core/samples.hpp"

namespace rocket::detail {

/// Writes the order in which an epoch draws the samples.
template <class Source>
void write_order(const Source& source, Seed seed, int epoch, std::span<int> order) {
  if constexpr (OrderedSource<Source>) {
    source.order(seed, epoch, order);
    for (std::size_t i = 0; i < order.size(); ++i)
      if (order[i] < 0 || static_cast<std::size_t>(order[i]) >= source.size())
        throw ValueError("order[" + std::to_string(i) + ']', "a sample in [0, " + std::to_string(source.size()) + ')',
                         std::to_string(order[i]));
  } else {
    uniform_order(seed, epoch, order);
  }
}

/// 0 to size() - 1, for a source that wants to know what is read; nothing for any other.
template <class Source>
std::vector<int> order_as_numbered(const Source& source) {
  std::vector<int> order;
  if constexpr (FetchedSource<Source>) {
    order.resize(source.size());
    std::iota(order.begin(), order.end(), 0);
  }
  return order;
}

/// Writes the rows of a batch, each by write(row number, place), on several threads where that is worth it.
template <class Source, class T, class Write>
void gather_rows(const Source& source, std::size_t count, Workers workers, T* rows, const Write& write) {
  const auto width = static_cast<std::size_t>(source.features_per_sample);
  const double nanoseconds = static_cast<double>(count) * source.nanoseconds_per_sample();
  parallel_for(static_cast<int>(count), workers, nanoseconds, [&](int i) {
    const auto row = static_cast<std::size_t>(i);
    write(row, std::span<T>{rows + row * width, width});
  });
}

/// The same for the first `count` samples of an order, as they get ready; only a FetchedSource is asked, and needs the
/// order, the rest of the epoch's.
template <class Source, class T, class Write>
void gather_rows(const Source& source, std::span<const int> order, std::size_t count, Workers workers, T* rows,
                 const Write& write) {
  if constexpr (FetchedSource<Source>) {
    const auto width = static_cast<std::size_t>(source.features_per_sample);
    for (std::size_t done = 0; done < count;) {
      const std::size_t ready = source.make_ready(order.subspan(done), count - done);
      if (ready < 1 || ready > count - done)
        throw ValueError("make_ready", "1 to " + std::to_string(count - done) + " samples", std::to_string(ready));
      gather_rows(source, ready, workers, rows + done * width,
                  [&](std::size_t i, std::span<T> row) { write(done + i, row); });
      done += ready;
    }
  } else {
    gather_rows(source, count, workers, rows, write);
  }
}

}  // namespace rocket::detail
