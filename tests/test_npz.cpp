// numpy's archives of arrays: what is written byte by byte, every way one can be wrong, and nets in them.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <rocket/files/npz.hpp>
#include <rocket/files/slots.hpp>
#include <rocket/net/tensors.hpp>
#include <rocket/rocket.hpp>

#ifdef NLOHMANN_JSON_VERSION_MAJOR
#error "npz needs no nlohmann-json"
#endif

#include "support/catch.hpp"
#include "support/checksum.hpp"
#include "support/count_allocations.hpp"
#include "support/full_disk.hpp"
#include "support/temporary_folder.hpp"
#include "support/throws.hpp"
#include "support/zip.hpp"

using namespace rocket;

namespace {

template <class T>
Tensor tensor(const std::string& name, std::vector<std::uint64_t> shape, const std::vector<T>& numbers) {
  return {name, std::string{tensor_type<T>}, std::move(shape), std::as_bytes(std::span{numbers})};
}

// An array as an entry: that header and data, of version 1 unless told otherwise.
std::string npy(std::string_view header, std::string_view data, char version = 1) {
  std::string bytes{"\x93NUMPY"};
  bytes += {version, '\0', static_cast<char>(header.size() & 255), static_cast<char>(header.size() >> 8)};
  if (version > 1) bytes += {'\0', '\0'};
  return bytes.append(header).append(data);
}
std::string header_of(std::string_view descr, std::string_view shape, std::string_view by_columns = "False") {
  return "{'descr': '" + std::string{descr} + "', 'fortran_order': " + std::string{by_columns} +
         ", 'shape': " + std::string{shape} + ", }\n";
}

// Reads an archive of that one array.
TensorFile read_array(const TemporaryFolder& folder, const std::string& array, zip_int32_t method = ZIP_CM_STORE) {
  return read_npz(folder.write("a", zipped({{"a.npy", array}}, method)));
}
std::string_view bytes_of(const Tensor& tensor) {
  return {reinterpret_cast<const char*>(tensor.bytes.data()), tensor.bytes.size()};
}

using Light = Sequential<Dense<8>, BatchNorm<>, Relu, Dense<3>>;
using Pair = Launch<Input<4>, Sequential<Dense<6>, Relu>, Light, Sequential<Dense<16>, Relu, Dense<3>>>;

}  // namespace

TEST_CASE("an array is what numpy's format says, byte by byte", "[npz]") {
  const TemporaryFolder folder;
  const std::vector<float> numbers{1, -2};
  write_npz(folder / "a", std::vector{tensor("w", {1, 2}, numbers)});
  const std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }";
  const std::string array =
      npy(header + std::string(128 - 10 - header.size() - 1, ' ') + '\n', {"\0\0\x80\x3f\0\0\0\xc0", 8});
  const std::string archive = content(folder / "a");
  CHECK(archive.starts_with(zip_local));
  CHECK(archive.substr(30, 5 + array.size()) == "w.npy" + array);  // stored, behind a record of 30 bytes

  write_npz(folder / "b", std::vector{tensor("w", {1, 2}, numbers)});
  CHECK(content(folder / "b") == archive);  // whatever the time
}

