/// \file
/// What tables cost: a step of a ranking pair on tables of a thousand to ten million rows, and looking them up alone.
/// Ids follow a power law; a million records take turns, so that rows come out of memory as they would in training.
#include <benchmark/benchmark.h>

#include <cstddef>
#include <rocket/data/click_log.hpp>
#include <rocket/rocket.hpp>
#include <span>
#include <vector>

#include "support.hpp"

namespace {
using namespace rocket;

using Inputs = Fields<Id<"user", 16>, Id<"item", 16>, Bag<"tags", 16, 8>, Numbers<"price", 4>>;
using Net = Launch<Inputs, Sequential<>, Sequential<Dense<64>, Relu, Dense<32>, Relu, Dense<1>>,
                   Sequential<Dense<256>, BatchNorm<>, Relu, Dense<128>, BatchNorm<>, Relu, Dense<1>>>;
constexpr std::size_t records = 1 << 20;

struct Log {
  std::vector<Word> words = std::vector<Word>(records * Inputs::words);
  std::vector<int> labels = std::vector<int>(records);
  explicit Log(const Net::NetTables::Rows& rows) {
    const ClickLog<Inputs> clicks{records, rows, Seed{1}};
    parallel_for(records / 1024, available_threads(), 1e9, [&](int part) {
      for (std::size_t i = 1024 * static_cast<std::size_t>(part); i < 1024 * static_cast<std::size_t>(part + 1); ++i) {
        clicks.read(i, std::span{words}.subspan(i * Inputs::words, Inputs::words));
        labels[i] = clicks.label(i);
      }
    });
  }
};

Net::NetTables::Rows rows_of(const benchmark::State& state) {
  const auto rows = static_cast<std::size_t>(state.range(0));
  return {rows, rows, rows};
}

template <class Optimizer>
void step(benchmark::State& state) {
  const auto rows = rows_of(state);
  const auto batch = static_cast<std::size_t>(state.range(1));
  const Log log{rows};
  Trainer trainer{Net{Seed{1}, rows}, Kl{.temperature = 2}, Optimizer{}, Threads{1}};
  std::size_t at = 0;
  for (auto _ : state) {
    trainer.step(std::span{log.words}.subspan(at * Inputs::words, batch * Inputs::words),
                 std::span{log.labels}.subspan(at, batch));
    at = (at + batch) % records;
  }
  state.SetItemsProcessed(static_cast<long>(batch) * state.iterations());
  state.counters["tables MB"] = static_cast<double>(trainer.net().tables().size() * sizeof(float)) / 1e6;
  state.counters["state MB"] = static_cast<double>(trainer.table_state().size() * sizeof(float)) / 1e6;
}

/// Rows alone, without a net behind them.
void look_up(benchmark::State& state) {
  const auto rows = rows_of(state);
  const Log log{rows};
  const Net net{Seed{1}, rows};
  constexpr int batch = 256;
  std::vector<float> into(batch * static_cast<std::size_t>(Net::input.size()));
  std::size_t at = 0;
  for (auto _ : state) {
    net.tables().look_up(log.words.data() + at * Inputs::words, batch, 1, into.data());
    benchmark::DoNotOptimize(into.data());
    at = (at + batch) % records;
  }
  state.SetItemsProcessed(batch * state.iterations());
}

const std::vector<long> sizes{1000, 100'000, 10'000'000};
// So many steps at once, since what comes before them takes seconds.
BENCHMARK(step<Adagrad>)->ArgsProduct({sizes, {256}})->ArgNames({"rows", "batch"})->Iterations(1000);
BENCHMARK(step<Adagrad>)->ArgsProduct({sizes, {1024}})->ArgNames({"rows", "batch"})->Iterations(250);
BENCHMARK(step<Adam>)->ArgsProduct({sizes, {256}})->ArgNames({"rows", "batch"})->Iterations(1000);
BENCHMARK(look_up)->ArgsProduct({sizes})->ArgName("rows")->Iterations(4096);

}  // namespace
