#include "serve/load.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <rocket/data/click_log.hpp>
#include <span>
#include <thread>
#include <vector>

namespace serve {

namespace {

using rocket::Word;
using Clock = std::chrono::steady_clock;

/// Records of some of the net's fields, one after the other.
template <class Some>
std::vector<Word> made_up(const Ranker& ranker, std::size_t records) {
  typename rocket::ClickLog<Some>::Rows rows{};
  for (std::size_t t = 0; t < rows.size(); ++t) rows[t] = ranker.net().table(Some::tables[t].name).rows;
  const rocket::ClickLog<Some> log{records, rows, rocket::Seed{1}};
  constexpr auto words = static_cast<std::size_t>(Some::words);
  std::vector<Word> all(records * words);
  for (std::size_t i = 0; i < records; ++i) log.read(i, std::span{all}.subspan(i * words, words));
  return all;
}

/// Different requests that take turns, and what the ranker says to each.
class Requests {
 public:
  Requests(const Ranker& ranker, std::size_t count, std::size_t candidates)
      : ranker_{ranker},
        count_{count},
        words_{candidates * Ranker::Candidate::words},
        requests_{made_up<Ranker::Request>(ranker, count)},
        candidates_{made_up<Ranker::Candidate>(ranker, count * candidates)},
        answers_(count * candidates) {
    Ranker::Workspace workspace;
    for (std::size_t i = 0; i < count_; ++i)
      score(workspace, i, std::span{answers_}.subspan(i * candidates, candidates));
  }

  void score(Ranker::Workspace& workspace, std::size_t i, std::span<float> into) const {
    constexpr auto request_words = static_cast<std::size_t>(Ranker::Request::words);
    ranker_(workspace, std::span{requests_}.subspan(i % count_ * request_words, request_words),
            std::span{candidates_}.subspan(i % count_ * words_, words_), into);
  }
  bool is_answer(std::size_t i, std::span<const float> logits) const {
    return std::ranges::equal(logits, std::span{answers_}.subspan(i % count_ * logits.size(), logits.size()));
  }

 private:
  const Ranker& ranker_;
  std::size_t count_;
  std::size_t words_;  ///< of all candidates of a request
  std::vector<Word> requests_, candidates_;
  std::vector<float> answers_;
};

}  // namespace

bool measure(const Ranker& ranker, const Load& load) {
  const Requests requests{ranker, std::min<std::size_t>(load.requests, 1000), load.candidates};
  std::vector<double> microseconds(load.requests);
  std::atomic<std::size_t> next{0};
  std::atomic<bool> equal{true};
  const auto serve = [&] {
    Ranker::Workspace workspace;
    std::vector<float> logits(load.candidates);
    for (std::size_t i = next++; i < load.requests; i = next++) {
      const auto start = Clock::now();
      requests.score(workspace, i, logits);
      microseconds[i] = std::chrono::duration<double, std::micro>(Clock::now() - start).count();
      if (!requests.is_answer(i, logits)) equal = false;
    }
  };
  const auto start = Clock::now();
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < load.threads; ++t) threads.emplace_back(serve);
  }
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  std::ranges::sort(microseconds);
  const auto percentile = [&](std::size_t p) { return microseconds[(load.requests - 1) * p / 100]; };
  std::printf(
      "%zu requests of %zu candidates, %d threads: median %.1f us, 99 %% within %.1f us; %.0f requests/s; answers %s\n",
      load.requests, load.candidates, load.threads, percentile(50), percentile(99),
      static_cast<double>(load.requests) / seconds, equal ? "as before" : "that differ");
  return equal;
}

}  // namespace serve
