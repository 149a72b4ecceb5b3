// A net that ranks the candidates of a request: it says what a Predictor says of whole records, and computes what
// belongs to the request once.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <rocket/net/tensors.hpp>
#include <rocket/rocket.hpp>

#include "support/catch.hpp"
#include "support/count_allocations.hpp"
#include "support/throws.hpp"

using namespace rocket;

namespace {

// A request's fields stand first, in the middle and last.
using Inputs = Fields<Id<"user", 6>, Id<"item", 6>, Bag<"likes", 3, 4>, Numbers<"price", 2>,
                      Sequence<"seen", 6, 3, "item">, Id<"shop", 5>, Numbers<"hour">>;
using Stack = Sequential<Sequential<Dense<7>, Relu>, Dense<2>>;
template <class Trunk, class Layers>
using Net = Solo<Inputs, Trunk, Head<"light", Layers>>;
template <class Of>
using ScorerOf = Scorer<Of, "user", "likes", "seen", "hour">;
constexpr std::array<std::size_t, Inputs::table_count> tables{30, 40, 9, 12};  // rows of each

constexpr int item = Inputs::field("item").begin_column, seen = Inputs::field("seen").begin_column;
using History = Sequential<Concat<Slice<item, 6>, Slice<seen, 3 * 6>>, Slice<0, 4, 6>, AttentionPool<4>>;

using OfTables = Net<Sequential<>, Stack>;                                         // the head's Dense is split
using OfATrunk = Net<Sequential<Part<"first", Dense<8, Bias::no>>, Relu>, Stack>;  // the trunk's
using OfColumns = Net<Concat<Slice<0, seen>, History, Sequential<>>, Stack>;       // the head's, behind what was joined
using OfAName = Net<Part<"cut", Slice<6, seen>>, Named<"all", Dense<2>>>;          // the head's, all there is of it
using OfSides = Net<Slice<0, 2, 2, 4>, Sequential<AttentionMap, Dense<2>>>;        // none, and somebody looks inside
using OfAWhole = Net<Sequential<>, Sequential<BatchNorm<>, Relu, Dense<1>>>;       // none

Word row(std::uint64_t draw, std::size_t rows) {
  return draw % 5 == 0 ? Word{} : Word::row(static_cast<std::uint32_t>(draw % rows));
}

// A record of every field, and the same without those that the request says.
struct Drawn {
  explicit Drawn(std::size_t candidates) {
    const Random random{9};
    auto draw = [&, next = std::uint64_t{0}]() mutable { return std::uint64_t{random.bits(next++)[0]}; };
    const auto number = [&] { return Word::number(static_cast<float>(draw() % 100) / 50 - 1); };
    request = {row(draw(), 30)};
    for (int k = 0; k < 4; ++k) request.push_back(row(draw(), 9));
    for (int k = 0; k < 3; ++k) request.push_back(row(draw(), 40));
    request.push_back(number());
    for (std::size_t i = 0; i < candidates; ++i) {
      const std::array<Word, 4> said{row(draw(), 40), number(), number(), row(draw(), 12)};
      of_candidates.insert(of_candidates.end(), said.begin(), said.end());
      records.insert(records.end(), {request[0], said[0]});
      records.insert(records.end(), request.begin() + 1, request.begin() + 5);
      records.insert(records.end(), {said[1], said[2]});
      records.insert(records.end(), request.begin() + 5, request.begin() + 8);
      records.insert(records.end(), {said[3], request[8]});
    }
  }
  std::vector<Word> request, of_candidates, records;
};

template <class Of>
Of made() {
  Of net{Seed{3}, tables};
  for (std::size_t i = 0; i < net.parameter_vector().size(); ++i) net.parameter_vector()[i] += 0.01F;  // biases, too
  for (std::size_t i = 0; i < net.statistic_vector().size(); ++i) net.statistic_vector()[i] += 0.1F;
  return net;
}

}  // namespace

TEMPLATE_TEST_CASE("a scorer says of candidates what a predictor says of whole records", "[scorer]", OfTables, OfATrunk,
                   OfColumns, OfAName, OfSides, OfAWhole) {
  using Scoring = ScorerOf<TestType>;
  static_assert(Scoring::Request::words == 9 && Scoring::Candidate::words == 4);
  static_assert(std::is_same_v<typename Scoring::Candidate, Fields<Id<"item", 6>, Numbers<"price", 2>, Id<"shop", 5>>>);
  const Scoring scorer{made<TestType>()};
  typename Scoring::Workspace workspace;
  constexpr auto outputs = static_cast<std::size_t>(Scoring::logits);
  for (const int candidates : {0, 1, 3, 64, 65, 200}) {
    const auto count = static_cast<std::size_t>(candidates);
    const Drawn drawn{count};
    std::vector<float> logits(count * outputs);
    scorer(workspace, drawn.request, drawn.of_candidates, logits);
    if (count == 0) continue;
    Predictor predictor{scorer.net(), 200};
    const auto expected = predictor(drawn.records);
    REQUIRE(expected.size() == logits.size());
    for (std::size_t i = 0; i < logits.size(); ++i) CHECK_THAT(logits[i], Catch::WithinAbs(expected[i], 2e-6));
    CHECK(std::ranges::count(expected, expected[0]) < static_cast<long>(std::max<std::size_t>(count, 2)));

    std::vector<float> alone(outputs);  // to the bit, whoever else there is
    const std::span last = std::span{drawn.of_candidates}.last(4);
    scorer(workspace, drawn.request, last, alone);
    CHECK(std::ranges::equal(alone, std::span{logits}.last(outputs)));
  }
}

