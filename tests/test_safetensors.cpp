// Files of arrays: what is written byte by byte, every way a file can be wrong, and how a file is replaced.
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <rocket/files/safetensors.hpp>
#include <rocket/files/slots.hpp>

#include "support/catch.hpp"
#include "support/full_disk.hpp"
#include "support/temporary_folder.hpp"
#include "support/throws.hpp"

using namespace rocket;

namespace {

// A file of that header and data; with its true length unless told otherwise.
std::string made(std::string_view header, std::string_view data, std::uint64_t length) {
  std::string bytes(8, '\0');
  std::memcpy(bytes.data(), &length, 8);
  return bytes.append(header).append(data);
}
std::string made(std::string_view header, std::string_view data) { return made(header, data, header.size()); }

template <class T>
Tensor tensor(const std::string& name, std::vector<std::uint64_t> shape, const std::vector<T>& numbers) {
  return {name, std::string{tensor_type<T>}, std::move(shape), std::as_bytes(std::span{numbers})};
}

}  // namespace

TEST_CASE("a file is what the format says, byte by byte", "[safetensors]") {
  const TemporaryFolder folder;
  const std::vector<float> numbers{1, -2};
  write_safetensors(folder / "a", std::vector{tensor("w", {1, 2}, numbers)}, {{"by", "hand"}});
  const std::string_view data{"\0\0\x80\x3f\0\0\0\xc0", 8};
  std::string header = R"({"__metadata__":{"by":"hand","rocket.checksum":"0979e9ee2da22858"},)"
                       R"("w":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}})";
  header.resize((header.size() + 7) / 8 * 8, ' ');
  CHECK(content(folder / "a") == made(header, data));
}

TEST_CASE("what is written is read again, to the bit", "[safetensors]") {
  const TemporaryFolder folder;
  const std::vector<float> floats{1.5f, -0.0f, std::numeric_limits<float>::quiet_NaN(), 1e-45f, 3, 4};
  const std::vector<double> doubles{0.1};
  const std::vector<std::int64_t> whole{-7, 1LL << 62};
  const std::vector<float> none;
  const std::vector<Tensor> tensors{tensor("a.weight", {2, 3}, floats), tensor("one", {}, doubles),
                                    tensor("empty", {0, 4}, none), tensor("int", {2}, whole)};
  const std::map<std::string, std::string> metadata{{"a", "line\n\"two\""}, {"ü", ""}};
  write_safetensors(folder / "a", tensors, metadata);
  const TensorFile file = read_safetensors(folder / "a");
  CHECK(file.path == folder / "a");
  CHECK(file.metadata == metadata);
  REQUIRE(file.tensors.size() == 4);
  for (const Tensor& expected : tensors) {
    const Tensor* found = file.find(expected.name);
    REQUIRE(found);
    CHECK(found->type == expected.type);
    CHECK(found->shape == expected.shape);
    CHECK(std::ranges::equal(found->bytes, expected.bytes));
  }
  CHECK(file.find("b") == nullptr);
}

TEST_CASE("a file with nothing in it is a file", "[safetensors]") {
  const TemporaryFolder folder;
  write_safetensors(folder / "a", {});
  CHECK(read_safetensors(folder / "a").tensors.empty());
  CHECK(read_safetensors(folder.write("b", made("{}", ""))).tensors.empty());
}

