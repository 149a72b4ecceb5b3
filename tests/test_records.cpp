// Records from files, ids that find their rows, and the AUC of each user.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <rocket/data/click_log.hpp>
#include <rocket/data/libfm.hpp>
#include <rocket/metrics/auc.hpp>
#include <rocket/metrics/gauc.hpp>
#include <rocket/rocket.hpp>

#include "support/catch.hpp"
#include "support/temporary_folder.hpp"
#include "support/throws.hpp"

using namespace rocket;

namespace {

using Inputs = Fields<Id<"user", 4>, Id<"item", 4>, Bag<"tags", 4, 3, Pool::weighted_sum>, Numbers<"price", 2>>;
using Two = Fields<Id<"user", 4>, Id<"item", 4>>;

Word row(std::uint32_t index) { return Word::row(index); }
Word number(float value) { return Word::number(value); }

}  // namespace

TEST_CASE("a vocabulary numbers ids as they come, and knows no other ones once it is frozen", "[records]") {
  IdRows ids;
  CHECK(ids.rows() == 1);  // a table has a row
  CHECK(ids("b") == row(0));
  CHECK(ids("a") == row(1));
  CHECK(ids("b") == row(0));
  CHECK(ids("") == row(2));
  ids.freeze();
  CHECK(ids("c") == Word{});
  CHECK(ids("a") == row(1));
  CHECK(ids.rows() == 3);
}

TEST_CASE("a hash spreads any ids over the rows there are, the same on every machine", "[records]") {
  IdRows ids = IdRows::hashed(7);
  std::vector<int> hits(7);
  for (int i = 0; i < 7000; ++i) ++hits[ids(std::to_string(i)).as_row()];
  for (const int count : hits) CHECK(count > 900);
  CHECK(ids.rows() == 7);
  CHECK(IdRows::hashed(1000)("68fd1e64") == row(113));
  CHECK(IdRows::hashed(1000)("266") == row(156));
  CHECK_THROWS_AS(IdRows::hashed(0), ValueError);
}

TEST_CASE("ids that are rare are forgotten, and what isn't known may share a row", "[records]") {
  IdRows ids;
  for (const char* id : {"a", "b", "c", "b", "c", "c", "d", "a"}) ids(id);
  IdRows kept = ids;
  kept.drop_rare(2);
  CHECK(kept.ids() == std::vector<std::string_view>{"a", "b", "c"});
  CHECK(kept("d") == Word{});
  CHECK(kept.rows() == 3);
  kept.share_unknown();
  CHECK(kept("d") == row(3));
  CHECK(kept.rows() == 4);
  CHECK(kept.shared_row() == 3);
  ids.drop_rare(3);
  CHECK(ids.ids() == std::vector<std::string_view>{"c"});
  CHECK(ids("c") == row(0));
  ids.drop_rare(4);
  CHECK(ids.rows() == 1);  // a table has a row
  CHECK(ids("c") == Word{});

  IdRows numbers = IdRows::numbered(5);
  CHECK(numbers("4") == row(4));
  for (const char* id : {"5", "-1", "", "1 ", "x", "4294967297"}) CHECK(numbers(id) == Word{});
  numbers.share_unknown();
  CHECK(numbers("5") == row(5));
  CHECK(numbers.rows() == 6);
  IdRows hash = IdRows::hashed(5);
  hash.drop_rare(7);
  hash.share_unknown();
  CHECK(hash.rows() == 5);
  CHECK_FALSE(hash.shared_row());

  const std::string_view list[] = {"x", std::string_view{"\0\xFF\n", 3}, ""};
  const IdRows given = IdRows::of(list);
  CHECK(given.find({"\0\xFF\n", 3}) == row(1));
  CHECK(given.find("") == row(2));
  CHECK(given.find("y") == Word{});
  IdRows still = given;
  still.drop_rare(std::numeric_limits<std::uint32_t>::max());  // nobody counted them
  CHECK(still.ids() == given.ids());
  CHECK(thrown_by<ValueError>([] {
          IdRows::of(std::array<std::string_view, 3>{"a", "b", "a"});
        }).argument() == "ids[2]");
  CHECK_THROWS_AS(IdRows::numbered(0), ValueError);
}

