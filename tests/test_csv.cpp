// Files of separated values, plain and packed, good and bad.
#include <cstddef>
#include <string>
#include <vector>

#include <rocket/core/error.hpp>
#include <rocket/data/csv.hpp>
#include <rocket/data/digits.hpp>
#include <rocket/data/gzip.hpp>

#include "support/catch.hpp"
#include "support/temporary_folder.hpp"
#include "support/throws.hpp"

using namespace rocket;

namespace {

FileError csv_error(const TemporaryFolder& folder, const std::string& text, const CsvOptions& options = {}) {
  const std::string plain = folder.write("bad.csv", text);
  const std::string packed = folder.write_gzip("bad.csv.gz", text);
  const auto error = thrown_by<FileError>([&] { (void)read_csv(plain, options); });
  const auto same = thrown_by<FileError>([&] { (void)read_csv(packed, options); });
  CHECK(error.path() == plain);
  CHECK(same.path() == packed);
  CHECK(same.place() == error.place());
  CHECK(same.expected() == error.expected());
  CHECK(same.found() == error.found());
  return error;
}

}  // namespace

TEST_CASE("the embedded digits are those of the file", "[csv]") {
  Dataset file = read_csv(ROCKET_TEST_DATA_DIR "/digits.csv.gz", {.classes = 10});
  for (float& feature : file.features) feature /= 16.0f;
  const Dataset embedded = digits();
  CHECK(embedded.features_per_sample == file.features_per_sample);
  CHECK((embedded.features == file.features));
  CHECK((embedded.labels == file.labels));
}

TEST_CASE("a file of separated values is read as the options say", "[csv]") {
  const TemporaryFolder folder;
  const std::vector<float> features{1.5f, -2, 3e-2f, 0};

  SECTION("the label last, as many classes as there are labels") {
    const std::string path = folder.write("a.csv", "1.5,-2,0\n3e-2,0,2\n");
    const Dataset dataset = read_csv(path);
    CHECK(dataset.features == features);
    CHECK(dataset.labels == std::vector<int>{0, 2});
    CHECK(dataset.features_per_sample == 2);
    CHECK(dataset.classes == 3);
    CHECK(dataset.name == path);
  }
  SECTION("the label first, a header, another separator, more classes") {
    const std::string path = folder.write_gzip("a.csv.gz", "y;a;b\n0;1.5;-2\n2;3e-2;0");
    const Dataset dataset = read_csv(path, {.label_column = 0, .classes = 7, .header = true, .separator = ';'});
    CHECK(dataset.features == features);
    CHECK(dataset.labels == std::vector<int>{0, 2});
    CHECK(dataset.classes == 7);
  }
  SECTION("the label in the middle, blanks, the line ends and the byte order mark of Windows") {
    const std::string path = folder.write("a.csv", "\xEF\xBB\xBF 1.5, 0 ,-2\r\n3e-2,\t2,0 \r\n\r\n");
    const Dataset dataset = read_csv(path, {.label_column = 1});
    CHECK(dataset.features == features);
    CHECK(dataset.labels == std::vector<int>{0, 2});
  }
}

TEST_CASE("a bad line is refused with its place", "[csv]") {
  const TemporaryFolder folder;
  const auto check = [&](const std::string& text, const std::string& place, const std::string& expected,
                         const std::string& found, const CsvOptions& options = {}) {
    CAPTURE(text);
    const FileError error = csv_error(folder, text, options);
    CHECK(error.place() == place);
    CHECK(error.expected() == expected);
    CHECK(error.found() == found);
  };
  const std::string number = "a finite number";
  const std::string label = "a label, an integer in [0, 2)";

  check("1,2,0\n1,0\n", "line 2, column 3", "3 columns", "2");
  check("1,2,0\n1,2,0,0\n", "line 2, column 4", "3 columns", "4");
  check("1,2,0\n\n1,2,0\n", "line 2, column 2", "3 columns", "1");
  check("1,x,0\n", "line 1, column 2", number, "\"x\"");
  check("1,2y,0\n", "line 1, column 2", number, "\"2y\"");
  check("1,2 3,0\n", "line 1, column 2", number, "\"2 3\"");
  check("1,,0\n", "line 1, column 2", number, "an empty cell");
  check("1, ,0\n", "line 1, column 2", number, "an empty cell");
  check("1,nan,0\n", "line 1, column 2", number, "\"nan\"");
  check("1,inf,0\n", "line 1, column 2", number, "\"inf\"");
  check("1,1e39,0\n", "line 1, column 2", number, "\"1e39\"");
  check("1,1e999,0\n", "line 1, column 2", number, "\"1e999\"");
  check(std::string(50, 'z') + ",0\n", "line 1, column 1", number, '"' + std::string(40, 'z') + "...\"");
  check("1,0\n1,\n", "line 2, column 2", label, "an empty cell", {.classes = 2});
  check("1,0\n1,1.0\n", "line 2, column 2", label, "\"1.0\"", {.classes = 2});
  check("1,0\n1,2\n", "line 2, column 2", label, "\"2\"", {.classes = 2});
  check("1,0\n1,-1\n", "line 2, column 2", label, "\"-1\"", {.classes = 2});
  check("1,2147483647\n", "line 1, column 2", "a label, an integer in [0, 2147483647)", "\"2147483647\"");
  check("1,0\n1,99999999999\n", "line 2, column 2", label, "\"99999999999\"", {.classes = 2});
  check("a,y\n1,0\nb,0\n", "line 3, column 1", number, "\"b\"", {.header = true});
  check("0\n", "line 1, column 1", "a label and at least 1 feature", "1 column");
  check("1,0\n", "line 1, column 2", "a label in column 3", "the end of the line", {.label_column = 2});
}

TEST_CASE("a file without samples is refused", "[csv]") {
  const TemporaryFolder folder;
  for (const std::string text : {"", "\n\n", "\r\n"}) {
    const FileError error = csv_error(folder, text);
    CHECK(error.place() == "line 1, column 1");
    CHECK(error.expected() == "a sample");
    CHECK(error.found() == "the end of the file");
  }
  CHECK(csv_error(folder, "a,y\n", {.header = true}).place() == "line 2, column 1");
}

TEST_CASE("options that no file can meet are refused", "[csv]") {
  CHECK(thrown_by<ValueError>([] { (void)read_csv("none", {.label_column = -2}); }).argument() == "label_column");
  CHECK(thrown_by<ValueError>([] { (void)read_csv("none", {.classes = -1}); }).argument() == "classes");
}
