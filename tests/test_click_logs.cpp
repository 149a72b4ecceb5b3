// Logs of clicks: separated values with named columns, Criteo's format, part by part, ids in files, shards of records.
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <rocket/data/criteo.hpp>
#include <rocket/data/delimited.hpp>
#include <rocket/data/ids_file.hpp>
#include <rocket/data/libfm.hpp>
#include <rocket/data/shard_file.hpp>
#include <rocket/data/shards.hpp>
#include <rocket/rocket.hpp>

#include "support/catch.hpp"
#include "support/checksum.hpp"
#include "support/temporary_folder.hpp"
#include "support/throws.hpp"

using namespace rocket;

namespace {

using Inputs = Fields<Id<"user", 4>, Bag<"tags", 4, 3>, Numbers<"price", 2>>;
using Two = Fields<Id<"user", 4>, Id<"item", 4>>;
using Three = Fields<Id<"user", 4>, Id<"item", 4>, Id<"tags", 4>>;

const Word none;
Word row(std::uint32_t index) { return Word::row(index); }
Word number(float value) { return Word::number(value); }

DelimitedOptions prices() {
  return {.label = "clicked", .fields = {{"tags", {}, '|'}, {"price", {"price", "shipping"}}}};
}

// A log whose clicks hang on whether user and item are odd.
std::string odd_log(int from, int to) {
  std::string text = "label,user,item\n";
  for (int i = from; i < to; ++i)
    text += std::to_string((i % 7 + i % 5) % 2) + ",u" + std::to_string(i % 7) + ",i" + std::to_string(i % 5) + '\n';
  return text;
}

// A line of Criteo's format: the counts are all that one, the ids are letters.
std::string criteo_line(const std::string& label, const std::string& count, char id) {
  std::string line = label;
  for (int k = 0; k < 13; ++k) line += '\t' + count;
  for (int k = 0; k < 26; ++k) line += '\t' + (id == 0 ? "" : "0000000" + std::string(1, id));
  return line;
}

}  // namespace

TEST_CASE("columns feed the fields of their names, whatever their order", "[click logs]") {
  const TemporaryFolder folder;
  FieldIds<Inputs> ids;
  const std::string path = folder.write_gzip("a.csv.gz",
                                             "\xEF\xBB\xBFprice,clicked,tags,unused,user,shipping\r\n"
                                             "3.25,1,news|sports,x,u1, +1e1 \r\n"
                                             "\r\n"
                                             ",-1,,,u2,\r\n"
                                             "-2,0,sports|||cars,y, u1,0.5");
  const auto records = read_delimited(path, ids, prices());
  CHECK(records.labels == std::vector<int>{1, 0, 0});
  CHECK(records.words == std::vector<Word>{row(0), row(0), row(1), none, number(3.25F), number(10),  //
                                           row(1), none, none, none, number(0), number(0),           //
                                           row(2), row(1), row(2), none, number(-2), number(0.5F)});
  CHECK(ids["user"].ids() == std::vector<std::string_view>{"u1", "u2", " u1"});
  CHECK(records.report.lines == 3);
  CHECK(records.report.empty == 3 + 2);
  CHECK(records.report.first_fault.empty());
  CHECK(records.name == path);
  CHECK(records.weights.empty());
}

TEST_CASE("cells may stand between quotes", "[click logs]") {
  const TemporaryFolder folder;
  FieldIds<Two> ids;
  const auto records = read_delimited(folder.write("a",
                                                   "\"label\",user,\"item\"\n"
                                                   "\"1\",\"a, b\",\"the \"\"best\"\"\"\n"
                                                   "0,\"\",\"\"\"\"\n"
                                                   "0,a\"b,\"\"\n"),
                                      ids);
  CHECK(ids["user"].ids() == std::vector<std::string_view>{"a, b", "a\"b"});
  CHECK(ids["item"].ids() == std::vector<std::string_view>{"the \"best\"", "\""});
  CHECK(records.report.empty == 2);
  FieldIds<Two> plain;
  read_delimited(folder.write("b", "1;\"a;b\"\n"), plain,
                 {.separator = ';', .quote = 0, .header = false, .columns = {"label", "user", "item"}});
  CHECK(plain["item"].ids() == std::vector<std::string_view>{"b\""});
}