TEST_CASE("a vocabulary of many ids of all lengths is that of a map", "[records]") {
  IdRows ids;
  std::map<std::string, std::uint32_t> rows;
  std::vector<std::string> in_order;
  const Random random{3};
  for (std::uint64_t i = 0; i < 30000; ++i) {
    const auto bits = random.bits(i);
    const std::string id =
        std::to_string(bits[0] % 20000) + std::string(bits[0] % 41, static_cast<char>(bits[0] % 256));
    const auto [at, is_new] = rows.emplace(id, static_cast<std::uint32_t>(rows.size()));
    if (is_new) in_order.push_back(id);
    REQUIRE(ids(id) == row(at->second));
  }
  CHECK(std::ranges::equal(ids.ids(), in_order));
  CHECK(ids.rows() == rows.size());
  for (const auto& [id, number] : rows) REQUIRE(ids.find(id) == row(number));
  ids.freeze();
  CHECK(ids("-1") == Word{});
}

TEST_CASE("threads may look up what is frozen at the same time", "[records]") {
  FieldIds<Two> ids;
  for (int i = 0; i < 1000; ++i) ids["user"](std::to_string(i));
  ids["item"] = IdRows::hashed(100);
  ids.freeze();
  const FieldIds<Two>& shared = ids;
  std::array<std::uint64_t, 4> sums{};
  {
    std::vector<std::jthread> threads;
    for (std::uint64_t& sum : sums)
      threads.emplace_back([&] {
        for (int i = 0; i < 2000; ++i) {
          sum += shared["user"].find(std::to_string(i)).is_row();
          sum += ids["item"](std::to_string(i)).is_row();
        }
      });
  }
  for (const std::uint64_t sum : sums) CHECK(sum == 3000);
  CHECK(ids.rows() == std::array<std::size_t, 2>{1000, 100});
  CHECK_THROWS_AS(shared["nobody"], ValueError);
}

TEST_CASE("records are split by chance, with their weights", "[records]") {
  Records<Two> records;
  for (std::uint32_t i = 0; i < 100; ++i) {
    records.words.insert(records.words.end(), {row(i), row(2 * i)});
    records.labels.push_back(i % 4 == 0);
    records.weights.push_back(static_cast<float>(i));
  }
  records.name = "log";
  const auto [first, second] = split(records, 0.8, Seed{1});
  CHECK(first.size() == 80);
  CHECK(second.size() == 20);
  CHECK(std::accumulate(first.labels.begin(), first.labels.end(), 0) == 20);
  CHECK(first.name == "log");
  std::vector<int> seen(100);
  for (const auto* part : {&first, &second})
    for (std::size_t i = 0; i < part->size(); ++i) {
      const std::uint32_t user = part->row(i)[0].as_row();
      ++seen[user];
      CHECK(part->row(i)[1] == row(2 * user));
      CHECK(part->labels[i] == (user % 4 == 0));
      CHECK(part->weights[i] == static_cast<float>(user));
    }
  CHECK(seen == std::vector<int>(100, 1));
  CHECK(split(records, 80, Seed{1}).first.words == first.words);
  CHECK(split(records, 0.8, Seed{2}).first.words != first.words);
  CHECK(split(records, 30, Seed{1}, Sampling::simple).first.size() == 30);
  CHECK_THROWS_AS(split(records, 101, Seed{1}), ValueError);
  CHECK(Samples<Word>(first).weight(3) == first.weights[3]);
  CHECK(records.take(std::vector<std::size_t>{7, 7}).weights == std::vector<float>{7, 7});
  const auto refused = [&](const auto& spoil) {
    Records<Two> faulty = records;
    spoil(faulty);
    return thrown_by<ValueError>([&] { faulty.take(std::vector<std::size_t>{0}); }).argument();
  };
  CHECK(refused([](auto& r) { r.weights.pop_back(); }) == "weights");
  CHECK(refused([](auto& r) { r.weights[3] = -1; }) == "weights[3]");
  CHECK(refused([](auto& r) { r.words.pop_back(); }) == "features");
  CHECK(refused([](auto& r) { r.labels[2] = 2; }) == "labels[2]");
}

TEST_CASE("lines with field numbers fill the fields they name", "[records]") {
  const TemporaryFolder folder;
  FieldIds<Inputs> ids;
  const std::string path = folder.write("a.ffm",
                                        "1 0:17:1 1:5:1 2:8:0.5 2:9:-2 3:0:3.25\n"
                                        "\r\n"
                                        "-1 3:0:1 3:1:2 1:6:1 2:9:1  # no user\r\n"
                                        "+1 0:17:1\n\n");
  const auto records = read_libfm(path, ids);
  const Word none;
  CHECK(records.labels == std::vector<int>{1, 0, 1});
  CHECK(records.words == std::vector<Word>{row(0),     row(0),    row(0),        row(1),    none,      number(0.5F),
                                           number(-2), number(0), number(3.25F), number(0), none,      row(1),
                                           row(1),     none,      none,          number(1), number(0), number(0),
                                           number(1),  number(2), row(0),        none,      none,      none,
                                           none,       number(0), number(0),     number(0), number(0), number(0)});
  CHECK(ids.rows() == std::array<std::size_t, 3>{1, 2, 2});
  CHECK(records.report.lines == 3);
  CHECK(records.name == path);
  CHECK(records.column("item") == std::vector<std::uint32_t>{0, 1, Word::most_rows});
  CHECK_THROWS_AS(records.column("price"), ValueError);
  CHECK_THROWS_AS(records.column("tags"), ValueError);
  CHECK(records.take(std::vector<std::size_t>{2, 0}).labels == std::vector<int>{1, 1});
  CHECK_THROWS_AS(records.take(std::vector<std::size_t>{3}), ValueError);
}

