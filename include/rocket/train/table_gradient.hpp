/// \file
/// The gradient of tables that samples look rows up in: of the rows that a batch has touched, and of no other. So a
/// step costs as much with a billion rows as with a thousand.
#pragma once
#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "rocket/core/buffer.hpp"
#include "rocket/core/parallel.hpp"
#include "rocket/net/tables.hpp"
#include "rocket/train/optimizer.hpp"

namespace rocket {

namespace detail {

/// That of a net without tables: nothing.
template <class NetTables>
class TableGradient {
 public:
  explicit TableGradient(int /*batch*/) {}
};

/// Sums what comes back to each row, in the order of the samples, whatever the threads.
template <class T, class... List>
class TableGradient<Tables<T, Fields<List...>>> {
  using Inputs = Fields<List...>;
  using NetTables = Tables<T, Inputs>;
  static constexpr std::size_t count = Inputs::table_count;

 public:
  /// Room for batches of up to `batch` samples.
  explicit TableGradient(int batch) {
    const auto samples = static_cast<std::size_t>(batch);
    for_each_index<count>([&](auto t) {
      const std::size_t look_ups = samples * static_cast<std::size_t>(look_ups_a_sample(t));
      Part& part = parts_[t];
      part.found = Buffer<LookUp>(look_ups);
      part.sorted = Buffer<LookUp>(look_ups);
      part.rows = Buffer<std::uint32_t>(look_ups);
      part.gradients = Buffer<T>(look_ups * static_cast<std::size_t>(Inputs::tables[t].dimension));
    });
  }

  /// Rows of table t that the batch touched, in ascending order.
  std::span<const std::uint32_t> rows(std::size_t t) const { return parts_[t].rows.span().first(parts_[t].touched); }
  /// Their gradients: rows x dimension.
  std::span<T> gradients(std::size_t t) {
    return parts_[t].gradients.span().first(parts_[t].touched * static_cast<std::size_t>(Inputs::tables[t].dimension));
  }

  /// All gradients, table by table.
  std::array<std::span<T>, count> parts() {
    std::array<std::span<T>, count> all;
    for (std::size_t t = 0; t < count; ++t) all[t] = gradients(t);
    return all;
  }

  /// \param records          batch x Inputs::words
  /// \param input_gradient   with respect to what the trunk reads, batch x Inputs::shape
  void collect(const Word* records, int batch, const T* input_gradient, Workers workers) {
    batch_ = batch;
    in_tables(workers, batch, [&](auto t) {
      find<t>(records, batch);
      sort(parts_[t]);
      add_up<t>(input_gradient);
    });
  }

  /// One pass of the optimizer over the rows that were touched: gathered, they are a piece like any other. What the
  /// optimizer remembers of a row stands still as long as no sample touches it (lazy), and so does its decay.
  /// \param state  as many vectors as the optimizer remembers, each laid out as the tables are
  template <class Optimizer>
  void update(NetTables& tables, const Optimizer& optimizer, T* state, double rate, long step, Workers workers) {
    constexpr std::size_t states = Optimizer::states;
    in_tables(workers, batch_, [&](auto t) {
      constexpr auto width = static_cast<std::size_t>(Inputs::tables[t].dimension);
      constexpr std::size_t slice = std::max<std::size_t>(1, 2048 / width);  // in the nearest cache, with its state
      const std::span<const std::uint32_t> touched = rows(t);
      std::array<T, slice * width> parameters;
      std::array<std::array<T, slice * width>, states> remembered;
      std::array<T*, states> at;
      for (std::size_t s = 0; s < states; ++s) at[s] = remembered[s].data();
      const auto each_number = [&](std::span<const std::uint32_t> part, const auto& move) {
        for (std::size_t i = 0; i < part.size(); ++i) {
          const std::size_t there = tables.begin(t) + part[i] * width;
          move(tables.vector().data() + there, parameters.data() + i * width);
          for (std::size_t s = 0; s < states; ++s) move(state + s * tables.size() + there, at[s] + i * width);
        }
      };
      for (std::size_t first = 0; first < touched.size(); first += slice) {
        const auto part = touched.subspan(first, std::min(slice, touched.size() - first));
        each_number(part, [](const T* of_table, T* gathered) { kernels::copy_row<width>(of_table, gathered); });
        optimizer(Piece{part.size() * width, rate, optimizer.weight_decay, step}, parameters.data(),
                  parts_[t].gradients.data() + first * width, at);
        each_number(part, [](T* of_table, const T* gathered) { kernels::copy_row<width>(gathered, of_table); });
      }
    });
  }

