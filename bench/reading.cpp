/// \file
/// How fast a log of clicks is read: a million made-up lines of Criteo's format, part by part.
#include <benchmark/benchmark.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <rocket/data/criteo.hpp>
#include <rocket/data/lines.hpp>
#include <rocket/rocket.hpp>
#include <stdexcept>
#include <string>

namespace {
using namespace rocket;

using Inputs = CriteoFields<16>;
constexpr std::size_t records = 1'000'000;

/// As many lines in a file that lives as long as this: an eighth of the cells are empty, ids follow a power law.
class LogFile {
 public:
  LogFile() {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file{std::fopen(path.c_str(), "wb"), std::fclose};
    if (!file) throw std::runtime_error{"cannot write " + path};
    const Random random{Seed{1}, name_hash("line")};
    std::string line;
    char cell[16];
    for (std::size_t i = 0; i < records; ++i) {
      line.assign(1, random.bits(i)[3] % 4 == 0 ? '1' : '0');
      for (std::uint64_t k = 0; k < 39; ++k) {
        const auto [empty, a, b, c] = random.bits(i, k + 1);
        line += '\t';
        if (empty % 8 == 0) continue;
        if (k < 13)
          std::snprintf(cell, sizeof cell, "%d", static_cast<int>(std::exp(8 * Random::uniform(a))) - 2);
        else
          std::snprintf(cell, sizeof cell, "%08x",
                        static_cast<unsigned>(Random::mix(static_cast<std::uint64_t>(
                            std::pow(10, 1.0 + static_cast<double>(k % 5)) * std::pow(Random::uniform(a), 3)))));
        line += cell;
      }
      line += '\n';
      if (std::fwrite(line.data(), 1, line.size(), file.get()) != line.size())
        throw std::runtime_error{"cannot write " + path};
      bytes += line.size();
    }
  }
  ~LogFile() { std::filesystem::remove(path); }
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;

  const std::string path = std::filesystem::temp_directory_path() / "rocket-bench-criteo.tsv";
  std::size_t bytes = 0;
};

const LogFile& log_file() {
  static const LogFile file;
  return file;
}

void count(benchmark::State& state) {
  state.SetItemsProcessed(state.iterations() * static_cast<long>(records));
  state.SetBytesProcessed(state.iterations() * static_cast<long>(log_file().bytes));
}

void read(benchmark::State& state, const IdRows& rows) {
  const std::string& path = log_file().path;
  for (auto _ : state) {
    FieldIds<Inputs> ids;
    for (std::size_t t = 0; t < Inputs::table_count; ++t) ids.of(t) = rows;
    DelimitedReader<Inputs> reader{path, ids, criteo_format<Inputs>()};
    Records<Inputs> part;
    while (reader.read(part, 10'000)) benchmark::DoNotOptimize(part.words.data());
  }
  count(state);
}
void hashed(benchmark::State& state) { read(state, IdRows::hashed(100'000)); }
void vocabulary(benchmark::State& state) { read(state, IdRows{}); }

/// The lines alone.
void lines(benchmark::State& state) {
  const std::string& path = log_file().path;
  for (auto _ : state) {
    detail::LineReader reader{path, unlimited_bytes};
    while (const auto line = reader.next()) benchmark::DoNotOptimize(line->data());
  }
  count(state);
}

BENCHMARK(hashed)->Name("reading/criteo/hashed")->Unit(benchmark::kMillisecond);
BENCHMARK(vocabulary)->Name("reading/criteo/vocabulary")->Unit(benchmark::kMillisecond);
BENCHMARK(lines)->Name("reading/lines")->Unit(benchmark::kMillisecond);

}  // namespace