TEST_CASE("a column may feed several fields, and several columns one", "[click logs]") {
  const TemporaryFolder folder;
  using Lists = Fields<Id<"item", 2>, Sequence<"seen", 2, 3, "item">, Bag<"tags", 2, 2, Pool::weighted_sum>,
                       Numbers<"past", 3>, Numbers<"ratio">>;
  FieldIds<Lists> ids;
  const DelimitedOptions options{.header = false,
                                 .columns = {"label", "weight", "now", "before", "ago", "tags", "past", "ratio"},
                                 .weight = "weight",
                                 .classes = 3,
                                 .fields = {{"item", {"now"}},
                                            {.field = "seen", .columns = {"before", "ago", "now"}},
                                            {.field = "tags", .between = ' '},
                                            {.field = "past", .between = ' ', .transform = log_of_count},
                                            {.field = "ratio", .transform = [](float x) { return 1 / x; }}}};
  const auto records =
      read_delimited(folder.write("a", "2,0.5,a,,c,x:2 y,1  -3,4\n0,3,c,a,b,z:-1:0.5,,-8\n"), ids, options);
  CHECK(records.classes == 3);
  CHECK(records.labels == std::vector<int>{2, 0});
  CHECK(records.weights == std::vector<float>{0.5F, 3});
  CHECK(records.words == std::vector<Word>{row(0),       row(1),    row(0),
                                           none,         row(0),    row(1),
                                           number(2),    number(1), number(std::log1p(1.0F)),
                                           number(0),    number(0), number(0.25F),
                                           row(1),       row(0),    row(2),
                                           row(1),       row(2),    none,
                                           number(0.5F), number(0), number(0),
                                           number(0),    number(0), number(-0.125F)});
  CHECK(ids["tags"].ids() == std::vector<std::string_view>{"x", "y", "z:-1"});
  CHECK(thrown_by<FileError>([&] { read_delimited(folder.write("b", "0,1,a,b,c,x,,0\n"), ids, options); }).expected() ==
        "a number that the transform leaves finite");
}