 private:
  /// That a sample looked a row up.
  struct LookUp {
    std::uint32_t row;
    std::uint32_t column;  ///< of the input gradient where what comes back to it begins, behind those of `sample`
    std::uint32_t sample;
    T factor;  ///< what it counts
  };
  struct Part {
    Buffer<LookUp> found, sorted;
    std::size_t look_ups = 0;
    Buffer<std::uint32_t> rows;
    Buffer<T> gradients;
    std::size_t touched = 0;
  };

  static constexpr int look_ups_a_sample(std::size_t t) {
    int sum = 0;
    for (const Field& field : Inputs::list)
      if (field.table == Inputs::tables[t].name) sum += field.most;
    return sum;
  }
  /// body(t) for each table, several at once where that is worth it.
  template <class Body>
  static void in_tables(Workers workers, int batch, const Body& body) {
    constexpr double nanoseconds = 20.0 * Inputs::words + 0.5 * Inputs::shape.size();
    parallel_for(static_cast<int>(count), workers, nanoseconds * batch, [&](int task) {
      for_each_index<count>([&](auto t) {
        if (t == task) body(t);
      });
    });
  }

  template <std::size_t t>
  void find(const Word* records, int batch) {
    Part& part = parts_[t];
    LookUp* next = part.found.data();
    for (int i = 0; i < batch; ++i)
      for_each_index<Inputs::size>([&](auto f) {
        constexpr Field field = Inputs::list[f];
        if constexpr (field.table == Inputs::tables[t].name) {
          const Word* words = records + static_cast<long>(i) * Inputs::words + field.begin_word;
          field.template each_row<T>(words, [&](int k, std::uint32_t row, T factor) {
            const int column = field.begin_column + (field.pools ? 0 : k * field.dimension);
            *next++ = {row, static_cast<std::uint32_t>(column), static_cast<std::uint32_t>(i), factor};
          });
        }
      });
    part.look_ups = static_cast<std::size_t>(next - part.found.data());
  }
  /// By rows, those of one row in the order of the samples: byte by byte, from the last to the first that differs.
  static void sort(Part& part) {
    std::uint32_t bits = 0;
    for (const LookUp& one : part.found.span().first(part.look_ups)) bits |= one.row;
    for (int shift = 0; shift < static_cast<int>(std::bit_width(bits)); shift += 8) {
      std::array<std::uint32_t, 257> begin{};
      const auto digit = [&](const LookUp& one) { return (one.row >> shift) & 255; };
      const auto found = part.found.span().first(part.look_ups);
      for (const LookUp& one : found) ++begin[digit(one) + 1];
      for (std::size_t d = 1; d < begin.size(); ++d) begin[d] += begin[d - 1];
      for (const LookUp& one : found) part.sorted.data()[begin[digit(one)]++] = one;
      std::swap(part.found, part.sorted);
    }
  }
  template <std::size_t t>
  void add_up(const T* input_gradient) {
    constexpr auto width = static_cast<std::size_t>(Inputs::tables[t].dimension);
    Part& part = parts_[t];
    part.touched = 0;
    const LookUp* before = nullptr;
    for (const LookUp& one : part.found.span().first(part.look_ups)) {
      if (!before || before->row != one.row) {
        part.rows.data()[part.touched] = one.row;
        kernels::clear_row<width>(part.gradients.data() + width * part.touched++);
      }
      const T* from = input_gradient + std::size_t{one.sample} * Inputs::shape.size() + one.column;
      kernels::add_row<width>(one.factor, from, part.gradients.data() + width * (part.touched - 1));
      before = &one;
    }
  }

  std::array<Part, count> parts_;
  int batch_ = 0;
};

}  // namespace detail
}  // namespace rocket
