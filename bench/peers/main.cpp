/// \file
/// How fast Rocket is beside other libraries: works of Rocket and of a peer in turns, in one process.
#include <omp.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <regex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "turns.hpp"

namespace {
using namespace peers;
using Json = nlohmann::ordered_json;

struct Options {
  std::string work = ".*", peer = ".*", out = "bench-peers.json";
  int rounds = 9;
  bool processor_time = false;
};

/// Throws unless theirs computes what ours does: as many parameters, numbers that agree within the work's tolerance.
/// The losses of steps agree one by one, other numbers beside the largest of them.
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
  const double tolerance = work.tolerance();
  const bool losses = work.task == Task::pair_step || work.task == Task::light_step;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const double scale = losses ? std::abs(static_cast<double>(expected[i])) : largest;
    if (!(std::abs(static_cast<double>(got[i]) - expected[i]) <= tolerance * scale))
      fail("number " + std::to_string(i) + " is " + std::to_string(got[i]) + ", not " + std::to_string(expected[i]));
  }
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
#ifdef PEERS_EIGEN
  made.push_back(plain_eigen());
#endif
  return made;
}

/// What Linux knows of the processor: virtual machines hide its name behind that of its family.
std::string processor() {
  std::ifstream info{"/proc/cpuinfo"};
  std::map<std::string, std::string> facts;
  for (std::string line; std::getline(info, line) && !line.empty();)
    if (const std::size_t colon = line.find(": "); colon != std::string::npos)
      facts[line.substr(0, line.find('\t'))] = line.substr(colon + 2);
  const std::string registers = __builtin_cpu_supports("avx512f") ? "AVX-512"
                                : __builtin_cpu_supports("avx2")  ? "AVX2"
                                                                  : "neither AVX2 nor AVX-512";
  return facts["model name"] + ", family " + facts["cpu family"] + ", model " + facts["model"] + ", " + registers;
}

/// What is known before anything is measured.
Json machine_facts(const std::vector<std::unique_ptr<Peer>>& peers, const Options& options) {
  Json facts{{"processor", processor()},
             {"hardware_threads", std::thread::hardware_concurrency()},
             {"openmp_threads", omp_get_max_threads()},
             {"compiler", "g++ " __VERSION__},
             {"flags", PEERS_FLAGS},
             {"rounds", options.rounds},
             {"clock", options.processor_time ? "wall, of one thread the processor's" : "wall"}};
  if (double programs; getloadavg(&programs, 1) == 1) facts["load"] = programs;  // others': mean of the last minute
  for (const auto& peer : peers) facts["peers"][peer->name()] = peer->version();
  for (const char* variable : {"ATEN_CPU_CAPABILITY", "OPENBLAS_CORETYPE", "OMP_WAIT_POLICY", "OMP_PROC_BIND"})
    if (const char* value = std::getenv(variable)) facts["environment"][variable] = value;
  return facts;
}

void add_settings(Json& facts, const std::vector<Row>& rows) {
  for (const Row& row : rows)
    if (!row.setting.empty())
      facts["settings"].push_back(
          {{"work", row.work->name}, {"threads", row.threads}, {"peer", row.peer}, {"setting", row.setting}});
}

Json rows_as_json(const std::vector<Row>& rows) {
  Json list = Json::array();
  for (const Row& row : rows) {
    list.push_back({{"work", row.work->name},
                    {"threads", row.threads},
                    {"unit", row.work->unit},
                    {"ours", row.ours},
                    {"peer", row.peer},
                    {"theirs", row.theirs},
                    {"ratio", row.ratio.middle},
                    {"ratio_min", row.ratio.least},
                    {"ratio_max", row.ratio.greatest}});
    if (row.latency)
      list.back().update({{"ours_p50", row.latency->ours.p50},
                          {"ours_p99", row.latency->ours.p99},
                          {"theirs_p50", row.latency->theirs.p50},
                          {"theirs_p99", row.latency->theirs.p99},
                          {"ratio_p50", row.latency->ratio.middle},
                          {"ratio_p50_min", row.latency->ratio.least},
                          {"ratio_p50_max", row.latency->ratio.greatest}});
  }
  return list;
}

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, value < 10 ? "%.2f" : value < 100 ? "%.1f" : "%.0f", value);
  return text;
}