TEST_CASE("faults of separated values are refused with line and column, or counted", "[click logs]") {
  const TemporaryFolder folder;
  const auto refused = [&](const std::string& line, const std::string& place, DelimitedOptions options = prices()) {
    FieldIds<Inputs> ids;
    const std::string path =
        folder.write("a", "user,tags,price,shipping,clicked\nu1,a,1,2,1\n" + line + "\nu1,b,3,4,0\n");
    const auto error = thrown_by<FileError>([&] { read_delimited(path, ids, options); });
    CHECK(error.path() == path);
    CHECK(error.place() == "line 3, column " + place);
    options.malformed = options.beyond = options.empty = options.unknown = Faults::count;
    FieldIds<Inputs> anew;
    const auto counted = read_delimited(path, anew, options);
    CHECK(counted.report.lines == 3);
    CHECK(counted.report.malformed + counted.report.beyond + counted.report.empty == 1);
    CHECK(counted.size() == 3 - counted.report.malformed);
    if (counted.report.empty == 0) CHECK(counted.report.first_fault == error.what());
    CHECK(anew["tags"].find("b").is_row());
    CHECK(anew["user"].rows() == (counted.report.malformed > 0 || line[0] == ',' ? 1 : 2));  // a fault teaches nothing
    return error.expected() + ", found " + error.found();
  };
  CHECK(refused("u2,a,1,2", "5") == "5 columns, found 4");
  CHECK(refused("u2,a,1,2,1,", "6") == "5 columns, found 6");
  CHECK(refused("u2,a,1,2,", "5") == "a label, -1, 0 or 1, found an empty cell");
  CHECK(refused("u2,a,1,2,0.5", "5") == "a label, -1, 0 or 1, found \"0.5\"");
  CHECK(refused("u2,a,1,2,2", "5") == "a label, -1, 0 or 1, found \"2\"");
  CHECK(refused("u2,a,one,2,1", "3") == "a finite number, found \"one\"");
  CHECK(refused("u2,a,1,inf,1", "4") == "a finite number, found \"inf\"");
  CHECK(refused("u2,a,1,+-2,1", "4") == "a finite number, found \"+-2\"");
  CHECK(refused("u2,\"a,1,2,1", "2") == "a quote at the cell's end, and two of them for one within, found others");
  CHECK(refused("u2,\"a\"b,1,2,1", "2") == "a quote at the cell's end, and two of them for one within, found others");
  CHECK(refused("u2,a|b|c|d,1,2,1", "2") == "at most 3 of field tags, found \"d\"");
  DelimitedOptions full = prices();
  full.empty = Faults::refuse;
  CHECK(refused(",a,1,2,1", "1", full) == "a value of field user, found an empty cell");
  DelimitedOptions three = prices();
  three.classes = 3;
  CHECK(refused("u2,a,1,2,-1", "5", three) == "a label, an integer in [0, 3), found \"-1\"");
  CHECK(refused("u2,a,1,2,3", "5", three) == "a label, an integer in [0, 3), found \"3\"");
  DelimitedOptions weighed = prices();
  weighed.weight = "price";
  CHECK(refused("u2,a,-1,2,1", "3", weighed) == "a weight, at least 0, found \"-1\"");

  FieldIds<Inputs> known;
  known.freeze();
  DelimitedOptions strict = prices();
  strict.unknown = Faults::refuse;
  const std::string path = folder.write("b", "user,tags,price,shipping,clicked\nu1,a,1,2,1\n");
  const auto error = thrown_by<FileError>([&] { read_delimited(path, known, strict); });
  CHECK(error.place() == "line 2, column 1");
  CHECK(error.expected() == "an id of field user that is known");
  CHECK(read_delimited(path, known, prices()).report.unknown == 2);
}

