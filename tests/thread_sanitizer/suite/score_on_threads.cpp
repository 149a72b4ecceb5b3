// Many threads score requests on one const model, through a Scorer and through an InferenceWorkspace: all answers are
// those of a single thread, to the bit. Usage: score_on_threads THREADS REQUESTS, of each thread
#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <thread>
#include <vector>

#include <rocket/data/click_log.hpp>
#include <rocket/deploy/scorer.hpp>
#include <rocket/layers/layers.hpp>
#include <rocket/net/launch.hpp>

using namespace rocket;

namespace {

using Inputs = Fields<Id<"user", 4>, Bag<"likes", 4, 5>, Id<"item", 4>, Numbers<"price">>;
using Net = Solo<Inputs, Sequential<>, Head<"light", Sequential<Dense<8>, BatchNorm<>, Relu, Dense<1>>>>;
using Scoring = Scorer<Net, "user", "likes">;
constexpr std::array<std::size_t, 3> rows{50, 20, 30};
constexpr std::size_t requests = 200, candidates = 4;

struct Model {
  Net net{Seed{7}, rows};
  Prepared<Net> prepared{net};
  Scoring scorer{net};
};

template <class Some>
std::vector<Word> made_up(const std::array<std::size_t, Some::table_count>& of_tables, std::size_t count) {
  const ClickLog<Some> log{count, of_tables, Seed{1}};
  constexpr std::size_t words = Some::words;
  std::vector<Word> all(count * words);
  for (std::size_t i = 0; i < count; ++i) log.read(i, std::span{all}.subspan(i * words, words));
  return all;
}

struct Requests {
  std::vector<Word> said = made_up<Scoring::Request>({rows[0], rows[1]}, requests);
  std::vector<Word> of_candidates = made_up<Scoring::Candidate>({rows[2]}, requests* candidates);
  std::vector<Word> records = made_up<Inputs>(rows, requests);
};

// What one thread has of its own.
class Client {
 public:
  // The logits of the request's candidates, and of a whole record.
  std::array<float, candidates + 1> ask(const Model& model, const Requests& of, std::size_t i) {
    constexpr std::size_t in_request = Scoring::Request::words, in_candidates = candidates * Scoring::Candidate::words;
    std::array<float, candidates + 1> logits{};
    model.scorer(own_, std::span{of.said}.subspan(i * in_request, in_request),
                 std::span{of.of_candidates}.subspan(i * in_candidates, in_candidates),
                 std::span{logits}.first(candidates));
    workspace_.forward(model.net, model.prepared, of.records.data() + i * Inputs::words, 1);
    logits.back() = workspace_.logits()[0][0];
    return logits;
  }

 private:
  Scoring::Workspace own_;
  InferenceWorkspace<Net> workspace_{1};
};

}  // namespace

int main(int argc, char** argv) {
  const int threads = argc == 3 ? std::atoi(argv[1]) : 0;
  const long each = argc == 3 ? std::atol(argv[2]) : 0;
  if (threads < 1 || each < 1) {
    std::fputs("usage: score_on_threads THREADS REQUESTS\n", stderr);
    return 2;
  }
  const Model model;
  const Requests of;
  std::vector<std::array<float, candidates + 1>> serial;
  Client alone;
  for (std::size_t i = 0; i < requests; ++i) serial.push_back(alone.ask(model, of, i));

  std::atomic<long> others{0};
  {
    std::vector<std::jthread> at_once;
    for (int t = 0; t < threads; ++t)
      at_once.emplace_back([&, t] {
        Client client;
        for (long n = 0; n < each; ++n) {
          const std::size_t i = static_cast<std::size_t>(n + 17L * t) % requests;
          if (client.ask(model, of, i) != serial[i]) ++others;
        }
      });
  }
  std::printf("%d threads, %ld requests each, %ld answers that differ\n", threads, each, others.load());
  return others > 0;
}
