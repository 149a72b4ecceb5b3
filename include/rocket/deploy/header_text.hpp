#pragma once
#include <algorithm>
#include <charconv>
#include <cstddef>
#include <initializer_list>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rocket/core/word.hpp"
#include "rocket/deploy/graph.hpp"
#include "rocket/deploy/header_functions.hpp"
#include "rocket/deploy/identifier.hpp"
#include "rocket/version.hpp"

namespace rocket::detail {

/// Where each value of a graph lies while it is computed: in the scratch, one behind the other, in places that are used
/// again once nobody reads what lies there. A reshape or a slice lies where its operand does.
class ScratchPlan {
 public:
  explicit ScratchPlan(const Graph& graph)
      : needed{graph.needed()}, root(graph.nodes().size()), offset(root.size()), begin(root.size(), -1) {
    using Operator = Graph::Operator;
    const auto& nodes = graph.nodes();
    std::vector<std::size_t> last(nodes.size());  // reader of what lies there
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      root[i] = i;
      if (nodes[i].what == Operator::reshape || nodes[i].what == Operator::slice) {
        const auto operand = static_cast<std::size_t>(nodes[i].of[0].index);
        root[i] = root[operand], offset[i] = offset[operand] + nodes[i].begin;
      }
      if (needed[i])
        for (const Graph::Value v : nodes[i].of) last[root[static_cast<std::size_t>(v.index)]] = i;
    }
    const auto output = static_cast<std::size_t>(graph.output.index);
    last[root[output]] = nodes.size();
    if (is_computed(nodes[root[output]]) && nodes[root[output]].shape.size() == nodes[output].shape.size())
      written_out = root[output];

    std::vector<std::size_t> lying;  // roots
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      if (!needed[i] || root[i] != i || !is_computed(nodes[i])) continue;
      if (i != written_out) {
        begin[i] = gap(nodes, lying, nodes[i].shape.size(), in_place(nodes[i], last, i));
        size = std::max(size, begin[i] + nodes[i].shape.size());
        lying.push_back(i);
      }
      std::erase_if(lying, [&](std::size_t r) { return last[r] <= i; });
    }
  }
  /// Whether it is worked out, and so needs a place.
  static bool is_computed(const Graph::Node& node) {
    return node.what != Graph::Operator::constant && node.what != Graph::Operator::numbers &&
           node.what != Graph::Operator::rows;
  }

  std::vector<bool> needed;           ///< nodes that the output hangs on
  std::vector<std::size_t> root;      ///< of a node: whose memory it looks at
  std::vector<int> offset;            ///< of a node: where in that memory it begins
  std::vector<int> begin;             ///< of a root: where in the scratch it begins; -1: it doesn't lie there
  std::size_t written_out = no_node;  ///< the root that is written where the caller wants the logits
  int size = 0;                       ///< numbers in the scratch
  static constexpr std::size_t no_node = static_cast<std::size_t>(-1);

 private:
  /// The root whose place a node may write over as it reads it, number by number: nobody else will.
  std::size_t in_place(const Graph::Node& node, const std::vector<std::size_t>& last, std::size_t i) const {
    if (!Graph::works_number_by_number(node.what)) return no_node;
    const auto x = static_cast<std::size_t>(node.of[0].index);
    if (begin[root[x]] < 0 || last[root[x]] > i || offset[x] != 0) return no_node;
    for (std::size_t k = 1; k < node.of.size(); ++k)
      if (root[static_cast<std::size_t>(node.of[k].index)] == root[x]) return no_node;
    return root[x];
  }
  /// The first gap of that many numbers between what lies there, `over` counting as a gap.
  int gap(const std::vector<Graph::Node>& nodes, const std::vector<std::size_t>& lying, int count,
          std::size_t over) const {
    constexpr int line = 16;
    std::vector<std::pair<int, int>> taken;
    for (const std::size_t r : lying)
      if (r != over) taken.emplace_back(begin[r], (begin[r] + nodes[r].shape.size() + line - 1) / line * line);
    std::sort(taken.begin(), taken.end());
    const auto free_at = [&](int from) {
      return std::all_of(taken.begin(), taken.end(),
                         [&](const auto& t) { return from + count <= t.first || from >= t.second; });
    };
    if (over != no_node && free_at(begin[over])) return begin[over];
    int from = 0;
    for (const auto& [first, end] : taken)
      if (from + count > first) from = std::max(from, end);
    return from;
  }
};

