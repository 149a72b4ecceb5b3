/// \file
/// How fast Rocket is beside other libraries: works of Rocket and of a peer in turns, in one process.
#include <omp.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <regex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "peer.hpp"

namespace {
using namespace peers;
using Json = nlohmann::ordered_json;

struct Options {
  std::string work = ".*", peer = ".*", out = "bench-peers.json";
  int rounds = 9;
  bool processor_time = false;
};

/// One line of the table. Medians of the rounds; the ratio is of a round, and above 1 where Rocket is faster.
struct Row {
  const Work* work;
  int threads;
  std::string peer, setting;
  double ours, theirs, ratio, ratio_min, ratio_max;
};

double median(std::vector<double> numbers) {
  std::sort(numbers.begin(), numbers.end());
  return numbers[numbers.size() / 2];
}

/// Which time counts: that of the clock on the wall, or the processor's, of all threads together.
enum class Clock { wall, processor };
double now(Clock clock) {
  if (clock == Clock::processor) return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// Seconds of a call, over that many calls.
double seconds(const std::function<void()>& call, long calls) {
  const double start = now(Clock::wall);
  for (long i = 0; i < calls; ++i) call();
  return (now(Clock::wall) - start) / static_cast<double>(calls);
}

/// Seconds of a call in a turn that lasts so long; the clock is looked at after so many calls. If other programs slow
/// the calls down, there are fewer of them.
double turn_seconds(const std::function<void()>& call, long calls, double turn, Clock clock) {
  const double start = now(clock), wall_start = now(Clock::wall);
  long done = 0;
  while (done == 0 || now(Clock::wall) - wall_start < turn) {
    for (long i = 0; i < calls; ++i) call();
    done += calls;
  }
  return (now(clock) - start) / static_cast<double>(done);
}

/// Seconds of a call when it has been called for a while.
double warm_seconds(const std::function<void()>& call, double for_seconds) {
  double once = seconds(call, 2);
  for (double spent = 0; spent < for_seconds;) {
    const long calls = std::max(1L, std::lround(0.25 * for_seconds / once));
    once = seconds(call, calls);
    spent += once * static_cast<double>(calls);
  }
  return once;
}

/// Throws unless theirs computes what ours does: as many parameters, numbers that agree to 1e-3. The losses of steps
/// agree one by one, other numbers beside the largest of them.
void check_agreement(const Work& work, const Candidate& ours, const Candidate& theirs, const std::string& peer) {
  const auto fail = [&](const std::string& what) {
    throw std::runtime_error{work.name + ": " + peer + " (" + theirs.setting + ") computes something else: " + what};
  };
  if (ours.parameters != theirs.parameters)
    fail(std::to_string(theirs.parameters) + " parameters, not " + std::to_string(ours.parameters));
  const std::vector<float> expected = ours.values(), got = theirs.values();
  if (expected.size() != got.size())
    fail(std::to_string(got.size()) + " numbers, not " + std::to_string(expected.size()));
  double largest = 0;
  for (const float number : expected) largest = std::max(largest, std::abs(static_cast<double>(number)));
  const bool losses = work.task == Task::pair_step || work.task == Task::light_step;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const double scale = losses ? std::abs(static_cast<double>(expected[i])) : largest;
    if (!(std::abs(static_cast<double>(got[i]) - expected[i]) <= 1e-3 * scale))
      fail("number " + std::to_string(i) + " is " + std::to_string(got[i]) + ", not " + std::to_string(expected[i]));
  }
}

/// Ours and theirs in turns.
Row compare(const Work& work, int threads, const std::string& peer, const Candidate& ours, const Candidate& theirs,
            const Options& options) {
  const bool layer = work.unit == "GFLOP/s";
  const double turn = layer ? 0.1 : 0.3;  // seconds; at least one call
  const auto calls_at_a_time = [&](const Candidate& side) {
    return std::max(1L, std::lround(0.1 * turn / warm_seconds(side.call, turn)));
  };
  const long our_calls = calls_at_a_time(ours), their_calls = calls_at_a_time(theirs);
  const Clock clock = options.processor_time && threads == 1 ? Clock::processor : Clock::wall;
  std::vector<double> our_numbers, their_numbers, ratios;
  for (int round = 0; round < options.rounds; ++round) {
    our_numbers.push_back(work.measure(turn_seconds(ours.call, our_calls, turn, clock)));
    their_numbers.push_back(work.measure(turn_seconds(theirs.call, their_calls, turn, clock)));
    ratios.push_back(work.ratio(our_numbers.back(), their_numbers.back()));
  }
  const auto [least, most] = std::minmax_element(ratios.begin(), ratios.end());
  return {&work,          threads, peer, theirs.setting, median(our_numbers), median(their_numbers),
          median(ratios), *least,  *most};
}

const Candidate& fastest(const std::vector<Candidate>& candidates) {
  if (candidates.size() == 1) return candidates.front();
  std::vector<double> times;
  for (const Candidate& candidate : candidates) times.push_back(warm_seconds(candidate.call, 0.2));
  return candidates[static_cast<std::size_t>(std::min_element(times.begin(), times.end()) - times.begin())];
}

std::vector<std::unique_ptr<Peer>> all_peers() {
  std::vector<std::unique_ptr<Peer>> made;
#ifdef PEERS_LIBTORCH
  made.push_back(libtorch());
#endif
#ifdef PEERS_DLIB
  made.push_back(dlib_dnn());
#endif
#ifdef PEERS_ONEDNN
  made.push_back(onednn());
#endif
#ifdef PEERS_OPENBLAS
  made.push_back(openblas());
#endif
#ifdef PEERS_OPENCV
  made.push_back(opencv_dnn());
#endif
  return made;
}

/// Linux's name of the processor.
std::string processor() {
  std::ifstream info{"/proc/cpuinfo"};
  for (std::string line; std::getline(info, line);)
    if (line.rfind("model name", 0) == 0) return line.substr(line.find(':') + 2);
  return "unknown";
}

Json machine_facts(const std::vector<std::unique_ptr<Peer>>& peers, const std::vector<Row>& rows,
                   const Options& options) {
  Json facts{{"processor", processor()},
             {"hardware_threads", std::thread::hardware_concurrency()},
             {"openmp_threads", omp_get_max_threads()},
             {"compiler", "g++ " __VERSION__},
             {"flags", PEERS_FLAGS},
             {"rounds", options.rounds},
             {"clock", options.processor_time ? "wall, of one thread the processor's" : "wall"}};
  for (const auto& peer : peers) facts["peers"][peer->name()] = peer->version();
  for (const char* variable : {"ATEN_CPU_CAPABILITY", "OPENBLAS_CORETYPE", "OMP_WAIT_POLICY", "OMP_PROC_BIND"})
    if (const char* value = std::getenv(variable)) facts["environment"][variable] = value;
  for (const Row& row : rows)
    if (!row.setting.empty())
      facts["settings"].push_back(
          {{"work", row.work->name}, {"threads", row.threads}, {"peer", row.peer}, {"setting", row.setting}});
  return facts;
}

Json rows_as_json(const std::vector<Row>& rows) {
  Json list = Json::array();
  for (const Row& row : rows)
    list.push_back({{"work", row.work->name},
                    {"threads", row.threads},
                    {"unit", row.work->unit},
                    {"ours", row.ours},
                    {"peer", row.peer},
                    {"theirs", row.theirs},
                    {"ratio", row.ratio},
                    {"ratio_min", row.ratio_min},
                    {"ratio_max", row.ratio_max}});
  return list;
}

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, value < 10 ? "%.2f" : value < 100 ? "%.1f" : "%.0f", value);
  return text;
}