TEST_CASE("what can't be written is refused before anything is", "[safetensors]") {
  const TemporaryFolder folder;
  const std::vector<float> two{1, 2};
  const auto refused = [&](const std::vector<Tensor>& tensors,
                           const std::map<std::string, std::string>& metadata = {}) {
    const std::string argument =
        thrown_by<ValueError>([&] { write_safetensors(folder / "a", tensors, metadata); }).argument();
    CHECK(std::filesystem::is_empty(folder.path()));
    return argument;
  };
  CHECK(refused({tensor("a", {2}, two), tensor("a", {2}, two)}) == "tensors");
  CHECK(refused({tensor("__metadata__", {2}, two)}) == "tensors");
  CHECK(refused({tensor("a", {3}, two)}) == "tensors, \"a\"");
  CHECK(refused({{"a", "F31", {2}, std::as_bytes(std::span{two})}}) == "tensors, \"a\"");
  CHECK(refused({tensor("a", {1ULL << 62, 1ULL << 62}, two)}) == "tensors, \"a\"");
  CHECK(refused({tensor("\xff", {2}, two)}) == "names of tensors and metadata");
  CHECK(refused({tensor("a", {2}, two)}, {{"a", "\xff"}}) == "names of tensors and metadata");
}

TEST_CASE("every way a file can be wrong is told with its place", "[safetensors]") {
  const TemporaryFolder folder;
  const auto place = [&](std::string_view bytes) {
    return thrown_by<FileError>([&] { read_safetensors(folder.write("a", bytes)); }).place();
  };
  const auto place_in = [&](std::string_view header, std::string_view data = "12345678") {
    return place(made(header, data));
  };
  const std::string sound = R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})";
  CHECK_NOTHROW(read_safetensors(folder.write("a", made(sound, "12345678"))));

  SECTION("lengths") {
    CHECK(place("") == "");
    CHECK(place("1234567") == "");
    CHECK(place(made(sound, "12345678", 1000)) == "byte 0");
    CHECK(place(made(sound, "12345678", std::numeric_limits<std::uint64_t>::max())) == "byte 0");
    CHECK(place(made(sound, "1234567")) == "\"a\", data_offsets");
    CHECK(place(made(sound, "123456789")) == "byte " + std::to_string(8 + sound.size() + 8));
  }
  SECTION("JSON") {
    CHECK(place_in("") == "header");
    CHECK(place_in("no header") == "header");
    CHECK(place_in("{\"\xff\":1}") == "header");
    CHECK(place_in(sound.substr(0, 20)) == "header");
    CHECK(place_in("1e999") == "header");
    CHECK(place_in("[]") == "header");
    CHECK(place_in("3") == "header");
    CHECK(place_in(std::string(100000, '[')) == "header");
    CHECK(place_in(R"({"a":{"dtype":"F32","shape":[[[2]]],"data_offsets":[0,8]}})") == "header");
    CHECK(place_in(R"({"__metadata__":{},"__metadata__":{}})", "") == "header");
    CHECK(place_in(R"({"__metadata__":{"k":"a","k":"b"}})", "") == "header");
  }
  SECTION("metadata") {
    CHECK(place_in(R"({"__metadata__":[]})", "") == "__metadata__");
    CHECK(place_in(R"({"__metadata__":{"k":1}})", "") == "__metadata__, \"k\"");
  }
  SECTION("entries") {
    CHECK(place_in(R"({"a":1})") == "\"a\"");
    CHECK(place_in(R"({"a":{"dtype":"F32","shape":[2]}})") == "\"a\"");
    CHECK(place_in(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"more":0}})") == "\"a\"");
    CHECK(place_in(R"({"a":{"dtype":32,"shape":[2],"data_offsets":[0,8]}})") == "\"a\", dtype");
    CHECK(place_in(R"({"a":{"dtype":"F31","shape":[2],"data_offsets":[0,8]}})") == "\"a\", dtype");
    CHECK(place_in(R"({"a":{"dtype":"F32","shape":2,"data_offsets":[0,8]}})") == "\"a\", shape");
    CHECK(place_in(R"({"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}})") == "\"a\", shape");
    CHECK(place_in(R"({"a":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}})") == "\"a\", shape");
    CHECK(place_in(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}})") == "\"a\", data_offsets");
    CHECK(place_in(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,"8"]}})") == "\"a\", data_offsets");
    CHECK(place_in(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}})") == "\"a\", data_offsets");
    CHECK(place_in(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,8]}})") == "\"a\", data_offsets");
  }
  SECTION("sizes that overflow") {
    // 2^32 x 2^32 x 4 bytes are 0 modulo 2^64.
    CHECK(place_in(R"({"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}})", "") ==
          "\"a\", shape");
    CHECK(place_in(R"({"a":{"dtype":"F32","shape":[4611686018427387904],"data_offsets":[0,0]}})", "") ==
          "\"a\", shape");
    CHECK(place_in(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[18446744073709551608,18446744073709551615]}})") ==
          "\"a\", data_offsets");
    CHECK(place_in(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,99999999999999999999999]}})") ==
          "\"a\", data_offsets");
  }
  SECTION("arrays that overlap, and bytes of none") {
    const auto two = [](int begin_a, int begin_b) {
      const auto entry = [](int begin) {
        return R"({"dtype":"F32","shape":[1],"data_offsets":[)" + std::to_string(begin) + ',' +
               std::to_string(begin + 4) + "]}";
      };
      return "{\"a\":" + entry(begin_a) + ",\"b\":" + entry(begin_b) + '}';
    };
    CHECK_NOTHROW(read_safetensors(folder.write("a", made(two(4, 0), "12345678"))));
    CHECK(place_in(two(0, 0), "1234") == "\"b\", data_offsets");
    CHECK(place_in(two(0, 3), "1234567") == "\"b\", data_offsets");
    CHECK(place_in(two(0, 5), "123456789") == "\"b\", data_offsets");
    CHECK(place_in(two(1, 5), "123456789") == "\"a\", data_offsets");
    CHECK(place_in(two(0, 4), "123456789").starts_with("byte "));
  }
  SECTION("no file") {
    CHECK(thrown_by<FileError>([&] { read_safetensors(folder / "none"); }).expected() == "a readable file");
    CHECK(thrown_by<FileError>([&] { read_safetensors(folder.path()); }).expected() == "a readable file");
  }
}

