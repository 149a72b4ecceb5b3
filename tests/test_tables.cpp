// Nets whose samples are ids: what a record looks up, what comes back to the rows it touched, and that no other row
// moves.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <rocket/rocket.hpp>
#include <rocket/train/checkpoint.hpp>

#include "support/catch.hpp"
#include "support/checksum.hpp"
#include "support/count_allocations.hpp"
#include "support/finite_difference.hpp"
#include "support/random_numbers.hpp"
#include "support/temporary_folder.hpp"
#include "support/throws.hpp"

using namespace rocket;

namespace {

// All kinds of fields; three tables, two of them looked up by two fields, one with rows of an odd width.
using Inputs =
    Fields<Id<"user", 3>, Id<"item", 4>, Bag<"genres", 5, 4>, Bag<"tags", 5, 3, Pool::weighted_sum, "genres">,
           Bag<"bought", 4, 3, Pool::sum, "item">, Sequence<"seen", 4, 3, "item">, Numbers<"price", 2>>;
constexpr std::uint32_t users = 30, items = 20, genres = 12;
constexpr std::array<std::size_t, 3> rows{users, items, genres};
static_assert(Inputs::words == 1 + 1 + 4 + 6 + 3 + 3 + 2);
static_assert(Inputs::shape == Shape{3 + 4 + 5 + 5 + 4 + 12 + 2});
static_assert(Inputs::field("seen").begin_word == 15 && Inputs::field("seen").begin_column == 21);

template <class T>
using Pair = Launch<Inputs, Sequential<Dense<6>, BatchNorm<>, Tanh>, Sequential<Dense<2>>,
                    Sequential<Dense<7>, Tanh, Dense<2>>, T>;

// Records drawn at random: lists of any length, ids that come twice, empty cells.
struct Drawn {
  std::vector<Word> words;
  std::vector<int> labels;

  explicit Drawn(int count, std::uint64_t seed = 1) {
    for (int i = 0; i < count; ++i) {
      std::uint64_t next = 0;
      const auto draw = [&](std::uint32_t below) {
        return Random{seed}.bits(static_cast<std::uint64_t>(i), next++)[0] % below;
      };
      const auto push = [&](std::uint32_t of) { words.push_back(draw(9) == 0 ? Word{} : Word::row(draw(of))); };
      push(users);
      push(items);
      for (int k = 0; k < 4; ++k) push(draw(2) ? genres : 1);
      for (int k = 0; k < 3; ++k) push(genres);
      for (int k = 0; k < 3; ++k) words.push_back(Word::number(static_cast<float>(draw(100)) / 64 - 0.5F));
      for (int k = 0; k < 6; ++k) push(items);
      for (int k = 0; k < 2; ++k) words.push_back(Word::number(static_cast<float>(draw(100)) / 64 - 0.5F));
      labels.push_back(static_cast<int>(draw(2)));
    }
  }
  std::size_t size() const { return labels.size(); }
  operator Samples<Word>() const { return {words, labels, Inputs::words, 2}; }
};

template <class Net>
std::uint64_t checksum_of_all(const Net& net) {
  return checksum(net) ^ checksum(net.tables().vector());
}

// Row r of table t.
template <class Net>
auto row(Net& net, std::size_t t, std::size_t r) {
  const auto table = net.tables().list_of(net.tables().vector())[t];
  const auto width = static_cast<std::size_t>(table.dimension);
  return table.numbers.subspan(r * width, width);
}

// Whether a record of the batch means that row of that table.
bool touches(const Drawn& drawn, std::size_t t, std::uint32_t r) {
  for (std::size_t i = 0; i < drawn.size(); ++i)
    for (const Field& field : Inputs::list)
      for (int k = 0; k < field.most; ++k)
        if (field.table == Inputs::tables[t].name &&
            drawn.words[i * Inputs::words + static_cast<std::size_t>(field.begin_word + k)] == Word::row(r))
          return true;
  return false;
}

}  // namespace

