// Kills a training process (SIGKILL) at random moments and starts it again until it gets to its end, many times: what
// it ends with must be, to the bit, what it ends with when nobody disturbs it.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <stdexcept>
#include <string>
#include <thread>

#include <rocket/core/random.hpp>

#include "../support/temporary_folder.hpp"

namespace {

struct Run {
  std::string program, folder, threads, optimizer;
};

pid_t start(const Run& run) {
  const pid_t process = fork();
  if (process < 0) throw std::runtime_error("no process");
  if (process > 0) return process;
  execl(run.program.c_str(), run.program.c_str(), run.folder.c_str(), run.threads.c_str(), run.optimizer.c_str(),
        nullptr);
  _exit(127);
}

// Whether it was killed; throws where it ended badly by itself.
bool was_killed(pid_t process) {
  int status = 0;
  if (waitpid(process, &status, 0) != process) throw std::runtime_error("the process is gone");
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) return true;
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return false;
  throw std::runtime_error("a process that was started again ended with status " + std::to_string(status));
}

// A log without its times (cells 3 and 4), which no two runs share.
std::string timeless(const std::string& log) {
  std::string rows;
  int cell = 0;
  for (const char c : log) {
    cell = c == '\n' ? 0 : cell + (c == ',');
    if (cell != 3 && cell != 4) rows += c;
  }
  return rows;
}

// What it ended with, and its log; beside them only two checkpoints and the lock of the folder.
std::string end_of(const Run& run) {
  const std::string bytes = content(run.folder + "/end");
  if (bytes.empty()) throw std::runtime_error("no end in " + run.folder);
  const auto files = std::distance(std::filesystem::directory_iterator{run.folder}, {});
  if (files != 5) throw std::runtime_error(std::to_string(files) + " files are left in " + run.folder);
  return bytes + timeless(content(run.folder + "/log.csv"));
}

}  // namespace

int main(int argc, char** argv) try {
  const long wanted = argc == 3 ? std::atol(argv[2]) : 0;
  if (wanted < 1) {
    std::fprintf(stderr, "usage: %s PROGRAM KILLS\n", argv[0]);
    return 2;
  }
  const TemporaryFolder folder;
  const rocket::Random random{1};
  const std::array<std::string, 2> optimizers{"sgd", "adam"};

  std::array<std::string, 2> undisturbed;
  double longest = 0;  // seconds such a run takes
  for (std::size_t i = 0; i < optimizers.size(); ++i) {
    const auto begin = std::chrono::steady_clock::now();
    const Run run{argv[1], folder / optimizers[i], "1", optimizers[i]};
    if (was_killed(start(run))) throw std::runtime_error("somebody else kills");
    undisturbed[i] = end_of(run);
    longest = std::max(longest, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  }

  long kills = 0, runs = 0, starts = 0;
  for (; kills < wanted; ++runs) {
    const std::size_t which = static_cast<std::size_t>(runs) % optimizers.size();
    const Run run{argv[1], folder / ("run" + std::to_string(runs)), "", optimizers[which]};
    for (bool killed = true; killed; ++starts) {
      Run next = run;
      next.threads = std::to_string(1 + random.bits(static_cast<std::uint64_t>(starts), 0)[0] % 3);
      const pid_t process = start(next);
      // About as often in the middle of the work as while it starts or ends.
      const double life = 0.6 * longest * random.uniform(static_cast<std::uint64_t>(starts), 1);
      std::this_thread::sleep_for(std::chrono::duration<double>(life));
      kill(process, SIGKILL);
      killed = was_killed(process);
      kills += killed;
    }
    if (end_of(run) != undisturbed[which]) throw std::runtime_error("other bits after " + std::to_string(kills));
    std::filesystem::remove_all(run.folder);
  }
  std::printf("%ld kills in %ld runs, %ld starts: the same bits as undisturbed\n", kills, runs, starts);
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "kill: %s\n", error.what());
  return 1;
}