TEST_CASE("what is written to an archive is read again, to the bit", "[npz]") {
  const TemporaryFolder folder;
  const std::vector<float> floats{1.5f, -0.0f, std::numeric_limits<float>::quiet_NaN(), 1e-45f, 3, 4};
  const std::vector<double> doubles{0.1};
  const std::vector<std::int64_t> whole{-7, 1LL << 62};
  const std::vector<float> none, many(1'000'000, 0.5f);
  std::vector<Tensor> tensors{tensor("a.weight", {2, 3}, floats), tensor("one", {}, doubles),
                              tensor("empty", {0, 4}, none),      tensor("ü, \"x\"/.npy", {2}, whole),
                              tensor("", {1}, doubles),           tensor("many", {1000, 1000}, many)};
  const std::string_view text = "0123456789abcdef";
  for (const char* type : {"BOOL", "U8", "I8", "U16", "I16", "F16", "U32", "I32", "F32", "U64", "I64", "F64"})
    tensors.push_back({type, type, {2}, std::as_bytes(std::span{text}).first(2 * detail::bytes_of_type(type))});
  tensors.push_back({"flat", "U8", std::vector<std::uint64_t>(64, 1), std::as_bytes(std::span{text}).first(1)});
  write_npz(folder / "a", tensors);
  const TensorFile file = read_npz(folder / "a");
  CHECK(file.path == folder / "a");
  REQUIRE(file.tensors.size() == tensors.size());
  for (std::size_t t = 0; t < tensors.size(); ++t) {
    CHECK(file.tensors[t].name == tensors[t].name);
    CHECK(file.tensors[t].type == tensors[t].type);
    CHECK(file.tensors[t].shape == tensors[t].shape);
    CHECK(std::ranges::equal(file.tensors[t].bytes, tensors[t].bytes));
  }
  CHECK(file.find("b") == nullptr);

  write_npz(folder / "none", {});
  CHECK(content(folder / "none").size() == 22);  // as of numpy.savez without an array
  CHECK(read_npz(folder / "none").tensors.empty());
}

TEST_CASE("what no archive can hold is refused before anything is written", "[npz]") {
  const TemporaryFolder folder;
  const std::vector<float> two{1, 2};
  const auto refused = [&](const std::vector<Tensor>& tensors) {
    const std::string argument = thrown_by<ValueError>([&] { write_npz(folder / "a", tensors); }).argument();
    CHECK(std::filesystem::is_empty(folder.path()));
    return argument;
  };
  CHECK(refused({tensor("a", {2}, two), tensor("a", {2}, two)}) == "tensors");
  CHECK(refused({tensor(std::string(65532, 'a'), {2}, two)}) == "tensors");
  CHECK(refused({tensor(std::string("a\0b", 3), {2}, two)}) == std::string("tensors, \"a\0b\"", 14));
  CHECK(refused({tensor("\xff", {2}, two)}) == "tensors, \"\xff\"");
  CHECK(refused({tensor("\1", {2}, two)}) == "tensors, \"\1\"");
  CHECK(refused({tensor("a", {3}, two)}) == "tensors, \"a\"");
  CHECK(refused({{"a", "F31", {2}, std::as_bytes(std::span{two})}}) == "tensors, \"a\"");
  CHECK(refused({{"a", "BF16", {4}, std::as_bytes(std::span{two})}}) == "tensors, \"a\"");
  CHECK(refused({tensor("a", std::vector<std::uint64_t>(65, 1), std::vector{two[0]})}) == "tensors, \"a\"");
  CHECK_NOTHROW(write_npz(folder / "a", std::vector{tensor(std::string(65531, 'a'), {2}, two)}));
  CHECK(read_npz(folder / "a").tensors[0].name.size() == 65531);
}

TEST_CASE("an archive takes the place of the old one in one step, or not at all", "[npz]") {
  const TemporaryFolder folder;
  const std::vector<float> two{1, 2};
  const std::string path = folder.write("a", "old");
  CHECK_THROWS_AS(write_npz(path, std::vector{tensor("\xff", {2}, two)}), ValueError);
  {
    const FullDisk full;
    CHECK_THROWS_AS(write_npz(path, std::vector{tensor("a", {2}, two)}), FileError);
  }
  CHECK(content(path) == "old");
  write_npz(path, std::vector{tensor("a", {2}, two)});
  CHECK(read_npz(path).find("a"));
  CHECK_FALSE(std::filesystem::exists(partial_path(path)));
  CHECK(thrown_by<FileError>([&] { write_npz(folder / "none/a", {}); }).path() == folder / "none/a");
}