TEST_CASE("what a record becomes: rows, their sum, mean or weighted sum, side by side, zeros, numbers", "[tables]") {
  using Small = Fields<Id<"a", 2>, Bag<"b", 1, 3>, Bag<"c", 2, 2, Pool::weighted_sum, "a">,
                       Bag<"d", 2, 2, Pool::sum, "a">, Sequence<"e", 2, 3, "a">, Numbers<"f", 2>>;
  Tables<float, Small> tables{{3, 4}};
  const std::vector<float> a{1, 2, 10, 20, 100, 200}, b{1, 2, 4, 8};
  const auto list = tables.list_of(tables.vector());
  std::ranges::copy(a, list[0].numbers.begin());
  std::ranges::copy(b, list[1].numbers.begin());
  const auto r = [](std::uint32_t index) { return Word::row(index); };
  const auto n = [](float number) { return Word::number(number); };
  const Word none;
  const std::vector<Word> records{r(2), r(0), none, r(3), r(1),  r(0), n(0.5F), n(-1), r(1), r(1),
                                  r(2), none, r(0), n(7), n(-7), none, none,    none,  none, none,
                                  none, n(3), n(4), none, none,  none, none,    none,  n(0), n(1)};
  std::vector<float> read(2 * 15, -1.0F);
  static_assert(Small::words == 15 && Small::shape == Shape{15});
  tables.look_up(records.data(), 2, 1, read.data());
  CHECK(read == std::vector<float>{100, 200, 4.5F, 5 - 1, 10 - 2, 20, 40, 100, 200, 0, 0, 1, 2, 7, -7,  //
                                   0,   0,   0,    0,     0,      0,  0,  0,   0,   0, 0, 0, 0, 0, 1});
}

TEST_CASE("rows start as a function of seed, table and row, however many there are", "[tables]") {
  const Pair<float> net{Seed{7}, rows}, same{Seed{7}, rows}, larger{Seed{7}, {31, 20, 9000}}, other{Seed{8}, rows};
  CHECK(checksum_of_all(net) == checksum_of_all(same));
  CHECK(std::ranges::equal(row(net, 2, 11), row(larger, 2, 11)));
  CHECK_FALSE(std::ranges::equal(row(net, 0, 0), row(other, 0, 0)));
  double squares = 0;
  const auto many = larger.tables().list_of(larger.tables().vector())[2];
  for (const float x : many.numbers) squares += static_cast<double>(x) * static_cast<double>(x);
  CHECK(squares / static_cast<double>(many.rows) == Approx(1).epsilon(0.03));  // the square of a row's length
}

TEMPLATE_TEST_CASE("gradients of rows are those of finite differences", "[tables]", GradientBlock::None,
                   GradientBlock::Logits, GradientBlock::LightInput) {
  const Drawn drawn{9};
  Pair<double> net{Seed{3}, rows};
  const LossWeights weights{.light = 0.7, .booster = 1.2, .hint = 0.5};
  Trainer trainer{net, LogitMse{}, TestType{}, weights, Sgd{.rate = 1}, Threads{1}};
  trainer.step(drawn.words, drawn.labels);
  // With the hint's way to the booster blocked, the booster's logits in it are numbers of their own.
  constexpr bool blocked = !std::is_same_v<TestType, GradientBlock::None>;
  constexpr bool light_asks = !std::is_same_v<TestType, GradientBlock::LightInput>;
  TrainingWorkspace<Pair<double>, Edge{0}, Edge{1}> workspace{9};
  std::vector<double> fixed;
  const auto loss = [&] {
    workspace.forward(net, drawn.words.data(), 9, Context{.seed = net.seed()});
    double sum = 0;
    for (int i = 0; i < 9; ++i) {
      const auto light = workspace.logits<0>()[i], booster = workspace.logits<1>()[i];
      const auto label = static_cast<std::size_t>(drawn.labels[static_cast<std::size_t>(i)]);
      const auto entropy = [&](auto logits) {
        return std::log(std::exp(logits[0]) + std::exp(logits[1])) - logits[label];
      };
      sum += weights.booster * entropy(booster);
      if (light_asks) sum += weights.light * entropy(light);
      for (std::size_t c = 0; c < 2 && light_asks; ++c) {
        const double target = blocked ? fixed[static_cast<std::size_t>(2 * i) + c] : booster[c];
        sum += weights.hint * (light[c] - target) * (light[c] - target);
      }
    }
    return sum / 9;
  };
  workspace.forward(net, drawn.words.data(), 9, Context{.seed = net.seed()});
  fixed.assign(workspace.logits<1>().data, workspace.logits<1>().data + 18);
  const std::span<double> numbers = net.tables().vector();
  const std::vector<double> expected = finite_differences(numbers, loss);
  std::vector<double> found;
  for (std::size_t i = 0; i < numbers.size(); ++i) found.push_back(numbers[i] - trainer.net().tables().vector()[i]);
  CHECK(relative_error(found, expected) < 1e-7);
}