TEST_CASE("columns that aren't there, and options that no file can meet, are refused", "[click logs]") {
  const TemporaryFolder folder;
  FieldIds<Inputs> ids;
  const auto of_header = [&](const std::string& header, const DelimitedOptions& options = prices()) {
    const auto error = thrown_by<FileError>([&] { read_delimited(folder.write("a", header), ids, options); });
    CHECK(error.place().starts_with("line 1"));
    return error.expected() + ", found " + error.found();
  };
  CHECK(of_header("clicked,user,tags,price\n1,u,t,1\n") == "a column \"shipping\", found clicked, user, tags, price");
  CHECK(of_header("clicked,user,tags,price,shipping,user\n") == "one column \"user\", found two of them");
  CHECK(of_header("clicked,\"user,tags\n").starts_with("a quote at the cell's end"));
  DelimitedOptions named = prices();
  named.columns = {"clicked", "user", "tags", "price", "shipping"};
  CHECK(of_header("a,b,c\n", named) == "5 columns, found 3");
  CHECK(read_delimited(folder.write("b", "a,b,c,d,e\n1,u,t,2,3\n"), ids, named).size() == 1);
  CHECK(thrown_by<FileError>([&] {
          read_delimited(folder.write("c", "clicked,user,tags,price,shipping\n"), ids, prices());
        }).expected() == "a record");
  CHECK(thrown_by<FileError>([&] { read_delimited(folder.write("c", ""), ids, prices()); }).expected() == "a record");
  CHECK(thrown_by<FileError>([&] { read_delimited(folder / "nowhere", ids, prices()); }).path() == folder / "nowhere");
  CHECK(thrown_by<FileError>([&] {
          DelimitedOptions short_ = named;
          short_.max_bytes = 5;
          read_delimited(folder / "b", ids, short_);
        }).place() == "byte 5");

  const auto wrong = [&](const auto& change) {
    DelimitedOptions options = named;
    change(options);
    const auto error = thrown_by<ValueError>([&] { read_delimited(folder / "b", ids, options); });
    CHECK(error.argument().starts_with("DelimitedOptions::"));
    return error.argument().substr(18);
  };
  using Options = DelimitedOptions;
  CHECK(wrong([](Options& o) { o.separator = '\n'; }) == "separator");
  CHECK(wrong([](Options& o) { o.quote = ','; }) == "quote");
  CHECK(wrong([](Options& o) { o.classes = 1; }) == "classes");
  CHECK(wrong([](Options& o) { o.columns = {"clicked"}; }) == "columns");
  CHECK(wrong([](Options& o) { o.header = false, o.columns = {}; }) == "columns");
  CHECK(wrong([](Options& o) { o.fields[0].field = "nobody"; }) == "fields[0]");
  CHECK(wrong([](Options& o) { o.fields.push_back(o.fields[0]); }) == "fields[2]");
  CHECK(wrong([](Options& o) { o.fields[0].transform = log_of_count; }) == "fields[0].transform");
  CHECK(wrong([](Options& o) { o.fields[0].between = ','; }) == "fields[0].between");
  CHECK(wrong([](Options& o) { o.fields[1].columns = {"price"}; }) == "fields, \"price\"");
  CHECK(wrong([](Options& o) { o.fields[1].between = '|'; }) == "fields[1].columns");
  CHECK(wrong([](Options& o) { o.fields.push_back({"user", {"user", "tags"}}); }) == "fields, \"user\"");

  // What stands before a weight must be there to be found.
  using Weighed = Fields<Bag<"tags", 4, 3, Pool::weighted_sum>>;
  const auto of_weights = [&](char separator, char quote, char between, char before_weight) {
    const DelimitedOptions options{.separator = separator,
                                   .quote = quote,
                                   .header = false,
                                   .columns = {"label", "tags"},
                                   .fields = {{.field = "tags", .between = between, .before_weight = before_weight}}};
    FieldIds<Weighed> of_tags;
    return read_delimited(folder.write("d", std::string("1") + separator + "\"a:2\"\n"), of_tags, options).words[3];
  };
  const std::string argument = "DelimitedOptions::fields, \"tags\", before_weight";
  CHECK(thrown_by<ValueError>([&] { of_weights(',', '"', ':', ':'); }).argument() == argument);
  CHECK(thrown_by<ValueError>([&] { of_weights(':', 0, 0, ':'); }).argument() == argument);
  CHECK(thrown_by<ValueError>([&] { of_weights(',', '"', 0, '\n'); }).argument() == argument);
  CHECK(of_weights(':', '"', 0, ':') == number(2));  // between quotes
  CHECK(of_weights(',', '"', 0, 0) == number(1));
}

TEST_CASE("ids are found by a vocabulary, a hash or their number", "[click logs]") {
  const TemporaryFolder folder;
  FieldIds<Two> ids;
  ids["user"] = IdRows::numbered(3);
  ids["item"] = IdRows::hashed(10);
  const auto records = read_delimited(folder.write("a", "label,user,item\n1,2,x\n1,3,x\n0,u,y\n0,007,y\n0,-1,\n"), ids);
  const Word x = ids["item"].find("x"), y = ids["item"].find("y");
  CHECK(records.words == std::vector<Word>{row(2), x, none, x, none, y, none, y, none, none});
  CHECK(records.report.unknown == 4);
  CHECK(ids.rows() == std::array<std::size_t, 2>{3, 10});
}