TEST_CASE("headers are read as Python would", "[npz]") {
  const TemporaryFolder folder;
  const auto read = [&](const std::string& header, std::string_view data, char version = 1) {
    const TensorFile file = read_array(folder, npy(header, data, version));
    REQUIRE(file.tensors.size() == 1);
    return file.tensors[0].type + ' ' + detail::spell_list(file.tensors[0].shape);
  };
  CHECK(read(header_of("<f4", "(1, 2)"), "12345678") == "F32 [1, 2]");
  CHECK(read(header_of("<f4", "(1, 2)"), "12345678", 2) == "F32 [1, 2]");
  CHECK(read(header_of("<f4", "(1, 2)"), "12345678", 3) == "F32 [1, 2]");
  CHECK(read(header_of("<i8", "()"), "12345678") == "I64 []");
  CHECK(read(header_of("|u1", "(3,)"), "123") == "U8 [3]");
  CHECK(read(header_of("<u1", "(3,)"), "123") == "U8 [3]");
  CHECK(read(header_of(">i1", "(3,)"), "123") == "I8 [3]");
  CHECK(read(header_of("|b1", "(0, 99)"), "") == "BOOL [0, 99]");
  CHECK(read(header_of("<f8", "(1, 1,)"), "12345678") == "F64 [1, 1]");
  CHECK(read(R"( { "shape":( 2 ,2 ), "fortran_order" :False,"descr":"<u2"} )", "12345678") == "U16 [2, 2]");
}

TEST_CASE("an array that is stored by columns is turned", "[npz]") {
  const TemporaryFolder folder;
  const auto read = [&](std::string_view descr, std::string_view shape, std::string_view data) {
    const TensorFile file = read_array(folder, npy(header_of(descr, shape, "True"), data));
    return std::string{bytes_of(file.tensors[0])};
  };
  CHECK(read("|u1", "(2, 3)", "adbecf") == "abcdef");
  CHECK(read("<u2", "(2, 3)", "AaDdBbEeCcFf") == "AaBbCcDdEeFf");
  // Number (i, j, k) of 2 x 3 x 4 is at 12 i + 4 j + k by rows, at i + 2 j + 6 k by columns.
  std::string rows = "abcdefghijklmnopqrstuvwx", columns(24, ' ');
  for (std::size_t i = 0; i < 2; ++i)
    for (std::size_t j = 0; j < 3; ++j)
      for (std::size_t k = 0; k < 4; ++k) columns[i + 2 * j + 6 * k] = rows[12 * i + 4 * j + k];
  CHECK(read("|u1", "(2, 3, 4)", columns) == rows);
  CHECK(read("|u1", "(1, 3, 1)", "abc") == "abc");
  CHECK(read("|u1", "(3,)", "abc") == "abc");
  CHECK(read("|u1", "()", "a") == "a");
  CHECK(read("|u1", "(3, 0)", "") == "");
}