TEST_CASE("the heads of a net without a trunk share its tables alone", "[tables]") {
  using Net =
      Launch<Fields<Id<"user", 2>>, Sequential<>, Sequential<Dense<2>>, Sequential<Dense<3>, Tanh, Dense<2>>, double>;
  Net net{Seed{1}, {4}};
  const std::vector<Word> words{Word::row(1), Word::row(3), Word::row(1)};
  const std::vector<int> labels{0, 1, 1};
  Trainer trainer{net, NoHint{}, Sgd{.rate = 1}, Threads{1}};
  trainer.step(words, labels);
  TrainingWorkspace<Net, Edge{0}, Edge{1}> workspace{3};
  const auto loss = [&] {
    workspace.forward(net, words.data(), 3, Context{.seed = net.seed()});
    double sum = 0;
    for (int i = 0; i < 3; ++i) {
      const auto entropy = [&](auto logits) {
        return std::log(std::exp(logits[0]) + std::exp(logits[1])) -
               logits[static_cast<std::size_t>(labels[static_cast<std::size_t>(i)])];
      };
      sum += entropy(workspace.logits<0>()[i]) + entropy(workspace.logits<1>()[i]);
    }
    return sum / 3;
  };
  const std::vector<double> expected = finite_differences(net.tables().vector(), loss);
  std::vector<double> found;
  for (std::size_t i = 0; i < expected.size(); ++i)
    found.push_back(net.tables().vector()[i] - trainer.net().tables().vector()[i]);
  CHECK(relative_error(found, expected) < 1e-8);
}

TEMPLATE_TEST_CASE("rows that no sample touches keep their bits, those that one does move as a dense piece would",
                   "[tables]", Sgd, Adagrad, Adam, AdamW) {
  const Drawn first{4, 5}, second{4, 6};
  TestType optimizer{.rate = 0.1};
  optimizer.weight_decay = 0.01;
  if constexpr (std::is_same_v<TestType, Sgd>) optimizer.momentum = 0.9;
  const Pair<double> start{Seed{3}, rows};
  Trainer trainer{start, optimizer, Threads{1}};
  constexpr std::size_t states = TestType::states;

  // The gradient of the first step, from a step of plain descent.
  Trainer plain{start, Sgd{.rate = 1}, Threads{1}};
  plain.step(first.words, first.labels);
  trainer.step(first.words, first.labels);
  for (std::size_t t = 0; t < 3; ++t)
    for (std::uint32_t r = 0; r < rows[t]; ++r) {
      const std::span<const double> before = row(start, t, r), after = row(trainer.net(), t, r),
                                    descended = row(plain.net(), t, r);
      if (!touches(first, t, r)) {
        CHECK(std::ranges::equal(before, after));
        continue;
      }
      std::vector<double> expected(before.begin(), before.end()), gradient, state(states * before.size());
      for (std::size_t i = 0; i < before.size(); ++i) gradient.push_back(before[i] - descended[i]);
      std::array<double*, states> at;
      for (std::size_t s = 0; s < states; ++s) at[s] = state.data() + s * before.size();
      optimizer(Piece{before.size(), 0.1, 0.01, 1}, expected.data(), gradient.data(), at);
      CHECK(relative_error(after, expected) < 1e-12);
    }

  // What is remembered of a row stands still, too, until it is touched again.
  const Pair<double> between = trainer.net();
  const std::vector<double> remembered(trainer.table_state().begin(), trainer.table_state().end());
  trainer.step(second.words, second.labels);
  int asleep = 0;
  for (std::size_t t = 0; t < 3; ++t)
    for (std::uint32_t r = 0; r < rows[t]; ++r) {
      if (touches(second, t, r)) continue;
      asleep += touches(first, t, r);
      CHECK(std::ranges::equal(row(between, t, r), row(trainer.net(), t, r)));
      const std::size_t begin = between.tables().begin(t) + r * row(between, t, r).size();
      for (std::size_t s = 0; s < states; ++s)
        for (std::size_t i = begin + s * between.tables().size(); i < begin + s * between.tables().size() + 3; ++i)
          CHECK(trainer.table_state()[i] == remembered[i]);
    }
  CHECK(asleep > 0);
}

