/// \file
/// What tables cost: a step of a ranking pair on tables of a thousand to ten million rows, and looking them up alone.
/// Ids follow a power law; a million records take turns, so that rows come out of memory as they would in training.
/// Whole epochs of ten million records run where --benchmark_filter asks for them.
#include <benchmark/benchmark.h>

#include <algorithm>
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
constexpr std::size_t taken_in_turns = 1 << 20;  // records

/// Records in memory, so that no step waits for them to be made up.
struct Log {
  std::vector<Word> words;
  std::vector<int> labels;
  Log(std::size_t records, const Net::NetTables::Rows& rows) : words(records * Inputs::words), labels(records) {
    const ClickLog<Inputs> clicks{records, rows, Seed{1}};
    constexpr std::size_t part = 1024;
    parallel_for(static_cast<int>((records + part - 1) / part), available_threads(), 1e9, [&](int p) {
      const std::size_t first = part * static_cast<std::size_t>(p);
      for (std::size_t i = first; i < std::min(first + part, records); ++i) {
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

/// What the tables take, and what the optimizer remembers of them.
void count_table_bytes(benchmark::State& state, const auto& trainer) {
  state.counters["tables MB"] = static_cast<double>(trainer.net().tables().size() * sizeof(float)) / 1e6;
  state.counters["state MB"] = static_cast<double>(trainer.table_state().size() * sizeof(float)) / 1e6;
}

template <class Optimizer>
void step(benchmark::State& state) {
  const auto rows = rows_of(state);
  const auto batch = static_cast<std::size_t>(state.range(1));
  const Log log{taken_in_turns, rows};
  Trainer trainer{Net{Seed{1}, rows}, Kl{.temperature = 2}, Optimizer{}, Threads{1}};
  std::size_t at = 0;
  for (auto _ : state) {
    trainer.step(std::span{log.words}.subspan(at * Inputs::words, batch * Inputs::words),
                 std::span{log.labels}.subspan(at, batch));
    at = (at + batch) % taken_in_turns;
  }
  state.SetItemsProcessed(static_cast<long>(batch) * state.iterations());
  count_table_bytes(state, trainer);
}

/// An epoch as a trainer takes it: every record once, in an order of chance.
template <class Optimizer>
void epoch(benchmark::State& state) {
  const auto rows = rows_of(state);
  const auto records = static_cast<std::size_t>(state.range(1));
  const Log log{records, rows};
  Trainer trainer{Net{Seed{1}, rows}, Kl{.temperature = 2}, Optimizer{}, Threads{1}};
  const Samples<Word> samples = make_samples<Word>(log.words, log.labels, Inputs::words, 2);
  for (auto _ : state) trainer.fit(samples, {.epochs = 1, .batch_size = 1024});
  state.SetItemsProcessed(static_cast<long>(records) * state.iterations());
  count_table_bytes(state, trainer);
  state.counters["records MB"] =
      static_cast<double>(log.words.size() * sizeof(Word) + log.labels.size() * sizeof(int)) / 1e6;
  if (const auto resident = process_bytes("VmRSS:")) state.counters["resident MB"] = *resident / 1e6;
}

/// Rows alone, without a net behind them.
void look_up(benchmark::State& state) {
  const auto rows = rows_of(state);
  const Log log{taken_in_turns, rows};
  const Net net{Seed{1}, rows};
  constexpr int batch = 256;
  std::vector<float> into(batch * static_cast<std::size_t>(Net::input.size()));
  std::size_t at = 0;
  for (auto _ : state) {
    net.tables().look_up(log.words.data() + at * Inputs::words, batch, 1, into.data());
    benchmark::DoNotOptimize(into.data());
    at = (at + batch) % taken_in_turns;
  }
  state.SetItemsProcessed(batch * state.iterations());
}

const std::vector<long> sizes{1000, 100'000, 10'000'000};
// So many steps at once, since what comes before them takes seconds.
BENCHMARK(step<Adagrad>)->ArgsProduct({sizes, {256}})->ArgNames({"rows", "batch"})->Iterations(1000);
BENCHMARK(step<Adagrad>)->ArgsProduct({sizes, {1024}})->ArgNames({"rows", "batch"})->Iterations(250);
BENCHMARK(step<Adam>)->ArgsProduct({sizes, {256}})->ArgNames({"rows", "batch"})->Iterations(1000);
BENCHMARK(look_up)->ArgsProduct({sizes})->ArgName("rows")->Iterations(4096);
BENCHMARK(epoch<Adagrad>)
    ->ArgsProduct({sizes, {10'000'000}})
    ->ArgNames({"rows", "records"})
    ->Iterations(1)
    ->Unit(benchmark::kSecond);

}  // namespace

// Epochs take minutes, and gigabytes for their records, so they are for those who ask for them by name.
int main(int argc, char** argv) { return run_benchmarks(argc, argv, "0.05", "-^epoch"); }