std::string as_markdown(const std::vector<Row>& rows) {
  std::string table =
      "| work | threads | unit | Rocket | peer | theirs | ratio (min to max) |\n|---|---|---|---|---|---|---|\n";
  for (const Row& row : rows)
    table += "| " + row.work->name + " | " + std::to_string(row.threads) + " | " + row.work->unit + " | " +
             number(row.ours) + " | " + row.peer + (row.setting.empty() ? "" : ", " + row.setting) + " | " +
             number(row.theirs) + " | **" + number(row.ratio) + "** (" + number(row.ratio_min) + " to " +
             number(row.ratio_max) + ") |\n";
  return table;
}

/// Written beside and renamed, so that nobody finds half a file.
void write(const std::filesystem::path& path, const std::string& text) {
  const std::filesystem::path beside = path.string() + ".new";
  std::ofstream file{beside};
  file << text;
  file.close();
  if (!file) throw std::runtime_error{"can't write " + beside.string()};
  std::filesystem::rename(beside, path);
}

/// Peers look at the environment before main: so the program starts itself once more, unless it is told to keep what
/// there is. libtorch takes AVX-512 only if it is told to; OpenBLAS knows the processor best when it is told nothing.
void restart_with_environment(char** argv) {
  const char* const keep = "BENCH_PEERS_KEEP_ENVIRONMENT";
  if (std::getenv(keep) != nullptr) return;
  setenv(keep, "1", 1);
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq"))
    setenv("ATEN_CPU_CAPABILITY", "avx512", 1);
  for (const char* variable : {"OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"}) unsetenv(variable);
  execv("/proc/self/exe", argv);  // returns only where it can't: then they do without
}