TEST_CASE("the same bits for any number of threads", "[tables]") {
  const Drawn drawn{3000, 2};  // enough for a team
  std::set<std::uint64_t> found;
  for (const int threads : {1, 2, 3, 8}) {
    Trainer trainer{Pair<float>{Seed{5}, rows}, Kl{}, Adam{.rate = 0.01}, ClipNorm{0.1}, Threads{threads}};
    trainer.fit(drawn, {.epochs = 2, .batch_size = 1500});
    found.insert(checksum_of_all(trainer.net()));
  }
  CHECK(found.size() == 1);
}

TEST_CASE("a gradient's norm is that of parameters and rows together", "[tables]") {
  const Drawn drawn{16};
  const Pair<double> start{Seed{3}, rows};
  const auto moved = [&](double norm) {
    Trainer trainer{start, Sgd{.rate = 1}, ClipNorm{norm}, Threads{1}};
    trainer.step(drawn.words, drawn.labels);
    double squares = 0;
    const auto add = [&](std::span<const double> before, std::span<const double> after) {
      for (std::size_t i = 0; i < before.size(); ++i) squares += (before[i] - after[i]) * (before[i] - after[i]);
    };
    add(start.parameter_vector(), trainer.net().parameter_vector());
    add(start.tables().vector(), trainer.net().tables().vector());
    return std::sqrt(squares);
  };
  const double whole = moved(0);
  REQUIRE(whole > 0.2);
  CHECK(moved(0.1) == Approx(0.1));
  CHECK(moved(2 * whole) == Approx(whole));
}

TEST_CASE("a report on gradients counts rows among what light and booster share", "[tables]") {
  using Net = Launch<Fields<Id<"user", 2>>, Sequential<>, Sequential<Dense<2>>, Sequential<Dense<2>>, double>;
  const std::vector<Word> words{Word::row(1), Word::row(3), Word::row(1)};
  const std::vector<int> labels{0, 1, 1};
  const Net start{Seed{1}, {4}};
  Trainer trainer{start, NoHint{}, Sgd{.rate = 0}, Threads{1}};
  GradientReport report;
  struct Look {
    decltype(trainer)& of;
    GradientReport& into;
    void on_step(const StepReport&) { into = of.gradient_report(); }
  };
  trainer.fit(make_samples<Word>(words, labels, 1, 2), {.epochs = 1, .batch_size = 3}, Look{trainer, report});
  Trainer moves{start, NoHint{}, Sgd{.rate = 1}, Threads{1}};
  moves.step(words, labels);
  double squares = 0;
  for (std::size_t i = 0; i < 8; ++i)
    squares += std::pow(start.tables().vector()[i] - moves.net().tables().vector()[i], 2);
  CHECK(report.shared == Approx(std::sqrt(squares)));
  CHECK(report.cosine.has_value());
}