TEST_CASE("ids are saved and loaded, whatever bytes they have", "[click logs]") {
  const TemporaryFolder folder;
  const std::string path = folder / "ids";
  FieldIds<Three> ids;
  std::string every(256, ' ');
  for (std::size_t c = 0; c < every.size(); ++c) every[c] = static_cast<char>(c);
  for (const std::string& id : {std::string{"u1"}, every, std::string{}, std::string{"\xC3\xA4"}, std::string(1, '\0')})
    ids["user"](id);
  ids["item"] = IdRows::hashed(1000);
  save_ids(ids, path);
  auto loaded = load_ids<Three>(path);
  CHECK(loaded["user"].ids() == ids["user"].ids());
  CHECK(loaded["user"]("new") == Word{});
  loaded.drop_rare(2);  // nobody counted what is loaded
  CHECK(loaded["user"].ids() == ids["user"].ids());
  CHECK(loaded["item"]("x") == ids["item"]("x"));
  CHECK(loaded["tags"].ids().empty());
  CHECK(loaded.rows() == ids.rows());
  ids["tags"] = IdRows::numbered(7);
  ids["user"].share_unknown();
  ids["tags"].share_unknown();
  save_ids(ids, path);
  loaded = load_ids<Three>(path);
  CHECK(loaded["user"]("new") == row(5));
  CHECK(loaded["tags"]("7") == row(7));
  CHECK(loaded["tags"]("6") == row(6));
  CHECK(loaded.rows() == ids.rows());
  save_ids(loaded, folder / "again");
  CHECK(content(folder / "again") == content(path));

  const std::string whole = content(path);
  std::size_t refused = 0;
  for (std::size_t at = 0; at < whole.size(); at += 7) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    folder.write("damaged", damaged);
    try {  // what says nothing of ids may be lost
      const auto same = load_ids<Three>(folder / "damaged");
      for (std::size_t t = 0; t < 3; ++t) CHECK(same.of(t).ids() == ids.of(t).ids());
      CHECK(same.rows() == ids.rows());
    } catch (const FileError& error) {
      CHECK(error.path() == folder / "damaged");
      ++refused;
    }
    CHECK_THROWS_AS(load_ids<Three>(folder.write("cut", whole.substr(0, at))), FileError);
  }
  CHECK(refused > whole.size() / 7 - 5);
}