TEST_CASE("lines without them fill one field after the other, or by where a field's indices begin", "[records]") {
  const TemporaryFolder folder;
  FieldIds<Two> ids;
  const auto by_place = read_libfm(folder.write("a", "1 10:1 900:1\n0 12:1 900:1\n"), ids);
  CHECK(by_place.words == std::vector<Word>{row(0), row(0), row(1), row(0)});
  ids.freeze();

  const auto by_index = read_libfm(folder.write("b", "1 900:1 12:1\n0 901:1\n"), ids, {.begins = {0, 100}});
  CHECK(by_index.words == std::vector<Word>{row(1), row(0), Word{}, Word{}});
  CHECK(by_index.report.unknown == 1);
  CHECK(by_index.report.first_fault ==
        folder / "b" + ": line 2: expected an id of field item that is known, found \"901\"");
}

TEST_CASE("numbers stand where their index says, and tabs are as good as blanks", "[records]") {
  const TemporaryFolder folder;
  using Priced = Fields<Id<"user", 4>, Numbers<"price", 3>>;
  FieldIds<Priced> ids;
  const auto by_index = read_libfm(folder.write("a", "1\t5:1\t12:7 10:-1\n"), ids, {.begins = {0, 10}});
  CHECK(by_index.words == std::vector<Word>{row(0), number(-1), number(0), number(7)});
  CHECK(thrown_by<FileError>([&] {
          read_libfm(folder.write("b", "1 5:1 13:7\n"), ids, {.begins = {0, 10}});
        }).expected() == "a place below 3 of field price");
  CHECK(read_libfm(folder.write("d", "1 0:5:1 1:11:7\n"), ids, {.begins = {0, 10}}).words ==
        std::vector<Word>{row(0), number(0), number(7), number(0)});
  CHECK(read_libfm(folder.write("c", "1 5:1 99:7\n"), ids).words ==
        std::vector<Word>{row(0), number(7), number(0), number(0)});
}

TEST_CASE("faults are refused with their place, or counted", "[records]") {
  const TemporaryFolder folder;
  const auto refused = [&](const std::string& line, const LibfmOptions& options = {}) {
    FieldIds<Two> ids;
    const std::string path = folder.write("a", "1 10:1 900:1\n" + line + "\n");
    const auto error = thrown_by<FileError>([&] { read_libfm(path, ids, options); });
    CHECK(error.path() == path);
    CHECK(error.place() == "line 2");
    const auto counted = [&] {
      LibfmOptions lenient = options;
      lenient.malformed = lenient.unknown = lenient.beyond = Faults::count;
      FieldIds<Two> anew;
      return read_libfm(path, anew, lenient);
    }();
    CHECK(counted.report.lines == 2);
    CHECK(counted.report.malformed + counted.report.beyond == 1);
    CHECK(counted.size() == 2 - counted.report.malformed);
    CHECK(counted.report.first_fault == error.what());
    return error.expected() + ", found " + error.found();
  };
  CHECK(refused("2 10:1") == "a label, -1, 0 or 1, found \"2\"");
  CHECK(refused("clicked 10:1") == "a label, -1, 0 or 1, found \"clicked\"");
  CHECK(refused("1 10") == "index:value or field:index:value, found \"10\"");
  CHECK(refused("1 10:") == "index:value or field:index:value, found \"10:\"");
  CHECK(refused("1 10:nan") == "index:value or field:index:value, found \"10:nan\"");
  CHECK(refused("1 -3:1") == "index:value or field:index:value, found \"-3:1\"");
  CHECK(refused("1 2:10:1") == "a field below 2, found \"2:10:1\"");
  CHECK(refused("1 0:1:") == "index:value or field:index:value, found \"0:1:\"");
  CHECK(refused("1 0:10:1:1") == "index:value or field:index:value, found \"0:10:1:1\"");
  CHECK(refused("1 10:1 900:1 3:1") == "no more than 2 features, one a field, found \"3:1\"");
  CHECK(refused("1 10:0.5") == "the value 1: the rows of field user aren't weighed, found \"10:0.5\"");
  CHECK(refused("1 0:1:1 0:2:1") == "at most 1 of field user, found \"2\"");
  CHECK(refused("1 12:1 15:1", {.begins = {10, 20}}) == "at most 1 of field user, found \"15\"");

  FieldIds<Two> ids;
  CHECK(thrown_by<FileError>([&] { read_libfm(folder.write("b", "\n\n"), ids); }).expected() == "a record");
  CHECK(thrown_by<FileError>([&] { read_libfm(folder / "nowhere", ids); }).path() == folder / "nowhere");
  CHECK_THROWS_AS(read_libfm(folder.write("c", "1 1:1"), ids, {.begins = {1}}), ValueError);
  CHECK_THROWS_AS(read_libfm(folder.write("c", "1 1:1"), ids, {.begins = {3, 1}}), ValueError);
  CHECK_THROWS_AS(read_libfm(folder.write("c", "1 1:1"), ids, {.begins = {1, 1}}), ValueError);
  CHECK_THROWS_AS(read_libfm(folder / "c", ids, {.max_bytes = 3}), FileError);
}