TEST_CASE("it learns who likes what, and the light net says the same alone", "[tables]") {
  using Clicks = Fields<Id<"user", 4>, Id<"item", 4>>;
  using Net = Launch<Clicks, Sequential<Dense<16>, Relu>, Sequential<Dense<2>>, Sequential<Dense<32>, Relu, Dense<2>>>;
  std::vector<Word> words;
  std::vector<int> labels;
  for (std::uint32_t user = 0; user < 20; ++user)
    for (std::uint32_t item = 0; item < 20; ++item) {
      words.insert(words.end(), {Word::row(user), Word::row(item)});
      labels.push_back((user % 3 == 0) != (item % 2 == 0));
    }
  const auto samples = make_samples<Word>(words, labels, 2, 2);
  Trainer trainer{Net{Seed{2}, {20, 20}}, Kl{}, Adam{.rate = 0.02}, Threads{1}};
  trainer.fit(samples, {.epochs = 40, .batch_size = 50});
  const auto report = trainer.evaluate(samples);
  CHECK(report.light().error == 0);
  CHECK(report.booster().error == 0);

  Predictor light{trainer.light()};
  CHECK(light.net().tables().vector().data() != trainer.net().tables().vector().data());
  int right = 0;
  for (std::size_t i = 0; i < samples.size(); ++i) right += light.classify(samples.row(i)) == labels[i];
  CHECK(right == 400);

  // And a trained booster teaches a light net with tables of its own.
  Trainer taught{Net::light{Seed{4}, {20, 20}}, Teacher{trainer.booster(), Kl{.temperature = 2}, 1.0},
                 Adam{.rate = 0.02}, Threads{1}};
  taught.fit(samples, {.epochs = 40, .batch_size = 50});
  CHECK(taught.evaluate(samples).heads[0].error == 0);
}

TEST_CASE("a net of numbers alone reads records, too", "[tables]") {
  using Net = Plain<Fields<Numbers<"a", 2>, Numbers<"b">>, Dense<2>>;
  const std::vector<Word> words{Word::number(1), Word::number(-2), Word::number(0.5F)};
  const Plain<Input<3>, Dense<2>> other{Seed{3}};
  Predictor of_words{Net{Seed{3}}};
  Predictor of_numbers{other};
  CHECK(std::ranges::equal(of_words(words), of_numbers(std::vector<float>{1, -2, 0.5F})));
  CHECK(std::ranges::equal(of_words(std::vector<Word>{Word{}, Word::number(3), Word{}}),
                           of_numbers(std::vector<float>{0, 3, 0})));  // an empty cell
  Trainer trainer{of_words.net(), Threads{1}};
  trainer.step(words, std::vector<int>{1});
  Trainer same{other, Threads{1}};
  same.step(std::vector<float>{1, -2, 0.5F}, std::vector<int>{1});
  CHECK(checksum(trainer.net()) == checksum(same.net()));
}

TEST_CASE("once the first step is done, nothing allocates", "[tables]") {
  const Drawn drawn{64};
  Trainer trainer{Pair<float>{Seed{5}, rows}, Adam{.rate = 0.01}, ClipNorm{1}, Threads{1}};
  trainer.step(drawn.words, drawn.labels);
  const long before = allocations;
  trainer.step(drawn.words, drawn.labels);
  CHECK(allocations == before);
}

TEST_CASE("inference allocates nothing, however long the names of tables are", "[tables]") {
  using Net = Plain<Fields<Id<"a name longer than any string holds by itself", 2>>, Dense<2>>;
  Predictor predictor{Net{Seed{1}, {9}}, 4};
  const std::vector<Word> ids(4, Word::row(8));
  const long before = allocations;
  predictor(ids);
  CHECK(allocations == before);
}