TEST_CASE("files of ids that don't fit are refused", "[click logs]") {
  const TemporaryFolder folder;
  const std::string path = folder / "ids";
  const auto refused = [&](const std::vector<Tensor>& arrays) {
    write_safetensors(path, arrays);
    const auto error = thrown_by<FileError>([&] { load_ids<Two>(path); });
    CHECK(error.path() == path);
    return error.place() + ": " + error.expected() + ", found " + error.found();
  };
  using Number = std::array<std::int64_t, 1>;
  const auto of = [](const std::string& name, const std::string& type, const auto& values) {
    return Tensor{name, type, {std::size(values)}, std::as_bytes(std::span{values})};
  };
  const Number zero{0}, two{2}, five{5}, huge{std::int64_t{1} << 40};
  const std::string texts = "abcab";
  const std::array<std::int64_t, 3> ends{2, 3, 5}, sound{1, 3, 5}, falling{3, 2, 5};
  const Tensor item = of("item.hashed", "I64", five), ids = of("user.ids", "U8", texts);
  CHECK(refused({item}) == "\"user\": one of user.ids, .hashed and .numbered, found none");
  CHECK(refused({item, of("user.hashed", "I64", two), of("user.numbered", "I64", two)}) ==
        "\"user\": one of user.ids, .hashed and .numbered, found several");
  CHECK(refused({item, ids, of("user.ends", "I64", ends)}) == "\"user\", ids[2]: each id once, found \"ab\" again");
  CHECK(refused({item, ids, of("user.ends", "I64", falling)}) == "\"user.ends\", number 1: 3 to 5, found 2");
  CHECK(refused({item, ids, of("user.ends", "I64", two)}) == "\"user.ends\": an end of the last id at 5, found 2");
  CHECK(refused({item, ids, of("user.ends", "I64", huge)}) == "\"user.ends\", number 0: 0 to 5, found 1099511627776");
  CHECK(refused({item, ids}) == "\"user.ends\": an array that says where ids end, found none of that name");
  CHECK(refused({item, ids, of("user.ends", "U8", texts)}) == "\"user.ends\": I64 with one extent, found U8 [5]");
  CHECK(refused({item, of("user.hashed", "I64", zero)}) == "\"user.hashed\": 1 to 4294967295, found 0");
  CHECK(refused({item, of("user.numbered", "I64", huge)}) == "\"user.numbered\": 1 to 4294967295, found 1099511627776");
  CHECK(refused({item, of("user.hashed", "I64", sound)}) == "\"user.hashed\": one number, found 3");
  CHECK(refused({item, of("user.numbered", "I64", five), of("user.unknown", "I64", two)}) ==
        "\"user.unknown\": the row 5, found 2");
  CHECK(refused({item, of("user.numbered", "I64", five), of("item.unknown", "I64", five)}) ==
        "\"item.unknown\": none: a hash knows every id, found 5");
  CHECK(refused({item, of("user.hashed", "I64", five), of("tags.hashed", "I64", five)}) ==
        "\"tags.hashed\": arrays of tables that the fields look up, found another one");
  write_safetensors(path, std::vector{item, ids, of("user.ends", "I64", sound)});
  CHECK(load_ids<Two>(path)["user"].ids() == std::vector<std::string_view>{"a", "bc", "ab"});
  CHECK_THROWS_AS(load_ids<Two>(folder / "nowhere"), FileError);
}

TEST_CASE("Criteo's format: a label, counts, ids", "[click logs]") {
  const TemporaryFolder folder;
  using Line = CriteoFields<8>;
  static_assert(Line::words == 13 + 26 && Line::shape.size() == 13 + 26 * 8);
  const std::string path = folder.write("train.txt", criteo_line("1", "5", 'a') + '\n' + criteo_line("0", "", 0) +
                                                         '\n' + criteo_line("0", "-1", 'b') + '\n');
  FieldIds<Line> ids;
  const auto records = read_criteo(path, ids);
  CHECK(records.labels == std::vector<int>{1, 0, 0});
  for (std::size_t k = 0; k < 39; ++k) {
    CHECK(records.row(0)[k] == (k < 13 ? number(std::log1p(5.0F)) : row(0)));
    CHECK(records.row(1)[k] == (k < 13 ? number(0) : none));
    CHECK(records.row(2)[k] == (k < 13 ? number(0) : row(1)));
  }
  CHECK(records.report.empty == 39);

  // A part of the columns, by their names, and a file without labels.
  using Some = Fields<Id<"C26", 4>, Numbers<"I2">>;
  FieldIds<Some> of_some;
  const auto unlabelled = read_criteo(folder.write("test.txt", criteo_line("", "3", 'c').substr(1) + '\n'), of_some,
                                      criteo_format<Some>(false));
  CHECK(unlabelled.words == std::vector<Word>{row(0), number(std::log1p(3.0F))});
  CHECK(unlabelled.labels == std::vector<int>{0});

  const auto error = thrown_by<FileError>([&] { read_criteo(folder.write("b", criteo_line("1", "1.x", 'a')), ids); });
  CHECK(error.place() == "line 1, column 2");
  CHECK(error.expected() == "a finite number");
  auto lenient = criteo_format<Line>();
  lenient.malformed = Faults::count;
  const std::string mixed = folder.write("c", "1\t2\n" + criteo_line("0", "1", 'a') + "\n\t\n");
  const auto counted = read_criteo(mixed, ids, lenient);
  CHECK(counted.size() == 1);
  CHECK(counted.report.malformed == 2);
  CHECK(counted.report.first_fault == mixed + ": line 1, column 3: expected 40 columns, found 2");
}