TEST_CASE("a number that has changed since is seen", "[safetensors]") {
  const TemporaryFolder folder;
  const std::vector<float> numbers{1, 2, 3};
  write_safetensors(folder / "a", std::vector{tensor("a", {3}, numbers)});
  std::string bytes = content(folder / "a");
  bytes[bytes.size() - 5] ^= 1;
  CHECK(thrown_by<FileError>([&] { read_safetensors(folder.write("a", bytes)); }).place() == "data");
}

TEST_CASE("a file cut short anywhere is refused", "[safetensors]") {
  const TemporaryFolder folder;
  const std::vector<float> numbers{1, 2, 3};
  write_safetensors(folder / "a", std::vector{tensor("a", {1}, std::vector{numbers[0]}), tensor("b", {3}, numbers)});
  const std::string whole = content(folder / "a");
  for (std::size_t bytes = 0; bytes < whole.size(); ++bytes)
    CHECK_THROWS_AS(read_safetensors(folder.write("b", whole.substr(0, bytes))), FileError);
}

TEST_CASE("slots are filled all or not at all, or by name", "[safetensors]") {
  const TemporaryFolder folder;
  const std::vector<float> a{1, 2}, b{3};
  const std::string path = folder / "a";
  write_safetensors(path, std::vector{tensor("a", {2}, a), tensor("b", {1}, b)});
  const TensorFile file = read_safetensors(path);
  std::vector<float> into_a(2), into_b(1);
  std::vector<double> doubles(1);
  const auto slot = [](const std::string& name, std::vector<std::uint64_t> shape, auto& into) {
    using T = typename std::remove_cvref_t<decltype(into)>::value_type;
    return Slot{name, std::string{tensor_type<T>}, std::move(shape), std::as_writable_bytes(std::span{into})};
  };
  const auto refused = [&](const std::vector<Slot>& slots) {
    const FileError error = thrown_by<FileError>([&] { fill_all(path, file, slots); });
    CHECK(into_a == std::vector<float>(2));
    return error.place() + ": " + error.expected() + ", " + error.found();
  };
  CHECK(refused({slot("a", {2}, into_a)}) == "\"b\": no array of that name, F32 [1]");
  CHECK(refused({slot("a", {2}, into_a), slot("b", {1}, into_b), slot("c", {1}, into_b)}) ==
        "\"c\": F32 [1], no array of that name");
  CHECK(refused({slot("a", {2}, into_a), slot("b", {1, 1}, into_b)}) == "\"b\": F32 [1, 1], F32 [1]");
  CHECK(refused({slot("a", {2}, into_a), slot("b", {1}, doubles)}) == "\"b\": F64 [1], F32 [1]");

  const LoadReport report =
      fill_by_name(file, std::vector{slot("a", {2}, into_a), slot("b", {1}, doubles), slot("c", {1}, into_b)});
  CHECK(into_a == a);
  CHECK(report.taken == std::vector<std::string>{"a"});
  CHECK(report.unlike == std::vector<std::string>{"b"});
  CHECK(report.left == std::vector<std::string>{"c"});
  CHECK(report.left_in_file.empty());
  CHECK(fill_by_name(file, {}).left_in_file == std::vector<std::string>{"a", "b"});
  fill_all(path, file, std::vector{slot("b", {1}, into_b), slot("a", {2}, into_a)});
  CHECK(into_b == b);
}