namespace {
// A format of one's own: who, what, how often.
template <class RecordFields>
class ViewParser : public RecordParser<RecordFields> {
 public:
  struct Options {
    Faults malformed = Faults::count, unknown = Faults::count, beyond = Faults::refuse;
    std::size_t max_bytes = unlimited_bytes;
  };
  ViewParser(const std::string& path, FieldIds<RecordFields>& ids, const Options& options)
      : RecordParser<RecordFields>{path, ids}, options_{options} {}
  static int classes() { return 2; }
  void parse(std::string_view line, std::size_t number, Records<RecordFields>& records) {
    this->add_record(number, options_, records, [&](RecordTarget& target) {
      const std::size_t first = line.find(' '), second = line.rfind(' ');
      if (first == second) {
        this->fault(options_.malformed, records.report, 0, "who, what, how often", std::string{line});
        return false;
      }
      this->features_ = {{0, line.substr(0, first), 1}, {1, line.substr(first + 1, second - first - 1), 1}};
      target = {1, std::stof(std::string{line.substr(second + 1)})};
      return true;
    });
  }

 private:
  const Options options_;
};
}  // namespace

TEST_CASE("a format of one's own says what a line holds, and is read as the others are", "[records]") {
  const TemporaryFolder folder;
  const std::string path = folder.write_gzip("views.gz", "u1 i1 2\r\nu2\nu2 i1 0.5\n");
  FieldIds<Two> ids;
  RecordReader<ViewParser<Two>> reader{path, ids};
  const Records<Two> records = reader.read_all();
  CHECK(records.words == std::vector<Word>{row(0), row(0), row(1), row(0)});
  CHECK(records.labels == std::vector<int>{1, 1});
  CHECK(records.weights == std::vector<float>{2, 0.5F});
  CHECK(reader.report().lines == 3);
  CHECK(reader.report().malformed == 1);
  CHECK(reader.report().first_fault == path + ": line 2: expected who, what, how often, found u2");
}

TEST_CASE("the grouped AUC is each user's, weighed by impressions", "[records]") {
  struct Impression {
    std::uint32_t user;
    float logit;
    int label;
  };
  //                                      user 7: 3 of 4 pairs in order; user 2: a tie; user 5: one class only
  const std::vector<Impression> shown{{7, 2, 1}, {2, 1, 0}, {7, -1, 0}, {5, 3, 1}, {7, 0.5F, 1}, {2, 1, 1}, {7, 1, 0}};
  std::vector<std::uint32_t> users;
  for (const Impression& one : shown) users.push_back(one.user);
  Gauc gauc{users};
  for (const Impression& one : shown) gauc.add(std::span<const float>{std::array{0.0F, one.logit}}, one.label);
  CHECK(gauc.value() == Approx((4 * 0.75 + 2 * 0.5) / 6));
  CHECK_THROWS_AS(gauc.add(std::span<const float>{std::array{0.0F, 1.0F}}, 1), ValueError);

  Gauc one_class{{3, 3}};
  CHECK_THROWS_AS(one_class.value(), ValueError);
  one_class.add(std::span<const float>{std::array{0.0F, 1.0F}}, 1);
  CHECK_THROWS_AS(one_class.value(), ValueError);
  one_class.add(std::span<const float>{std::array{0.0F, 2.0F}}, 1);
  CHECK_THROWS_AS(one_class.value(), ValueError);

  // Nobody is no user.
  Gauc unknown{{3, Word::most_rows, 3, Word::most_rows}};
  for (const int label : {0, 1, 1, 0})
    unknown.add(std::span<const float>{std::array{0.0F, static_cast<float>(label)}}, label);
  CHECK(unknown.value() == 1);
  CHECK_THROWS_AS(Gauc{{1}}.add(std::span<const float>{std::array{0.0F, 1.0F, 2.0F}}, 1), ValueError);

  // A score that only tells users apart is worth nothing.
  Gauc grouped{{0, 0, 1, 1}};
  Auc auc;
  const auto feed = [&](float logit, int label) {
    const std::array logits{0.0F, logit};
    grouped.add(std::span<const float>{logits}, label);
    auc.add(std::span<const float>{logits}, label);
  };
  feed(-1, 0), feed(-1, 1), feed(1, 1), feed(1, 1);
  CHECK(grouped.value() == 0.5);
  CHECK(auc.value() > 0.8);
}