TEST_CASE("a checkpoint holds tables and what is remembered of them; a run goes on with the same bits", "[tables]") {
  const TemporaryFolder folder;
  const Drawn drawn{90, 3};
  const auto fresh = [] { return Trainer{Pair<float>{Seed{5}, rows}, Adam{.rate = 0.01}, Threads{1}}; };
  auto whole = fresh();
  whole.fit(drawn, {.epochs = 4, .batch_size = 32});

  auto cut = fresh();
  struct Pause {
    Then on_step(const StepReport& step) { return step.epoch == 2 && step.step == 1 ? Then::pause : Then::go_on; }
  };
  CHECK_FALSE(cut.fit(drawn, {.epochs = 4, .batch_size = 32}, Pause{}));
  save_checkpoint(cut, folder / "run.safetensors");
  auto taken_up = fresh();
  load_checkpoint(taken_up, folder / "run.safetensors");
  CHECK(taken_up.fit(drawn, {.epochs = 4, .batch_size = 32}));
  CHECK(checksum_of_all(taken_up.net()) == checksum_of_all(whole.net()));

  const TensorFile file = read_safetensors(folder / "run.safetensors");
  REQUIRE(file.find("tables.item"));
  CHECK(file.find("tables.item")->shape == std::vector<std::uint64_t>{20, 4});
  REQUIRE(file.find("optimizer.1.tables.user"));

  // A net with fewer users isn't that one, but takes the other tables by name.
  Trainer smaller{Pair<float>{Seed{5}, {29, 20, 12}}, Adam{.rate = 0.01}, Threads{1}};
  const auto error = thrown_by<FileError>([&] { load_checkpoint(smaller, folder / "run.safetensors"); });
  CHECK(error.place() == "\"tables.user\"");
  CHECK(error.expected() == "F32 [29, 3]");
  CHECK(error.found().starts_with("F32 [30, 3]"));
  const LoadReport report = load_weights(smaller.net(), file, Take::by_name);
  CHECK(report.unlike == std::vector<std::string>{"tables.user"});
  CHECK(std::ranges::equal(row(smaller.net(), 1, 19), row(cut.net(), 1, 19)));

  Pair<float> copied{Seed{9}, {29, 20, 12}};
  const CopyReport copies = copy_by_name(copied, cut.net());
  CHECK(copies.left == 1);
  CHECK(std::ranges::equal(row(copied, 2, 3), row(cut.net(), 2, 3)));
}

TEST_CASE("the best net's tables are kept with it", "[tables]") {
  const Drawn drawn{64};
  Trainer trainer{Pair<float>{Seed{5}, rows}, Sgd{.rate = 0.1}, Threads{1}};
  std::uint64_t first = 0;
  BestSoFar best{trainer, [&, epoch = 0]() mutable {
                   if (epoch == 0) first = checksum_of_all(trainer.net());
                   return epoch++;
                 }};
  trainer.fit(drawn, {.epochs = 3, .batch_size = 64}, best);
  CHECK(checksum_of_all(best.net()) == first);
  CHECK(checksum_of_all(trainer.net()) != first);
}

TEST_CASE("a net of tables alone isn't there once it was moved from", "[tables]") {
  using Fm = Plain<Fields<Id<"a", 4>, Id<"b", 4>>, Sequential<Slice<0, 2, 4>, FactorizationMachine<>>>;
  static_assert(Fm::parameters == 0 && Fm::classes == 2);
  Fm net{Seed{1}, {3, 3}};
  const std::vector<Word> record{Word::row(2), Word::row(1)};
  Predictor moved{std::move(net)};
  const auto a = row(moved.net(), 0, 2), b = row(moved.net(), 1, 1);
  CHECK(moved(record)[0] == Approx(a[0] * b[0] + a[1] * b[1] + a[2] * b[2] + a[3] * b[3]));
  InferenceWorkspace<Fm> workspace{1};
  CHECK_THROWS_AS(workspace.forward(net, record), ValueError);
  CHECK_THROWS_AS(moved.net().parameter("x"), ValueError);
}