TEST_CASE("a file that can't be replaced stays as it is", "[safetensors]") {
  const TemporaryFolder folder;
  const std::string path = folder.write("a", "old");
  const std::array<std::string_view, 2> pieces{"ne", "w"};
  replace_file(path, pieces);
  CHECK(content(path) == "new");

  const auto nowhere = thrown_by<FileError>([&] { replace_file(folder / "none/a", pieces); });
  CHECK(nowhere.path() == folder / "none/a");
  CHECK(nowhere.expected() == "a path in a folder that is there");
  const std::string occupied = folder / "folder";
  std::filesystem::create_directories(occupied + "/inside");
  CHECK(thrown_by<FileError>([&] { replace_file(occupied, pieces); }).found() == "a folder");
  CHECK_FALSE(std::filesystem::exists(occupied + ".partial"));
  {
    const FullDisk full;
    CHECK(thrown_by<FileError>([&] { replace_file(path, pieces); }).expected() == "a file that can be written");
  }
  CHECK(content(path) == "new");
  CHECK_FALSE(std::filesystem::exists(path + ".partial"));
  std::filesystem::create_symlink("/dev/null", folder / "device");
  CHECK(thrown_by<FileError>([&] { replace_file(folder / "device", pieces); }).found() == "a device or the like");

  // What a killed process left is in nobody's way, whatever it is.
  std::filesystem::create_symlink(folder / "elsewhere", path + ".partial");
  replace_file(path, pieces);
  CHECK_FALSE(std::filesystem::exists(folder / "elsewhere"));
}

TEST_CASE("a file that is replaced keeps its mode, and a link its target", "[safetensors]") {
  using std::filesystem::perms;
  const TemporaryFolder folder;
  const std::string path = folder.write("a", "old"), link = folder / "link";
  std::filesystem::permissions(path, perms::owner_read | perms::owner_write);
  std::filesystem::create_symlink("a", link);
  replace_file(link, std::array{std::string_view{"new"}});
  CHECK(std::filesystem::is_symlink(link));
  CHECK(content(path) == "new");
  CHECK(std::filesystem::status(path).permissions() == (perms::owner_read | perms::owner_write));
  std::filesystem::create_symlink("nowhere", folder / "dangling");
  CHECK_THROWS_AS(replace_file(folder / "dangling", std::array{std::string_view{"new"}}), FileError);
  CHECK(std::filesystem::is_symlink(folder / "dangling"));
}
