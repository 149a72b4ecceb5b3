// Scores requests with a light net that was trained elsewhere (examples/train_ranker.cpp): a line of JSON in, a line
// out. There is nothing of a booster in this program, and nothing that trains.
//
//     echo '{"user": 17, "likes": [3, 4], "hour": 0.5, "candidates": [{"item": 5, "price": 0.3}, {"item": 7}]}' |
//       build/release/examples/serve --net ranker.safetensors
#include <CLI/CLI.hpp>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <iostream>
#include <nlohmann/json.hpp>
#include <rocket/net/weights.hpp>
#include <string>
#include <vector>

#include "serve/load.hpp"
#include "serve/net.hpp"
#include "serve/record.hpp"

namespace {

using nlohmann::json;
using rocket::Word;
using serve::Ranker;

/// The log-odds of a click, candidate by candidate.
json answer(const Ranker& ranker, Ranker::Workspace& workspace, const std::string& line) {
  const json request = json::parse(line);
  std::vector<Word> of_request(Ranker::Request::words), of_candidate(Ranker::Candidate::words), of_candidates;
  serve::read_record(request, Ranker::Request::list, "candidates", of_request, "request");
  const json candidates = request.value("candidates", json{});
  if (!candidates.is_array()) throw rocket::ValueError("candidates", "a list of objects", candidates.dump());
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    serve::read_record(candidates[i], Ranker::Candidate::list, "", of_candidate, "candidate " + std::to_string(i));
    of_candidates.insert(of_candidates.end(), of_candidate.begin(), of_candidate.end());
  }
  std::vector<float> logits(of_candidates.size() / of_candidate.size());
  ranker(workspace, of_request, of_candidates, logits);
  // JSON has no word for what isn't finite.
  for (std::size_t i = 0; i < logits.size(); ++i)
    if (!std::isfinite(logits[i]))
      throw rocket::ValueError("candidate " + std::to_string(i), "a finite logit", std::to_string(logits[i]));
  return {{"logits", logits}};
}

}  // namespace

int main(int argc, char** argv) try {
  std::string net = "ranker.safetensors";
  serve::Load load;
  CLI::App app{"Scores the candidates of requests: a line of JSON in, a line out."};
  app.add_option("--net", net, "the light net, as train_ranker leaves it")->capture_default_str();
  app.add_option("--load", load.requests, "measure with so many made-up requests instead")->check(CLI::PositiveNumber);
  app.add_option("--candidates", load.candidates, "of a made-up request")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  app.add_option("--threads", load.threads, "that score made-up requests")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);

  const Ranker ranker{rocket::load_net<serve::Pair::light>(net)};
  if (load.requests > 0) return serve::measure(ranker, load) ? 0 : 1;
  Ranker::Workspace workspace;
  for (std::string line; std::getline(std::cin, line);) {
    json said;
    try {
      said = answer(ranker, workspace, line);
    } catch (const std::exception& error) {
      said = {{"error", error.what()}};
    }
    // What is no UTF-8 may have been quoted. Flushed: somebody waits for it.
    std::cout << said.dump(-1, ' ', false, json::error_handler_t::replace) << std::endl;
  }
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "serve: %s\n", error.what());
  return 1;
}