TEST_CASE("what isn't there is refused, before anything has changed", "[tables]") {
  Drawn drawn{8};
  Trainer trainer{Pair<float>{Seed{5}, rows}, Adam{}, Threads{1}};
  const std::uint64_t before = checksum_of_all(trainer.net());

  SECTION("a row behind the last one") {
    drawn.words[3 * Inputs::words + 16] = Word::row(20);  // seen
    const auto error = thrown_by<ValueError>([&] { trainer.step(drawn.words, drawn.labels); });
    CHECK(error.what() == std::string{"record 3 of the batch, field seen: expected a row in [0, 20), found 20"});
  }
  SECTION("many of them, on any number of threads the first") {
    Drawn many{3000};
    for (const std::size_t i : {2900u, 1801u, 2000u, 1802u}) many.words[i * Inputs::words + 1] = Word::row(99);
    for (const int threads : {1, 4}) {
      Trainer team{Pair<float>{Seed{5}, rows}, Threads{threads}};
      CHECK(thrown_by<ValueError>([&] { team.step(many.words, many.labels); }).argument() ==
            "record 1801 of the batch, field item");
    }
  }
  SECTION("another net with other tables") {
    trainer.net() = Pair<float>{Seed{5}, {5000, 5000, 5000}};
    CHECK(thrown_by<ValueError>([&] { trainer.step(drawn.words, drawn.labels); }).argument() == "net");
    CHECK(thrown_by<ValueError>([&] { trainer.fit(drawn, {}); }).argument() == "net");
    return;
  }
  SECTION("a table by another name") {
    CHECK(trainer.net().table("user").rows == users);
    CHECK(trainer.net().table("tables.item").rows == items);
    CHECK(thrown_by<ValueError>([&] { static_cast<void>(trainer.net().table("genre")); }).argument() == "table");
    CHECK_THROWS_AS(trainer.net().parameter("tables.user"), ValueError);
  }
  SECTION("which sample it is, where that is known") {
    drawn.words[3 * Inputs::words + 1] = Word::row(20);
    const std::vector<int> who{7, 6, 5, 4, 3, 2, 1, 0};
    CHECK(thrown_by<ValueError>([&] { trainer.step(drawn.words, drawn.labels, who); }).argument() ==
          "sample 4, field item");
  }
  SECTION("half a record") {
    drawn.words.pop_back();
    CHECK_THROWS_AS(trainer.step(drawn.words, drawn.labels), ValueError);
  }
  SECTION("a number that isn't finite") {
    drawn.words[5 * Inputs::words + 18] = Word::number(std::numeric_limits<float>::infinity());
    const auto error = thrown_by<NonFiniteError>([&] { trainer.step(drawn.words, drawn.labels); });
    CHECK(error.where() == "the features, sample 5 of the batch");
  }
  SECTION("a weight that isn't finite") {
    drawn.words[2 * Inputs::words + 9] = Word::number(std::numeric_limits<float>::quiet_NaN());
    drawn.words[2 * Inputs::words + 6] = Word{};
    CHECK_NOTHROW(Trainer{trainer.net(), Threads{1}}.step(drawn.words, drawn.labels));  // of no row
    drawn.words[2 * Inputs::words + 6] = Word::row(1);
    const auto error = thrown_by<NonFiniteError>([&] { trainer.step(drawn.words, drawn.labels); });
    CHECK(error.where() == "the features, sample 2 of the batch");
  }
  SECTION("a table that has left the finite numbers") {
    trainer.net().tables().vector()[0] = std::numeric_limits<float>::quiet_NaN();
    drawn.words[0] = Word::row(0);
    const auto error = thrown_by<NonFiniteError>([&] { trainer.step(drawn.words, drawn.labels); });
    CHECK(error.where() == "tables.user");
    return;
  }
  SECTION("a table without rows") {
    const auto error = thrown_by<ValueError>([] { Pair<float>{Seed{1}, {3, 0, 1}}; });
    CHECK(error.what() == std::string{"rows of tables.item: expected 1 to 4294967295, found 0"});
  }
  CHECK(checksum_of_all(trainer.net()) == before);
}