TEST_CASE("every way an array can be wrong is told with its place", "[npz]") {
  const TemporaryFolder folder;
  const auto place = [&](const std::string& array) {
    return thrown_by<FileError>([&] { read_array(folder, array); }).place();
  };
  const auto place_in = [&](const std::string& header, std::string_view data = "12345678") {
    return place(npy(header, data));
  };
  const std::string sound = header_of("<f4", "(2,)");
  CHECK_NOTHROW(read_array(folder, npy(sound, "12345678")));

  SECTION("what stands before the header") {
    CHECK(place("") == "\"a.npy\"");
    CHECK(place("\x93NUMPY\1") == "\"a.npy\"");
    CHECK(place("12345678" + sound) == "\"a.npy\"");
    CHECK(place(npy(sound, "12345678", 0)) == "\"a.npy\"");
    CHECK(place(npy(sound, "12345678", 4)) == "\"a.npy\"");
    CHECK(place(npy(sound, "12345678").replace(7, 1, 1, '\1')) == "\"a.npy\"");
    CHECK(place(npy(sound, "12345678").substr(0, 9)) == "\"a.npy\"");
    CHECK(place(npy(sound, "12345678").substr(0, 40)) == "\"a.npy\"");
    CHECK(place(npy(sound + std::string(10'000, ' '), "12345678")) == "\"a.npy\", header");
    CHECK(place(npy(sound, "12345678", 2).replace(8, 4, 4, '\xff')) == "\"a.npy\", header");
  }
  SECTION("the header") {
    CHECK(place_in("") == "\"a.npy\", header");
    CHECK(place_in("[]") == "\"a.npy\", header");
    CHECK(place_in("{}") == "\"a.npy\", header");
    CHECK(place_in("{descr: 1}") == "\"a.npy\", header");
    CHECK(place_in("{'descr") == "\"a.npy\", header");
    CHECK(place_in("{'descr'}") == "\"a.npy\", header");
    CHECK(place_in(sound + "more") == "\"a.npy\", header");
    CHECK(place_in(sound.substr(0, sound.size() - 4)) == "\"a.npy\", header");
    CHECK(place_in("{'descr': '<f4', 'shape': (2,)}") == "\"a.npy\", header");
    CHECK(place_in("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2,)}") == "\"a.npy\", header");
    CHECK(place_in("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), 'more': 1}") == "\"a.npy\", header");
    CHECK(place_in("{'descr': '<f4' 'fortran_order': False, 'shape': (2,)}") == "\"a.npy\", header");
  }
  SECTION("types") {
    for (const char* descr : {">f4", "=f4", "|f4", "f4", "<f16", "<f3", "<c8", "|O", "|S4", "<U1", "<M8[s]", "|V2", ""})
      CHECK(place_in(header_of(descr, "(2,)")) == "\"a.npy\", descr");
    CHECK(place_in("{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (2,)}") == "\"a.npy\", descr");
    CHECK(place_in("{'descr': ") == "\"a.npy\", descr");
    CHECK(place_in(header_of("<f4", "(2,)", "0")) == "\"a.npy\", fortran_order");
    const FileError error = thrown_by<FileError>([&] { read_array(folder, npy(header_of(">f4", "(2,)"), "")); });
    CHECK(error.found() == "'>f4'");
    CHECK(thrown_by<FileError>([&] { read_array(folder, npy("\1\xff", "")); }).found() == "??");
  }
  SECTION("shapes") {
    for (const char* shape : {"2", "[2]", "(2)", "(-2,)", "(+2,)", "(2.0,)", "(2 2)", "(,)", "(2,,)", "(2, None)",
                              "('2',)", "((2,),)", "(2L,)", "(99999999999999999999,)"})
      CHECK(place_in(header_of("<f4", shape)) == "\"a.npy\", shape");
    CHECK(place_in("{'shape': (2") == "\"a.npy\", shape");
    std::string ones;
    for (int i = 0; i < 65; ++i) ones += "1,";
    CHECK(place_in(header_of("<f8", '(' + ones + ')')) == "\"a.npy\", shape");
    // 2^32 x 2^32 x 4 bytes are 0 modulo 2^64.
    CHECK(place_in(header_of("<f4", "(4294967296, 4294967296)"), "") == "\"a.npy\", shape");
    CHECK(place_in(header_of("<f4", "(4611686018427387904,)"), "") == "\"a.npy\", shape");
  }
  SECTION("sizes") {
    CHECK(place_in(sound, "1234567") == "\"a.npy\"");
    CHECK(place_in(sound, "123456789") == "\"a.npy\"");
    CHECK(place_in(sound, "") == "\"a.npy\"");
    CHECK(place_in(header_of("<f4", "(0,)"), "1") == "\"a.npy\"");
    CHECK(place_in(header_of("<f4", "(1000000000000,)")) == "\"a.npy\"");
  }
}

TEST_CASE("every way an archive can be wrong is told with its place", "[npz]") {
  const TemporaryFolder folder;
  const std::string array = npy(header_of("<f4", "(2,)"), "12345678");
  const auto error_of = [&](const std::string& archive) {
    return thrown_by<FileError>([&] { read_npz(folder.write("a", archive)); });
  };
  const auto place = [&](const std::string& archive) { return error_of(archive).place(); };

  SECTION("no archive, no file") {
    CHECK(place("") == "");
    CHECK(place("no archive") == "");
    CHECK(place(array) == "");
    CHECK(error_of(array).expected() == "a zip archive, as numpy's savez writes it");
    CHECK(thrown_by<FileError>([&] { read_npz(folder / "none"); }).expected() == "a readable file");
    CHECK(thrown_by<FileError>([&] { read_npz(folder.path()); }).expected() == "a readable file");
    CHECK_THROWS_AS(read_npz(""), FileError);
  }
  SECTION("names") {
    CHECK(place(zipped({{"a", array}})) == "\"a\"");
    CHECK(place(zipped({{"a.npy.txt", array}})) == "\"a.npy.txt\"");
    CHECK(place(zipped({{"npy", array}})) == "\"npy\"");
    CHECK(place(with_text(zipped({{"a.npy", array}, {"b.npy", array}}), "b.npy", "a.npy")) == "\"a.npy\"");
  }
  for (const zip_int32_t method : {ZIP_CM_STORE, ZIP_CM_DEFLATE}) {
    const std::string sound = zipped({{"a.npy", array}}, method);
    CHECK_NOTHROW(read_npz(folder.write("a", sound)));
    SECTION("numbers that have changed, method " + std::to_string(method)) {
      CHECK(place(with_number(sound, zip_crc, 0, 4)) == "\"a.npy\"");
      int refused = 0, same = 0;  // such as where a bit behind the end of the packed ones has changed
      for (std::size_t byte = 35; byte < sound.find(zip_central); ++byte) {
        std::string damaged = sound;
        damaged[byte] = static_cast<char>(damaged[byte] ^ 1 << byte % 8);
        try {
          const TensorFile file = read_npz(folder.write("a", damaged));
          CHECK(bytes_of(file.tensors.at(0)) == "12345678");
          ++same;
        } catch (const FileError& error) {
          CHECK(error.place().starts_with("\"a.npy\""));
          ++refused;
        }
      }
      CHECK(refused > 50);
      CHECK(same <= (method == ZIP_CM_STORE ? 0 : 1));
    }
    SECTION("encrypted, method " + std::to_string(method)) {
      CHECK(place(with_number(sound, zip_flags, 1, 2)) == "\"a.npy\"");
    }
    SECTION("sizes that aren't true, method " + std::to_string(method)) {
      for (const std::uint64_t size : {std::uint64_t{0}, array.size() - 1, array.size() + 1, std::uint64_t{0xfffffffe}})
        CHECK(place(with_number(sound, zip_unpacked, size, 4)) == "\"a.npy\"");
      for (const std::uint64_t packed : {0u, 10u, 0xfffffffeu})
        CHECK_THROWS_AS(read_npz(folder.write("a", with_number(sound, zip_packed, packed, 4))), FileError);
    }
    SECTION("cut short anywhere, method " + std::to_string(method)) {
      for (std::size_t bytes = 0; bytes < sound.size(); ++bytes)
        CHECK_THROWS_AS(read_npz(folder.write("b", sound.substr(0, bytes))), FileError);
    }
  }
  SECTION("other ways to pack") {
    CHECK(place(with_number(zipped({{"a.npy", array}}), zip_method, 98, 2)) == "\"a.npy\"");
    CHECK(place(with_number(zipped({{"a.npy", array}}), zip_method, ZIP_CM_BZIP2, 2)) == "\"a.npy\"");
  }
  SECTION("entries that overlap") {
    const std::string two = zipped({{"a.npy", array + std::string(1000, ' ')}, {"b.npy", array}}, ZIP_CM_DEFLATE);
    CHECK_THROWS_AS(read_npz(folder.write("a", with_number(two, zip_packed, two.size(), 4, 1))), FileError);
    // Many entries of the same bytes: each is sound, but they would unpack to more than the file can hold.
    std::vector<ZipMember> members(20);
    for (std::size_t m = 0; m < members.size(); ++m)
      members[m] = {std::string{static_cast<char>('a' + m)} + ".npy",
                    npy(header_of("|u1", "(5000,)"), std::string(5000, '.'))};
    std::string many = zipped(members, ZIP_CM_DEFLATE);
    CHECK_NOTHROW(read_npz(folder.write("a", many)));
    const std::size_t first = many.find(zip_local), second = many.find(zip_local, 1), list = many.find(zip_central);
    many.erase(second, list - second);  // one entry is left, which all records are made to point at
    for (std::size_t m = 0; m < members.size(); ++m) many = with_number(std::move(many), 42, first, 4, m);
    const std::size_t end = many.find("PK\5\6");
    for (std::size_t b = 0; b < 4; ++b) many[end + 16 + b] = static_cast<char>(second >> 8 * b);
    CHECK(error_of(many).expected() == "entries that don't overlap");
  }
}

TEST_CASE("memory is for what is there, not for what is promised", "[npz]") {
  const TemporaryFolder folder;
  // Shape, descr and the size in the archive agree on 4 GB.
  const std::string header = header_of("|u1", "(4000000000,)");
  for (const zip_int32_t method : {ZIP_CM_STORE, ZIP_CM_DEFLATE}) {
    const std::string path = folder.write("a", with_number(zipped({{"a.npy", npy(header, "12345678")}}, method),
                                                           zip_unpacked, 10 + header.size() + 4'000'000'000, 4));
    const std::size_t before = allocated_bytes;
    CHECK_THROWS_AS(read_npz(path), FileError);
    CHECK(allocated_bytes - before < 4'000'000);
  }
}

TEST_CASE("slots are filled from an archive", "[npz]") {
  const TemporaryFolder folder;
  const std::vector<float> a{1, 2};
  const std::string path = folder / "a";
  write_npz(path, std::vector{tensor("a", {2}, a)});
  std::vector<float> into(2);
  fill_all(path, read_npz(path),
           std::vector{Slot{"a", std::string{tensor_type<float>}, {2}, std::as_writable_bytes(std::span{into})}});
  CHECK(into == a);
}

TEST_CASE("a net's weights travel in an archive, whole or by name", "[npz]") {
  const TemporaryFolder folder;
  const Pair pair{Seed{3}};
  const std::string path = folder / "pair.npz", light_path = folder / "light.npz";
  write_npz(path, tensors_of(pair));
  Pair again{Seed{4}};
  CHECK(load_weights(again, read_npz(path)).left.empty());
  CHECK(checksum(again) == checksum(pair));

  write_npz(light_path, tensors_of(pair.launch_light()));
  Pair::light light{Seed{4}};
  CHECK(thrown_by<FileError>([&] { load_weights(light, read_npz(path)); }).path() == path);  // there is more in it
  CHECK(load_weights(light, read_npz(light_path)).taken.size() == tensors_of(light).size());
  CHECK(checksum(light) == checksum(pair.launch_light()));

  Pair::booster booster{Seed{4}};
  const LoadReport report = load_weights(booster, read_npz(path), Take::by_name);
  CHECK(checksum(booster) == checksum(pair.launch_booster()));
  CHECK(report.left.empty());
  CHECK(std::ranges::count(report.left_in_file, "light.0.weight") == 1);

  Plain<Input<4>, Named<"other", Dense<2>>> other{Seed{4}};
  const std::uint64_t before = checksum(other);
  CHECK(thrown_by<FileError>([&] { load_weights(other, read_npz(path), Take::by_name); }).path() == path);
  CHECK(checksum(other) == before);
  Plain<Input<4>, Relu> nothing{Seed{4}};
  write_npz(folder / "nothing", tensors_of(nothing));
  CHECK(load_weights(nothing, read_npz(folder / "nothing")).taken.empty());
  CHECK_THROWS_AS(load_weights(nothing, read_npz(path)), FileError);
  const Pair::light moved = std::move(light);
  CHECK(thrown_by<ValueError>([&] { tensors_of(light); }).argument() == "net");
  CHECK(thrown_by<ValueError>([&] { load_weights(light, read_npz(light_path)); }).argument() == "net");
}