/// A line of a table in Markdown.
std::string line_of(const std::vector<std::string>& cells) {
  std::string line = "|";
  for (const std::string& cell : cells) line += ' ' + cell + " |";
  return line + '\n';
}
std::string heading_of(const std::vector<std::string>& cells) {
  return line_of(cells) + line_of(std::vector<std::string>(cells.size(), "---"));
}
std::string bold(const Spread& ratio) {
  return "**" + number(ratio.middle) + "** (" + number(ratio.least) + " to " + number(ratio.greatest) + ")";
}

std::string all_works_table(const std::vector<Row>& rows) {
  std::string table = heading_of({"work", "threads", "unit", "Rocket", "peer", "theirs", "ratio (min to max)"});
  for (const Row& row : rows)
    table += line_of({row.work->name, std::to_string(row.threads), row.work->unit, number(row.ours),
                      row.peer + (row.setting.empty() ? "" : ", " + row.setting), number(row.theirs), bold(row.ratio)});
  return table;
}

/// How long single calls take; empty where nobody waits for any.
std::string latency_table(const std::vector<Row>& rows) {
  std::string lines;
  for (const Row& row : rows)
    if (row.latency)
      lines += line_of({row.work->name, std::to_string(row.threads), number(row.latency->ours.p50),
                        number(row.latency->ours.p99), row.peer, number(row.latency->theirs.p50),
                        number(row.latency->theirs.p99), bold(row.latency->ratio)});
  if (lines.empty()) return {};
  return "Single calls, microseconds: half of all, 99 of 100 take less. Ratio of p50, of the rounds.\n\n" +
         heading_of({"work", "threads", "Rocket p50", "p99", "peer", "theirs p50", "p99", "ratio (min to max)"}) +
         lines;
}

/// How many times as long as for the light net one waits for the booster; empty where not both were measured.
std::string booster_table(const std::vector<Row>& rows) {
  std::string lines;
  for (const Row& light : rows)
    for (const Row& booster : rows) {
      const bool same_work = light.work->task == Task::light_inference && !light.work->images &&
                             booster.work->task == Task::booster_inference &&
                             light.work->batch == booster.work->batch && light.work->int8 == booster.work->int8;
      if (!same_work || light.threads != booster.threads || light.peer != booster.peer) continue;
      lines += line_of({light.work->name, std::to_string(light.threads),
                        number(booster.latency->ours.p50 / light.latency->ours.p50), light.peer,
                        number(booster.latency->theirs.p50 / light.latency->theirs.p50)});
    }
  if (lines.empty()) return {};
  return "How many times as long as for the dense light net one waits for the booster, by p50.\n\n" +
         heading_of({"work", "threads", "Rocket", "peer", "theirs"}) + lines;
}

std::string as_markdown(const std::vector<Row>& rows) {
  std::string text = all_works_table(rows);
  for (const std::string& table : {latency_table(rows), booster_table(rows)})
    if (!table.empty()) text += '\n' + table;
  return text;
}

/// Written beside and renamed, so that nobody finds half a file.
void write(const std::filesystem::path& path, const std::string& text) {
  const std::filesystem::path beside = path.string() + ".new";
  std::ofstream file{beside};
  file << text;
  file.close();
  if (!file) throw std::runtime_error{"can't write " + path.string() + ": " + std::strerror(errno)};
  std::filesystem::rename(beside, path);
}

/// Where the results go.
struct Places {
  std::filesystem::path rows, table, machine;