TEST_CASE("a file is read part by part as it is read whole", "[click logs]") {
  const TemporaryFolder folder;
  std::string text = odd_log(0, 100) + "2,u,i\n" + std::string(200'000, 'x') + '\n' + odd_log(0, 23).substr(16);
  for (const std::string& path : {folder.write("a", text), folder.write_gzip("a.gz", text)}) {
    FieldIds<Two> ids, by_part;
    const DelimitedOptions lenient{.malformed = Faults::count};
    const auto whole = read_delimited(path, ids, lenient);
    CHECK(whole.size() == 123);
    DelimitedReader<Two> reader{path, by_part, lenient};
    Records<Two> part, all;
    std::vector<std::size_t> sizes;
    while (reader.read(part, 50)) {
      sizes.push_back(part.size());
      all.words.insert(all.words.end(), part.words.begin(), part.words.end());
      all.labels.insert(all.labels.end(), part.labels.begin(), part.labels.end());
    }
    CHECK_FALSE(reader.read(part, 50));
    CHECK(part.size() == 0);
    CHECK(sizes == std::vector<std::size_t>{50, 50, 23});
    CHECK(all.words == whole.words);
    CHECK(all.labels == whole.labels);
    CHECK(reader.report().lines == 125);
    CHECK(reader.report().malformed == 2);
    CHECK(reader.report().first_fault == whole.report.first_fault);
    CHECK(whole.report.first_fault == path + ": line 102, column 1: expected a label, -1, 0 or 1, found \"2\"");
    CHECK_THROWS_AS(reader.read(part, 0), ValueError);
  }
  FieldIds<Two> ids;
  LibfmReader<Two> reader{folder.write("b", "1 1:1 2:1\n0 1:1\n1 3:1\n"), ids};
  Records<Two> part;
  CHECK(reader.read(part, 2));
  CHECK(part.labels == std::vector<int>{1, 0});
  CHECK(reader.read_all().labels == std::vector<int>{1});
  CHECK_FALSE(reader.read(part, 2));

  // Neither too long a file nor too long a line fills the memory.
  CHECK(thrown_by<FileError>([&] {
          read_delimited(folder.write("c", "label,user,item\n" + std::string(std::size_t{1} << 25, 'x')), ids);
        }).expected() == "the end of the line after at most 16777216 bytes");
  CHECK(thrown_by<FileError>([&] {
          read_delimited(folder.write_gzip("d", odd_log(0, 100000)), ids, {.max_bytes = 1000});
        }).place() == "byte 1000");
}

TEST_CASE("shards of records train as the records do in memory, with their weights", "[click logs]") {
  const TemporaryFolder folder;
  std::string text = odd_log(0, 90);
  for (std::size_t at = text.find('\n'), k = 0; at != std::string::npos; at = text.find('\n', at + 8), ++k)
    text.insert(at, k == 0 ? ",weight" : "," + std::to_string(k % 3));
  const std::string path = folder.write("a", text);
  const DelimitedOptions options{.weight = "weight"};
  FieldIds<Two> ids;
  const auto whole = read_delimited(path, ids, options);
  CHECK(whole.weights[1] == 2);
  ids.freeze();
  DelimitedReader<Two> reader{path, ids, options};
  const std::vector<std::string> paths = write_shards(folder / "part.", reader, 20);
  CHECK(paths.size() == 5);
  CHECK(paths[4] == folder / "part.0004.safetensors");
  const auto last = read_record_shard<Two>(paths[4]);
  CHECK(last.size() == 10);
  CHECK(last.weights == std::vector<float>(whole.weights.end() - 10, whole.weights.end()));
  CHECK(last.words == std::vector<Word>(whole.words.end() - 20, whole.words.end()));

  using Net = Launch<Two, Sequential<Dense<8>, Relu>, Dense<1>, Sequential<Dense<8>, Relu, Dense<1>>>;
  const auto trained = [&](const auto& source) {
    Trainer trainer{Net{Seed{1}, ids.rows()}, Adagrad{.rate = 0.1}, Threads{2}};
    trainer.fit(source, {.epochs = 2, .batch_size = 16});
    return checksum(trainer.net());
  };
  const auto expected = trained(whole);
  CHECK(trained(Shards{paths, read_record_shard<Two>, {.shards_in_memory = 5}}) == expected);
  auto unweighted = whole;
  unweighted.weights.clear();
  CHECK(trained(unweighted) != expected);
  const Shards few{paths, read_record_shard<Two>, {.shards_in_memory = 2}};
  CHECK(trained(few) == trained(few));
  // Text will do as well, once the ids are frozen.
  const Shards texts{std::vector{path, path},
                     [&](const std::string& one) { return read_delimited(one, ids, options); }};
  CHECK(texts.size() == 180);
  CHECK(texts.weight(91) == 2);
  trained(texts);
}

TEST_CASE("a shard of records is refused where it doesn't fit", "[click logs]") {
  const TemporaryFolder folder;
  const std::string path = folder / "a";
  using Other = Fields<Id<"user", 4>, Id<"item", 4, "user">>;
  using Wider = Fields<Id<"user", 9>, Id<"item", 9>>;
  Records<Two> records{{row(0), row(1), row(2), none}, {0, 1}, 2, "name", {}, {}};
  write_shard(path, records);
  CHECK(read_record_shard<Wider>(path).words == records.words);
  CHECK(read_record_shard<Two>(path).name == "name");
  CHECK(read_record_shard<Two>(path).weights.empty());
  const auto error = thrown_by<FileError>([&] { read_record_shard<Other>(path); });
  CHECK(error.place() == "__metadata__, \"fields\"");
  CHECK(error.expected() == "\"item: 1 words, 1 rows of user\"");
  CHECK(error.found() == "\"item: 1 words, 1 rows of item\"");
  CHECK_THROWS_AS(read_shard(path), FileError);
  records.weights = {1};
  CHECK_THROWS_AS(write_shard(path, records), ValueError);
  for (const float weight : {-1.0F, std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()}) {
    records.weights = {1, weight};
    CHECK(thrown_by<ValueError>([&] { write_shard(path, records); }).argument() == "weights[1]");
    CHECK(read_record_shard<Two>(path).weights.empty());  // what was there
    const Samples<Word> unchecked = records;
    detail::write_samples(folder / "b", unchecked, {2}, "", detail::spell_fields<Two>());
    CHECK(thrown_by<FileError>([&] { read_record_shard<Two>(folder / "b"); }).place() == "\"weights\", number 1");
  }
  const std::string fields = "user: 1 words, 1 rows of user\nitem: 1 words, 1 rows of item\n";
  const auto array = [](const std::string& name, const std::string& type, const auto& numbers) {
    return Tensor{name, type, {numbers.size()}, std::as_bytes(std::span{numbers})};
  };
  const Tensor words{"features", "U32", {2, 2}, std::as_bytes(std::span{records.words})};
  write_safetensors(path,
                    std::vector{words, array("labels", "I32", records.labels), array("weights", "I32", records.labels)},
                    {{"fields", fields}});
  CHECK(thrown_by<FileError>([&] { read_record_shard<Two>(path); }).expected() == "F32 [samples]");
  write_shard(path, Dataset{{1, 2}, {0, 1}, 1, 2, ""});
  CHECK(thrown_by<FileError>([&] { read_record_shard<Two>(path); }).place() == "__metadata__, \"fields\"");
  records.weights = {};
  records.labels[1] = 2;
  CHECK_THROWS_AS(write_shard(path, records), ValueError);
}
