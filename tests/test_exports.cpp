// What is written of a net for others, and what is refused. Whether others compute what Rocket does: tests/exports.
#include <algorithm>
#include <array>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <rocket/deploy/header.hpp>
#include <rocket/deploy/onnx_nodes.hpp>
#include <rocket/layers/layers.hpp>
#include <rocket/net/launch.hpp>
#if __has_include(<protozero/pbf_writer.hpp>)
#include <rocket/deploy/onnx.hpp>
#endif

#include "support/catch.hpp"
#include "support/temporary_folder.hpp"
#include "support/throws.hpp"

using namespace rocket;

namespace {

using Operator = Graph::Operator;

// y = x + 1, wrongly described where it says so.
template <bool Wrongly>
struct PlusOne : Elementwise<PlusOne<Wrongly>, Reads::output> {
  static constexpr std::string_view name = "PlusOne";
  static constexpr double nanoseconds = 0.25;
  template <class T>
  static T value(T x) {
    return x + 1;
  }
  template <class T>
  static T derivative(T) {
    return 1;
  }
  template <class Place, class Graph, class Value>
  static Value describe(const Place&, Graph& graph, Value x) {
    return Wrongly ? graph.sum_of_positions(graph.reshape(x, Shape{Place::in.size(), 1}))
                   : graph.add(x, graph.number(1));
  }
};

using Small = Plain<Input<3>, Sequential<Named<"tied", Dense<3>>, PlusOne<false>, Named<"tied", Dense<3>>>>;

std::vector<std::string> names_of_constants(const Graph& graph) {
  std::vector<std::string> names;
  for (const Graph::Node& node : graph.nodes())
    if (node.what == Operator::constant) names.push_back(node.name);
  return names;
}
template <class Net>
ValueError refused(const Net& net, const HeaderOptions& options = {}) {
  const TemporaryFolder folder;
  return thrown_by<ValueError>([&] { write_header(net, folder / "light.hpp", options); });
}
bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("layers describe themselves, with arrays by their names, tied ones once", "[exports]") {
  const Graph graph = graph_of(Small{Seed{1}});
  std::vector<Operator> found;
  for (const Graph::Node& node : graph.nodes())
    if (node.what != Operator::constant) found.push_back(node.what);
  CHECK(found == std::vector{Operator::numbers, Operator::product, Operator::add, Operator::product});
  CHECK(names_of_constants(graph) == std::vector<std::string>{"tied.weight", "tied.bias", "number.4"});
  CHECK(graph.shape(graph.output) == Shape{3});

  using Repeated = Plain<Input<3>, Sequential<Repeat<2, Dense<3, Bias::no>>, BatchNorm<>>>;
  CHECK(names_of_constants(graph_of(Repeated{Seed{1}})) ==
        std::vector<std::string>{"net.0.0.weight", "net.0.1.weight", "net.1.factor", "net.1.offset"});
}

TEST_CASE("constants of one name are told apart", "[exports]") {
  Graph graph;
  const auto x = graph.numbers("features", Shape{1});
  const auto one = graph.constant("a.b", {1}, Shape{1}), two = graph.constant("a.b", {2}, Shape{1});
  const auto three = graph.constant("a_b", {3}, Shape{1});
  CHECK(graph.constant("a.b", {1}, Shape{1}).index == one.index);
  CHECK(one.index != two.index);
  graph.output = graph.add(graph.add(graph.add(x, one), two), three);
  const std::array sample{1.0F}, logits{7.0F};
  const std::string header =
      detail::HeaderText{graph, "n", false}.write(std::span<const float>{sample}, std::span<const float>{logits});
  for (const char* name : {" a_b[1]", " a_b_[1]", " a_b_x[1]"}) CHECK(contains(header, name));
  const detail::OnnxNodes onnx{graph};
  REQUIRE(onnx.arrays.size() == 3);
  CHECK(onnx.arrays[0].name == "a.b");
  CHECK(onnx.arrays[1].name == "a.b_");
}

TEST_CASE("operators refuse shapes that don't fit", "[exports]") {
  Graph graph;
  const auto x = graph.numbers("features", Shape{2, 3});
  const auto weight = graph.constant("weight", {1, 2, 3, 4, 5, 6}, Shape{2, 3});
  const auto row = graph.constant("row", {1, 2, 3}, Shape{3});
  const auto found = [](auto&& make) { return thrown_by<ValueError>(make).found(); };
  CHECK(found([&] { graph.product(x, weight); }) == "2 x 3");
  CHECK(found([&] { graph.convolution(x, weight, Window{}, 1); }) == "2 x 3");
  CHECK(found([&] { graph.max_pool(x, Window{}); }) == "2 x 3");
  CHECK(found([&] { graph.reshape(x, Shape{7}); }) == "7");
  CHECK(found([&] { graph.slice(x, 5, Shape{2}); }) == "7");
  CHECK(found([&] { graph.multiply(row, row); }) == "two constants");
  CHECK(found([&] { graph.add(x, graph.numbers("y", Shape{2})); }) == "2");
  CHECK(found([&] { graph.look_up(weight, x); }) == "another value");
  CHECK(found([&] { graph.constant("c", {1, 2}, Shape{3}); }) == "2 numbers");
  CHECK(graph.shape(graph.add(x, row)) == Shape{2, 3});
}

TEST_CASE("a description that doesn't end in the layer's shape is refused", "[exports]") {
  const Plain<Input<3>, Sequential<PlusOne<true>>> net{Seed{1}};
  const auto error = thrown_by<ValueError>([&] { graph_of(net); });
  CHECK(error.argument() == "describe: PlusOne");
  CHECK(error.expected() == "3");
  CHECK(error.found() == "1");
}

TEST_CASE("a slice of fields asks their part alone", "[exports]") {
  using Inputs = Fields<Id<"user", 4>, Id<"item", 4>, Numbers<"price">>;
  const Plain<Inputs, Sequential<Slice<4, 4>, Dense<1>>> net{Seed{1}, {10, 20}};
  const Graph graph = graph_of(net);
  const std::vector<bool> needed = graph.needed();
  std::vector<std::string> named;
  for (std::size_t i = 0; i < needed.size(); ++i)
    if (needed[i] && !graph.nodes()[i].name.empty()) named.push_back(graph.nodes()[i].name);
  CHECK(named == std::vector<std::string>{"tables.item", "item", "net.1.weight", "net.1.bias"});
}

TEST_CASE("for ONNX a value is turned once, and turned back once", "[exports]") {
  constexpr Window window{.size = 3, .stride = 1, .padding = 1};
  using Net =
      Plain<Input<4, 4, 2>, Sequential<Conv2d<2, window>, BatchNormRelu<>, Residual<Conv2d<2, window>>, Relu,
                                       MaxPool<Window{.size = 2, .stride = 2}>, Concat<GlobalAveragePool, Dense<2>>>>;
  const Graph graph = graph_of(Net{Seed{1}});
  const detail::OnnxNodes onnx{graph};
  CHECK(std::ranges::count(onnx.nodes, "Transpose", &detail::OnnxNodes::Node::type) == 2);
  CHECK(onnx.nodes.back().output == "logits");
  CHECK(onnx.inputs[0].name == "features");
  CHECK(onnx.arrays[0].name == "net.0.weight");
}

TEST_CASE("fields become members of C++", "[exports]") {
  CHECK(detail::as_identifier("user") == "user");
  CHECK(detail::as_identifier("time of day") == "time_of_day");
  CHECK(detail::as_identifier("a -- b") == "a_b");
  CHECK(detail::as_identifier("7 days") == "field_7_days");
  CHECK(detail::as_identifier("_x") == "field_x");
  CHECK(detail::as_identifier("größe") == "gr_e");
  CHECK(detail::as_identifier("class") == "class_");
  CHECK(detail::as_identifier("no row") == "no_row_");
  CHECK(detail::as_identifier("") == "field_");
}

TEST_CASE("a header holds the samples it is given, and the same bytes each time", "[exports]") {
  const TemporaryFolder folder;
  const Small net{Seed{1}};
  const std::vector<float> samples{0.5F, -0.25F, 3, 1e-30F, 7, 8};
  write_header(net, folder / "a.hpp", {.name = "shop::light"}, samples);
  write_header(net, folder / "b.hpp", {.name = "shop::light"}, samples);
  const std::string header = content(folder / "a.hpp");
  CHECK(contains(header, "namespace shop::light {"));
  CHECK(contains(header, "{0.5F,-0.25F,3.0F\n}"));
  CHECK(contains(header, "{1e-30F,7.0F,8.0F\n}"));
  CHECK(contains(header, "for (int i = 0; i < 2; ++i)"));
  CHECK(header == content(folder / "b.hpp"));
}

TEST_CASE("what can't be a header is refused, and nothing written", "[exports]") {
  const TemporaryFolder folder;
  Small net{Seed{1}};
  for (const char* name : {"", "2nd", "a b", "class", "a::", "::a", "a__b", "_a", "a:b", "light-net"})
    CHECK(refused(net, {.name = name}).argument() == "name");
  CHECK(refused(net, {.most_numbers = 24}).found() == "25");  // 9 + 3 + 1, and four samples of three
  CHECK(refused(net, {.samples = 0}).argument() == "samples");

  const auto with_samples = [&](std::vector<float> samples) {
    return thrown_by<ValueError>([&] { write_header(net, folder / "light.hpp", {}, samples); }).argument();
  };
  CHECK(with_samples({1, 2}) == "features");
  CHECK(with_samples({1, 2, std::numeric_limits<float>::infinity()}) == "samples[2]");
  CHECK(with_samples({1e38F, 1e38F, 1e38F, 3e38F, 3e38F, 3e38F}) == "samples");
  CHECK(content(folder / "light.hpp").empty());

  net.parameter("tied.bias")[1] = std::numeric_limits<float>::quiet_NaN();
  CHECK(refused(net).argument() == "tied.bias[1]");
  CHECK_THROWS_AS(write_header(Small{Seed{1}}, folder / "none/light.hpp"), FileError);
  CHECK_THROWS_AS(write_header(Small{Seed{1}}, folder.path()), FileError);

  Small moved{Seed{1}};
  const Small taken{std::move(moved)};
  CHECK(refused(moved).argument() == "net");  // NOLINT(bugprone-use-after-move): that is what it is about.

  using Clash = Fields<Numbers<"a b">, Numbers<"a-b">>;
  const auto clash = refused(Plain<Clash, Dense<1>>{Seed{1}});
  CHECK(clash.argument() == "field a-b");
  CHECK(clash.found() == "a_b");
}

#if __has_include(<protozero/pbf_writer.hpp>)
TEST_CASE("what can't be an ONNX model is refused", "[exports]") {
  const TemporaryFolder folder;
  const auto argument = [&](const auto& net) {
    return thrown_by<ValueError>([&] { write_onnx(net, folder / "light.onnx"); }).argument();
  };
  Small net{Seed{1}};
  net.parameter("tied.weight")[2] = std::numeric_limits<float>::infinity();
  CHECK(argument(net) == "tied.weight[2]");
  using Twice = Fields<Bag<"a", 2, 3, Pool::weighted_sum>, Numbers<"a_weights">>;
  CHECK(argument(Plain<Twice, Dense<1>>{Seed{1}, {5}}) == "field a_weights");
  CHECK(argument(Plain<Fields<Numbers<"logits">>, Dense<1>>{Seed{1}}) == "field logits");
  CHECK(content(folder / "light.onnx").empty());
  CHECK_THROWS_AS(write_onnx(Small{Seed{1}}, folder / "none/light.onnx"), FileError);
}
#endif