  explicit Places(const std::filesystem::path& out)
      : rows{out},
        table{std::filesystem::path{out}.replace_extension(".md")},
        machine{std::filesystem::path{out}.replace_filename("bench-machine.json")} {
    // Asked first: measuring everything takes minutes.
    const std::filesystem::path folder = out.has_parent_path() ? out.parent_path() : ".";
    if (access(folder.c_str(), W_OK) != 0)
      throw std::runtime_error{"can't write " + out.string() + ": " + std::strerror(errno)};
  }
};

/// Leaves those whose names fit; throws where none does.
template <class Named, class NameOf>
void keep_wanted(std::vector<Named>& all, const char* option, const std::string& wanted, const NameOf& name_of) {
  std::string names;
  for (const Named& one : all) names += (names.empty() ? "" : ", ") + name_of(one);
  std::erase_if(
      all, [&, pattern = std::regex{wanted}](const Named& one) { return !std::regex_search(name_of(one), pattern); });
  if (all.empty()) throw std::runtime_error{std::string{option} + " '" + wanted + "' fits none of: " + names};
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
  const Places places{options.out};
  auto peers = all_peers();
  if (peers.empty()) throw std::runtime_error{"no peer was found when it was built"};
  keep_wanted(peers, "--peer", options.peer, [](const auto& peer) { return peer->name(); });
  std::vector<Work> works = all_works();
  keep_wanted(works, "--work", options.work, [](const Work& work) { return work.name; });
  const int all_threads = omp_get_max_threads();
  std::vector<Row> rows;

  Json machine = machine_facts(peers, options);
  std::printf("%s", machine.dump(2).c_str());
  std::printf("\n\nRatio: how many times as fast Rocket is; median of %d rounds, least and most.\n\n", options.rounds);
  std::printf("%-42s %7s %9s %9s %-10s %9s %7s  %s\n", "work", "threads", "unit", "Rocket", "peer", "theirs", "ratio",
              "least to most  their setting");
  for (const Work& work : works) {
    const Start start = start_of(work);
    for (const int threads : thread_counts(work, all_threads)) {
      omp_set_num_threads(threads);
      for (const auto& peer : peers) {
        const std::vector<Candidate> theirs = peer->candidates(work, threads, start);
        if (theirs.empty()) continue;
        const Candidate ours = rocket_candidate(work, threads, start);
        for (const Candidate& candidate : theirs) check_agreement(work, ours, candidate, peer->name());
        const Row row =
            compare(work, threads, peer->name(), ours, fastest(theirs), options.rounds, options.processor_time);
        rows.push_back(row);
        std::printf("%-42s %7d %9s %9s %-10s %9s %7s  %s to %s  %s\n", work.name.c_str(), threads, work.unit.c_str(),
                    number(row.ours).c_str(), row.peer.c_str(), number(row.theirs).c_str(),
                    number(row.ratio.middle).c_str(), number(row.ratio.least).c_str(),
                    number(row.ratio.greatest).c_str(), row.setting.c_str());
        std::fflush(stdout);
      }
    }
  }
  omp_set_num_threads(all_threads);
  if (rows.empty()) throw std::runtime_error{"no work was measured: the peers that fit --peer can do none of them"};

  std::printf("\n%s\n%s", latency_table(rows).c_str(), booster_table(rows).c_str());

  write(places.rows, rows_as_json(rows).dump(2) + '\n');
  write(places.table, as_markdown(rows));
  add_settings(machine, rows);
  write(places.machine, machine.dump(2) + '\n');
  std::printf("\nWritten: %s, %s, %s\n", places.rows.c_str(), places.table.c_str(), places.machine.c_str());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  restart_with_environment(argv);
  Options options;
  CLI::App app{"Rocket beside other libraries: the same works in turns, in one process."};
  app.add_option("--work", options.work, "a regular expression, upper and lower case as they are: which works")
      ->capture_default_str();
  app.add_option("--peer", options.peer, "the same: which peers")->capture_default_str();
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
    std::fflush(stdout);
    std::fprintf(stderr, "bench-peers: %s\n", problem.what());
    return 1;
  }
}