TEST_CASE("records train a net of their fields", "[records]") {
  const TemporaryFolder folder;
  std::string text;
  for (int user = 0; user < 12; ++user)
    for (int item = 0; item < 12; ++item)
      text += ((user % 3 == 0) != (item % 2 == 0) ? "1 " : "-1 ") + std::to_string(user) + ":1 " +
              std::to_string(100 + item) + ":1\n";
  FieldIds<Two> ids;
  const auto records = read_libfm(folder.write("a", text), ids);
  using Net = Launch<Two, Sequential<Dense<16>, Relu>, Dense<1>, Sequential<Dense<16>, Relu, Dense<1>>>;
  Trainer trainer{Net{Seed{1}, ids.rows()}, LogitMse{}, Adagrad{.rate = 0.1}, Threads{1}};
  trainer.fit(records, {.epochs = 60, .batch_size = 24});
  CHECK(trainer.measure(records, Gauc{records.column("user")}).light().value() > 0.99);
}

TEST_CASE("a made-up log of clicks is a function of its seed, has a power law, and can be learned", "[records]") {
  using Clicks = Fields<Id<"user", 4>, Id<"item", 4>, Bag<"tags", 2, 3>, Numbers<"price">>;
  const ClickLog<Clicks> log{20000, {50, 40, 30}, Seed{3}}, same{5, {50, 40, 30}, Seed{3}},
      other{5, {50, 40, 30}, Seed{4}};
  std::vector<Word> record(Clicks::words), again = record;
  std::vector<int> users(50), lengths(4);
  double clicks = 0, expected = 0;
  for (std::size_t i = 0; i < log.size(); ++i) {
    log.read(i, record);
    ++users[record[0].as_row()];
    REQUIRE(record[1].as_row() < 40);
    int length = 0;
    while (length < 3 && record[static_cast<std::size_t>(2 + length)].is_row()) ++length;
    ++lengths[static_cast<std::size_t>(length)];
    clicks += log.label(i);
    expected += 1 / (1 + std::exp(-log.log_odds(i)));
  }
  CHECK(clicks == Approx(expected).epsilon(0.02));
  CHECK(users[0] > 10 * users[40]);
  CHECK(users[49] > 0);
  for (const int count : lengths) CHECK(count == Approx(5000).epsilon(0.1));
  same.read(3, again);
  log.read(3, record);
  CHECK(again == record);
  other.read(3, again);
  CHECK(again != record);
  CHECK_THROWS_AS((ClickLog<Clicks>{1, {50, 0, 30}, Seed{3}}), ValueError);
  const ClickLog<Clicks> behind{5, {50, 40, 30}, Seed{3}, 1000};
  behind.read(2, again);
  log.read(1002, record);
  CHECK(again == record);
  CHECK(behind.log_odds(2) == log.log_odds(1002));

  using Net = Plain<Clicks, Sequential<Dense<32>, Relu, Dense<1>>>;
  Trainer trainer{Net{Seed{1}, {50, 40, 30}}, Adam{.rate = 0.01}, Threads{1}};
  trainer.fit(log, {.epochs = 6, .batch_size = 100});
  struct Truth {
    const ClickLog<Clicks>& log;
    double sum = 0;
    void add(std::span<const float> logits, int /*label*/) {
      sum += std::pow(static_cast<double>(logits[1]) - log.log_odds(samples++), 2);
    }
    std::size_t samples = 0;
  };
  const double gap = trainer.measure(log, Truth{log}).heads[0].sum / static_cast<double>(log.size());
  CHECK(gap < 1);  // of log-odds whose variance is 3
}