/// A pattern with `$0` ... `$9` replaced by those texts.
inline std::string filled(std::string_view pattern, std::initializer_list<std::string_view> texts) {
  std::string made;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '$')
      made += *(texts.begin() + (pattern[++i] - '0'));
    else
      made += pattern[i];
  }
  return made;
}

/// Writes a graph as a header of C++17.
class HeaderText {
 public:
  /// \param has_record  whether the inputs are fields, members of a struct Record; else they are one array
  HeaderText(const Graph& graph, std::string name, bool has_record)
      : graph_{graph}, plan_{graph}, name_{std::move(name)}, has_record_{has_record} {
    for (const Graph::Node& node : graph.nodes())
      if (node.what == Graph::Operator::numbers || node.what == Graph::Operator::rows) inputs_.push_back(&node);
    if (has_record) name_members();
    name_constants();
  }

  /// Numbers of the constants that are written.
  std::size_t constant_numbers() const {
    std::size_t count = 0;
    for (std::size_t i = 0; i < plan_.needed.size(); ++i)
      if (plan_.needed[i]) count += graph_.nodes()[i].numbers.size();
    return count;
  }

  /// The header.
  /// \param samples  each one's inputs, one behind the other   \param logits  what Rocket makes of each
  template <class Feature>
  std::string write(std::span<const Feature> samples, std::span<const float> logits) {
    const std::string computed = computation();  // before the functions: it says which ones
    const std::string_view sample = has_record_ ? "const Record& record" : "const float* features";
    const std::string_view argument = has_record_ ? "record" : "features";
    std::string text = filled(
        R"(// Written by Rocket $0: do not edit. A net with its numbers, in C++17; it needs the standard library alone.
// Everything here is const, so threads may share it, each with a Scratch of its own.
#pragma once
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace $1 {

/// How many logits a sample has.
inline constexpr int outputs = $2;
)",
        {spell_version(), name_, text_of(outputs())});
    if (has_record_)
      text += record();
    else
      text += filled("/// How many features a sample has$0.\ninline constexpr int inputs = $1;\n",
                     {spelled_shape(), text_of(inputs_.front()->shape.size())});
    text += filled(R"(
namespace detail {

$0namespace constants {
// clang-format off
$1// clang-format on
}  // namespace constants

}  // namespace detail

/// What is worked in while logits are computed.
struct Scratch {
  alignas(64) float numbers[$2];
};

/// The logits of a sample: `out` gets `outputs` numbers, and is no part of what is read.
inline void logits($3, float* out, Scratch& scratch) {
  $4
$5}
)",
                   {functions(), constants(), text_of(std::max(1, plan_.size)), sample,
                    plan_.size > 0 ? "float* const s = scratch.numbers;" : "static_cast<void>(scratch);", computed});
    if (fits_the_stack())
      text += filled(R"(inline void logits($0, float* out) {
  Scratch scratch;
  logits($1, out, scratch);
}
)",
                     {sample, argument});
    return text + self_test(samples, logits) + filled("\n}  // namespace $0\n", {name_});
  }

 private:
  using Operator = Graph::Operator;
  using Value = Graph::Value;

  int outputs() const { return graph_.shape(graph_.output).size(); }
  bool fits_the_stack() const { return static_cast<std::size_t>(plan_.size) * sizeof(float) <= 64 * 1024; }
  std::string spelled_shape() const {
    const Shape& shape = inputs_.front()->shape;
    return shape.rank > 1 ? ": " + Graph::spell(shape) : "";
  }

  void name_members() {
    for (const Graph::Node* input : inputs_) {
      members_.push_back(as_identifier(input->name));
      for (std::size_t k = 0; k + 1 < members_.size(); ++k)
        if (members_[k] == members_.back())
          throw ValueError("field " + input->name,
                           "a name that is another member of Record than that of the field " + inputs_[k]->name,
                           members_.back());
    }
  }
  /// Arrays whose names become one are told apart by underscores.
  void name_constants() {
    std::set<std::string> used;
    for (const Graph::Node& node : graph_.nodes()) {
      std::string name = node.what == Operator::constant ? as_identifier(node.name) : "";
      while (!name.empty() && !used.insert(name).second) name += name.back() == '_' ? "x" : "_";
      names_.push_back(std::move(name));
    }
  }
  std::string record() const {
    std::string text =
        R"(/// No row: an empty cell, the unused rest of a list. So is every row that a table doesn't have.
inline constexpr std::uint32_t no_row = 0xffffffffU;
/// A list of rows without any.
template <std::size_t Most>
constexpr std::array<std::uint32_t, Most> no_rows() {
  std::array<std::uint32_t, Most> rows{};
  for (std::size_t k = 0; k < Most; ++k) rows[k] = no_row;
  return rows;
}

/// A sample.
struct Record {
)";
    for (std::size_t m = 0; m < members_.size(); ++m) {
      const bool rows = inputs_[m]->what == Operator::rows, one = inputs_[m]->shape.size() == 1;
      const std::string_view pattern = one && rows ? "  std::uint32_t $0 = no_row;"
                                       : one       ? "  float $0 = 0.0F;"
                                       : rows      ? "  std::array<std::uint32_t, $1> $0 = no_rows<$1>();"
                                                   : "  std::array<float, $1> $0{};";
      text += filled(pattern, {members_[m], text_of(inputs_[m]->shape.size())});
      if (members_[m] != inputs_[m]->name) text += "  // " + printable(inputs_[m]->name);
      text += '\n';
    }
    return text + "};\n";
  }
  /// On one line of a comment.
  static std::string printable(std::string text) {
    for (char& c : text)
      if (static_cast<unsigned char>(c) < 0x20 || c == '\\') c = ' ';
    return text;
  }

  std::string functions() const {
    std::string text;
    const auto wanted = [&](const HeaderFunction& function) {
      if (called_.count(std::string{function.name}) > 0) return true;
      return std::any_of(header_functions.begin(), header_functions.end(), [&](const HeaderFunction& other) {
        const bool needs = std::find(other.needs.begin(), other.needs.end(), function.name) != other.needs.end();
        return needs && called_.count(std::string{other.name}) > 0;
      });
    };
    for (const HeaderFunction& function : header_functions)
      if (wanted(function) && !function.text.empty()) text += std::string{function.text} + '\n';
    return text;
  }

  std::string constants() const {
    std::string text;
    for (std::size_t i = 0; i < plan_.needed.size(); ++i) {
      const Graph::Node& node = graph_.nodes()[i];
      if (!plan_.needed[i] || node.what != Operator::constant) continue;
      text += filled("/// $0: $1\nalignas(64) inline constexpr float $2[$3] = {\n$4};\n",
                     {printable(node.name), Graph::spell(node.shape), names_[i], std::to_string(node.numbers.size()),
                      list(std::span<const float>{node.numbers})});
    }
    return text;
  }
  /// The shortest digits that are read back as this very number.
  static void append_number(std::string& text, float number) {
    std::array<char, 32> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    const std::string_view written{digits.data(), static_cast<std::size_t>(end - digits.data())};
    text += written;
    if (written.find_first_of(".e") == std::string_view::npos) text += ".0";
    text += 'F';
  }
  static void append_number(std::string& text, std::uint32_t row) {
    if (row == Word::most_rows)
      text += "no_row";
    else
      text += std::to_string(row) + 'U';
  }
  /// Separated by commas, in lines that editors can show.
  template <class Number>
  static std::string list(std::span<const Number> numbers) {
    std::string text;
    std::size_t line = 0;
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      append_number(text, numbers[i]);
      if (i + 1 < numbers.size()) text += ',';
      if (text.size() - line > 100 || i + 1 == numbers.size()) text += '\n', line = text.size();
    }
    return text;
  }

  std::string at(Value value) const {
    const auto i = static_cast<std::size_t>(value.index), root = plan_.root[i];
    const Graph::Node& node = graph_.nodes()[root];
    const std::string shift = plan_.offset[i] > 0 ? " + " + std::to_string(plan_.offset[i]) : "";
    if (node.what == Operator::constant) return "detail::constants::" + names_[root] + shift;
    if (root == plan_.written_out) return "out" + shift;
    if (plan_.begin[root] >= 0)
      return plan_.begin[root] + plan_.offset[i] > 0 ? "s + " + std::to_string(plan_.begin[root] + plan_.offset[i])
                                                     : "s";
    if (!has_record_) return "features" + shift;
    for (std::size_t m = 0; m < inputs_.size(); ++m)
      if (inputs_[m] == &node)
        return node.shape.size() == 1 ? "&record." + members_[m] : "record." + members_[m] + ".data()" + shift;
    return {};
  }
  std::string call(std::string_view function, std::initializer_list<std::string> sizes,
                   std::initializer_list<std::string> arguments) {
    called_.emplace(function);
    const auto joined = [](std::initializer_list<std::string> parts) {
      std::string text;
      for (const std::string& part : parts) text.append(text.empty() ? "" : ", ").append(part);
      return text;
    };
    return filled("  detail::$0<$1>($2);\n", {function, joined(sizes), joined(arguments)});
  }
  static std::string text_of(int number) { return std::to_string(number); }
  /// The rows of the table that a list of rows is looked up in.
  std::string rows_of_table(Value rows) const {
    for (const Graph::Node& node : graph_.nodes())
      if (node.what == Operator::look_up && node.of[1].index == rows.index)
        return text_of(graph_.shape(node.of[0]).extent[0]) + 'U';
    return "no_row";
  }

  std::string computation() {
    std::string text;
    for (std::size_t i = 0; i < plan_.needed.size(); ++i)
      if (plan_.needed[i] && plan_.root[i] == i && ScratchPlan::is_computed(graph_.nodes()[i]))
        text += computation(graph_.nodes()[i], at({static_cast<int>(i)}));
    if (plan_.written_out == ScratchPlan::no_node)
      text += call("copy", {text_of(outputs())}, {at(graph_.output), "out"});
    return text;
  }
  std::string computation(const Graph::Node& node, const std::string& y) {
    const Shape x = graph_.shape(node.of[0]);
    const std::string from = at(node.of[0]), size = text_of(node.shape.size());
    const std::string positions = text_of(x.positions()), channels = text_of(x.channels());
    const auto operand = [&](std::size_t i) { return i < node.of.size() ? at(node.of[i]) : "nullptr"; };
    const std::string height = text_of(x.extent[0]), width = text_of(x.extent[1]), window = text_of(node.window.size),
                      stride = text_of(node.window.stride), padding = text_of(node.window.padding);
    switch (node.what) {
      case Operator::look_up:
        return call("look_up", {text_of(x.extent[0]) + 'U', channels, text_of(node.shape.extent[0])},
                    {from, operand(1), y});
      case Operator::inverse_count:
        return call("inverse_count", {rows_of_table(node.of[0]), text_of(x.size())}, {from, y});
      case Operator::product:
        return call("product", {positions, channels, text_of(node.shape.channels())},
                    {from, operand(1), operand(2), y});
      case Operator::convolution:
        return call(
            "convolution",
            {height, width, channels, text_of(node.shape.channels()), window, stride, padding, text_of(node.groups)},
            {from, operand(1), operand(2), y});
      case Operator::max_pool:
      case Operator::average_pool:
        return call("pool",
                    {node.what == Operator::max_pool ? "detail::Largest" : "detail::Mean", height, width, channels,
                     window, stride, padding},
                    {from, y});
      case Operator::affine:
        return call("affine", {positions, channels}, {from, operand(1), operand(2), y});
      case Operator::sum:
        return call("sum", {positions, channels}, {from, y});
      case Operator::mean:
        return call("mean", {positions, channels}, {from, y});
      case Operator::relu:
        return call("relu", {size}, {from, y});
      case Operator::leaky_relu: {
        std::string slope;
        append_number(slope, node.slope);
        return call("leaky_relu", {size}, {slope, from, y});
      }
      case Operator::sigmoid:
        return call("sigmoid", {size}, {from, y});
      case Operator::tanh:
        return call("tanh", {size}, {from, y});
      case Operator::gelu:
        return call("gelu", {size}, {from, y});
      case Operator::add:
      case Operator::subtract:
      case Operator::multiply:
        return of_two(node, from, operand(1), y);
      case Operator::concat: {
        std::string text;
        int before = 0;
        for (const Value part : node.of) {
          const int count = graph_.shape(part).size();
          text += call("copy", {text_of(count)}, {at(part), before > 0 ? y + " + " + text_of(before) : y});
          before += count;
        }
        return text;
      }
      case Operator::numbers:
      case Operator::rows:
      case Operator::constant:
      case Operator::slice:
      case Operator::reshape:
        break;  // nothing to compute
    }
    return {};
  }
  std::string of_two(const Graph::Node& node, const std::string& a, const std::string& b, const std::string& y) {
    const std::string both = node.what == Operator::add        ? "detail::Add"
                             : node.what == Operator::subtract ? "detail::Subtract"
                                                               : "detail::Multiply";
    const int size = node.shape.size(), of_b = graph_.shape(node.of[1]).size();
    switch (graph_.spread(node.of[0], node.of[1])) {
      case Graph::Spread::over_positions:
        return call("each_channel", {both, text_of(size / of_b), text_of(of_b)}, {a, b, y});
      case Graph::Spread::over_channels:
        return call("each_position", {both, text_of(of_b), text_of(size / of_b)}, {a, b, y});
      case Graph::Spread::none:
        break;
    }
    return call("each", {both, text_of(size)}, {a, b, y});
  }

  std::string sample(const float* numbers) const {
    return list(std::span{numbers, static_cast<std::size_t>(inputs_.front()->shape.size())});
  }
  /// The members of a Record, in their order: the words of a record lie in the same one.
  std::string sample(const Word* words) const {
    std::string text;
    const Word* rows = words;  // of the field that a weight is of
    for (const Graph::Node* input : inputs_) {
      const int count = input->shape.size();
      std::string member;
      for (int k = 0; k < count; ++k) {
        if (k > 0) member += ',';
        if (input->what == Operator::rows)
          append_number(member, words[k].as_row());
        else
          append_number(member, words[k] == Word{} || (weighs(*input) && !rows[k].is_row()) ? 0 : words[k].as_number());
      }
      text += filled(count == 1 ? "$0$1" : "$0{{$1}}", {text.empty() ? "" : ",\n", member});
      rows = words;
      words += count;
    }
    return text + '\n';
  }
  /// Whether an input is the weights of the rows that stand before it.
  static bool weighs(const Graph::Node& input) { return input.what == Operator::numbers && !input.of.empty(); }

  template <class Feature>
  std::string self_test(std::span<const Feature> samples, std::span<const float> logits) const {
    const auto width = static_cast<std::size_t>(outputs());
    const std::size_t count = logits.size() / width, of_sample = samples.size() / count;
    std::string stored, expected, scale;
    float largest = 0;
    for (std::size_t i = 0; i < count; ++i) {
      stored += filled("{$0},\n", {sample(samples.data() + i * of_sample)});
      expected += filled("{$0},\n", {list(logits.subspan(i * width, width))});
    }
    for (const float logit : logits) largest = std::max(largest, logit < 0 ? -logit : logit);
    append_number(scale, largest);
    const std::string number = std::to_string(count);
    std::string text =
        filled(R"(
/// Whether the logits of $0 stored samples are those that Rocket computed. Other compilers may round sums otherwise:
/// differences up to `tolerance` times the largest logit don't count.
inline bool self_test(Scratch& scratch, float tolerance = 1e-4F) {
  // clang-format off
  static constexpr $1 = {
$2};
  static constexpr float expected[$0][outputs] = {
$3};
  // clang-format on
  constexpr float largest = $4;
  float out[outputs];
  for (int i = 0; i < $0; ++i) {
    logits(samples[i], out, scratch);
    for (int c = 0; c < outputs; ++c)
      if (!(std::fabs(out[c] - expected[i][c]) <= tolerance * largest)) return false;
  }
  return true;
}
)",
               {number, filled(has_record_ ? "Record samples[$0]" : "float samples[$0][inputs]", {number}), stored,
                expected, scale});
    if (fits_the_stack()) text += "inline bool self_test() {\n  Scratch scratch;\n  return self_test(scratch);\n}\n";
    return text;
  }

  const Graph& graph_;
  const ScratchPlan plan_;
  std::string name_;
  bool has_record_;
  std::vector<const Graph::Node*> inputs_;
  std::vector<std::string> members_;  ///< of Record, one an input
  std::vector<std::string> names_;    ///< of constants, one a node
  std::set<std::string> called_;      ///< functions
};

}  // namespace rocket::detail