TEST_CASE("what is computed once is known while compiling", "[scorer]") {
  using detail::Steady;
  constexpr Steady<6> in{true, true, false, false, true, true};
  using Joined = Concat<Slice<3, 3>, Sequential<>, Dense<2>, Sequential<Slice<4, 2>, Dense<2>, Relu>>;
  constexpr auto out = detail::SteadyBehind<Joined, Shape{6}>::of(in);
  CHECK(out == std::array{false, true, true, true, true, false, false, true, true, false, false, true, true});
  CHECK(detail::count_runs(in, true) == 2);
  constexpr auto runs = detail::runs<2>(in, true);
  CHECK((runs[0].begin == 0 && runs[0].end == 2 && runs[1].begin == 4 && runs[1].end == 6));
  CHECK(detail::count_runs(in, false) == 1);
}

TEST_CASE("a scorer refuses what is no request and no candidates, and rows that no table has", "[scorer]") {
  const ScorerOf<OfTables> scorer{made<OfTables>()};
  ScorerOf<OfTables>::Workspace workspace;
  Drawn drawn{70};
  std::vector<float> logits(140);
  const auto refused = [&](std::span<const Word> request, std::span<const Word> candidates, std::span<float> into) {
    const auto error = thrown_by<ValueError>([&] { scorer(workspace, request, candidates, into); });
    return error.argument() + ": " + error.expected() + ", not " + error.found();
  };
  const std::span<const Word> request{drawn.request}, candidates{drawn.of_candidates};
  CHECK(refused(request.first(8), candidates, logits) == "request: 9, not 8");
  CHECK(refused(request, candidates.first(7), logits) == "candidates: a multiple of 4 words, not 7");
  CHECK(refused(request, candidates, std::span{logits}.first(139)) == "into: 140, not 139");
  drawn.of_candidates[66 * 4 + 3] = Word::row(12);
  CHECK(refused(request, candidates, logits) == "candidate 66, field shop: a row in [0, 12), not 12");
  drawn.request[7] = Word::row(40);
  CHECK(refused(request, candidates, logits) == "request, field seen: a row in [0, 40), not 40");
  OfTables net = made<OfTables>();
  const OfTables taken{std::move(net)};
  // NOLINTNEXTLINE(bugprone-use-after-move): that is what it is about.
  CHECK(thrown_by<ValueError>([&] { ScorerOf<OfTables>{std::move(net)}; }).argument() == "net");
}

TEST_CASE("a scorer's workspace is the bytes it says, and scoring allocates nothing", "[scorer][allocations]") {
  const ScorerOf<OfColumns> scorer{made<OfColumns>()};
  const std::size_t before = allocated_bytes;
  ScorerOf<OfColumns>::Workspace workspace;
  CHECK(allocated_bytes - before == ScorerOf<OfColumns>::Workspace::bytes);
  const Drawn drawn{70};
  std::vector<float> logits(140);
  const long allocations_before = allocations;
  scorer(workspace, drawn.request, drawn.of_candidates, logits);
  CHECK(allocations == allocations_before);
}

TEST_CASE("a file's net has tables as long as the file's", "[scorer]") {
  const OfTables saved = made<OfTables>();
  TensorFile file;
  file.path = "net";
  file.tensors = tensors_of(saved);
  const auto loaded = net_of<OfTables>(file);
  CHECK(loaded.tables().rows() == tables);
  CHECK(std::ranges::equal(loaded.parameter_vector(), saved.parameter_vector()));
  CHECK(std::ranges::equal(loaded.tables().vector(), saved.tables().vector()));

  const auto refused = [&] {
    const auto error = thrown_by<FileError>([&] { net_of<OfTables>(file); });
    return error.place() + ": " + error.expected() + ", not " + error.found();
  };
  const auto shop = std::ranges::find(file.tensors, "tables.shop", &Tensor::name);
  REQUIRE(shop != file.tensors.end());
  shop->shape = {5, 12};
  CHECK(refused() == "\"tables.shop\": F32 [rows, 5], not F32 [5, 12]");
  shop->shape = {0, 5};
  CHECK(refused() == "\"tables.shop\": F32 [rows, 5], not F32 [0, 5]");
  file.tensors.erase(shop);
  CHECK(refused() == "\"tables.shop\": F32 [rows, 5], not no array of that name");
}