/// One, and all that OpenMP gives where the work is measured on them.
std::vector<int> thread_counts(const Work& work, int all_threads) {
  if (work.all_threads && all_threads > 1) return {1, all_threads};
  return {1};
}

int run(const Options& options) {
  const auto peers = all_peers();
  const std::regex wanted_work{options.work}, wanted_peer{options.peer};
  const std::vector<Work> works = all_works();
  const int all_threads = omp_get_max_threads();
  std::vector<Row> rows;

  std::printf("%s", machine_facts(peers, rows, options).dump(2).c_str());
  std::printf("\n\nRatio: how many times as fast Rocket is; median of %d rounds, least and most.\n\n", options.rounds);
  std::printf("%-42s %7s %9s %9s %-10s %9s %7s\n", "work", "threads", "unit", "Rocket", "peer", "theirs", "ratio");
  for (const Work& work : works) {
    if (!std::regex_search(work.name, wanted_work)) continue;
    const Start start = start_of(work);
    for (const int threads : thread_counts(work, all_threads)) {
      omp_set_num_threads(threads);
      for (const auto& peer : peers) {
        if (!std::regex_search(peer->name(), wanted_peer)) continue;
        const std::vector<Candidate> theirs = peer->candidates(work, threads, start);
        if (theirs.empty()) continue;
        const Candidate ours = rocket_candidate(work, threads, start);
        for (const Candidate& candidate : theirs) check_agreement(work, ours, candidate, peer->name());
        const Row row = compare(work, threads, peer->name(), ours, fastest(theirs), options);
        rows.push_back(row);
        std::printf("%-42s %7d %9s %9s %-10s %9s %7s  %s to %s  %s\n", work.name.c_str(), threads, work.unit.c_str(),
                    number(row.ours).c_str(), row.peer.c_str(), number(row.theirs).c_str(), number(row.ratio).c_str(),
                    number(row.ratio_min).c_str(), number(row.ratio_max).c_str(), row.setting.c_str());
        std::fflush(stdout);
      }
    }
  }
  omp_set_num_threads(all_threads);
  if (rows.empty()) {
    std::fprintf(stderr, "bench-peers: no work was measured: %s\n",
                 peers.empty() ? "no peer was found when it was built" : "none fits --work and --peer");
    return 1;
  }

  const std::filesystem::path out{options.out};
  const std::filesystem::path table = std::filesystem::path{out}.replace_extension(".md");
  const std::filesystem::path machine = std::filesystem::path{out}.replace_filename("bench-machine.json");
  write(out, rows_as_json(rows).dump(2) + '\n');
  write(table, as_markdown(rows));
  write(machine, machine_facts(peers, rows, options).dump(2) + '\n');
  std::printf("\nWritten: %s, %s, %s\n", out.c_str(), table.c_str(), machine.c_str());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  restart_with_environment(argv);
  Options options;
  CLI::App app{"Rocket beside other libraries: the same works in turns, in one process."};
  app.add_option("--work", options.work, "a regular expression: which works")->capture_default_str();
  app.add_option("--peer", options.peer, "a regular expression: which peers")->capture_default_str();
  app.add_option("--rounds", options.rounds, "how many turns of each")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app.add_flag("--processor-time", options.processor_time,
               "time works on one thread by the processor's clock: where other programs run, too");
  app.add_option("--out", options.out, "where the rows go; table and machine are written beside")
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  try {
    return run(options);
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "bench-peers: %s\n", problem.what());
    return 1;
  }
}
