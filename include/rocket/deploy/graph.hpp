/// \file
/// What a net computes, as data: operators on values, in the order in which they are computed. Layers describe
/// themselves in it (`describe`, layers/layer.hpp), and what writes a net down for others works from it alone.
#pragma once
#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rocket/core/error.hpp"
#include "rocket/core/finite.hpp"
#include "rocket/core/shape.hpp"
#include "rocket/layers/window.hpp"

namespace rocket {

/// A value is an array a sample, in the layout that layers know: channels innermost, images height x width x channels.
/// A constant is a value that is the same for all samples. "Positions" are all extents but the last one. Every operator
/// checks the shapes that it is given and throws ValueError where they don't fit.
class Graph {
 public:
  /// What a node computes of its operands, `of`.
  enum class Operator {
    numbers,        ///< an input: numbers as they are given; of {rows}: weights of those
    rows,           ///< an input: rows of a table, each of which may be missing
    constant,       ///< numbers that are known
    look_up,        ///< of {table, rows}: rows x dimension, zeros where a row is missing
    inverse_count,  ///< of {rows}: 1 / the number of rows that aren't missing, 1 where all are
    product,        ///< of {x, w} or {x, w, b}: x w + b over the last extent of x
    convolution,    ///< of {x, w} or {x, w, b}: as Conv2d says
    affine,         ///< of {x, factor, shift}: factor x + shift, channel by channel
    max_pool,       ///< the largest of each channel under a window
    average_pool,   ///< the mean of each channel under a window, the padding not counted
    sum,            ///< over all positions, of each channel
    mean,           ///< over all positions, of each channel
    relu,           ///< max(x, 0)
    leaky_relu,     ///< x for x > 0, slope x otherwise
    sigmoid,        ///< 1 / (1 + exp(-x))
    tanh,           ///< the hyperbolic tangent
    gelu,           ///< x times the normal distribution function of x
    add,            ///< of {a, b}: number by number
    subtract,       ///< of {a, b}: number by number
    multiply,       ///< of {a, b}: number by number
    concat,         ///< all operands side by side in one row
    slice,          ///< some of the operand's numbers, from `begin` on, in a shape of their own
    reshape         ///< the operand's numbers in another shape
  };
  /// Whether number i of what comes out hangs on no number of the first operand but the i-th, and may take its place.
  static constexpr bool works_number_by_number(Operator what) {
    switch (what) {
      case Operator::affine:
      case Operator::relu:
      case Operator::leaky_relu:
      case Operator::sigmoid:
      case Operator::tanh:
      case Operator::gelu:
      case Operator::add:
      case Operator::subtract:
      case Operator::multiply:
        return true;
      default:
        return false;
    }
  }
  /// Names a node.
  struct Value {
    int index = -1;  ///< which one
  };
  /// One operator, and what comes out.
  struct Node {
    Operator what;                 ///< the operator
    Shape shape;                   ///< of what comes out, for one sample
    std::vector<Value> of;         ///< its operands
    Window window{};               ///< of a convolution or a pool
    int groups = 1;                ///< of a convolution
    float slope = 0;               ///< of leaky_relu
    int begin = 0;                 ///< of a slice
    std::string name{};            ///< of an input or a constant
    std::vector<float> numbers{};  ///< of a constant
  };
  /// How b meets a in an operator on two values.
  enum class Spread {
    none,            ///< one number for each of a's
    over_positions,  ///< one number for each channel, the same at all positions
    over_channels    ///< one number for each position, the same for all channels; or one for all
  };

  /// \name Inputs
  /// \{
  Value numbers(std::string name, Shape shape) { return input(Operator::numbers, std::move(name), shape); }
  /// `most` rows of a table.
  Value rows(std::string name, int most) { return input(Operator::rows, std::move(name), Shape{most}); }
  /// A number for each of those rows, which means nothing where the row is missing.
  Value weights(std::string name, Value rows) {
    const Value made = numbers(std::move(name), shape(rows));
    nodes_.back().of.push_back(rows);
    return made;
  }
  /// \}

  /// Makes an array known, so that constants are called by its name.
  /// \param numbers  must live as long as layers describe themselves
  void know(std::string name, Shape shape, std::span<const float> numbers) {
    known_.push_back({std::move(name), shape, numbers});
  }

  /// \name Constants
  /// \throws ValueError  where a number isn't finite
  /// \{
  /// A parameter or statistic of a layer, whole: `graph.constant(place.parameter(0))`.
  Value constant(std::span<const float> numbers) { return constant(numbers, known(numbers).shape); }
  /// A part of one, or all of it in another shape. Twice the same is the same constant.
  Value constant(std::span<const float> numbers, Shape shape) {
    const Known& whole = known(numbers);
    const auto begin = static_cast<std::size_t>(numbers.data() - whole.numbers.data());
    std::string name = whole.name;
    if (numbers.size() != whole.numbers.size()) name += '.' + std::to_string(begin);
    return constant(std::move(name), {numbers.begin(), numbers.end()}, shape);
  }
  /// What was worked out of a layer's arrays: called by the name of `from`, `word` in the place of its last part.
  Value derived(std::span<const float> from, std::string_view word, std::vector<float> numbers) {
    const std::string& name = known(from).name;
    const std::size_t dot = name.rfind('.');
    const Shape shape{static_cast<int>(numbers.size())};
    return constant(name.substr(0, dot == std::string::npos ? 0 : dot + 1) + std::string{word}, std::move(numbers),
                    shape);
  }
  /// A number, of shape 1.
  Value number(float value) { return constant("number." + std::to_string(nodes_.size()), {value}, Shape{1}); }
  /// An array of a name of one's own; others may have it, too.
  Value constant(std::string name, std::vector<float> numbers, Shape shape) {
    check(numbers.size() == static_cast<std::size_t>(shape.size()), "constant " + name, spell(shape),
          std::to_string(numbers.size()) + " numbers");
    for (std::size_t i = 0; i < nodes_.size(); ++i)
      if (nodes_[i].what == Operator::constant && nodes_[i].name == name && nodes_[i].shape == shape &&
          nodes_[i].numbers == numbers)
        return {static_cast<int>(i)};
    const std::size_t bad = detail::first_not_finite(std::span<const float>{numbers});
    if (bad < numbers.size())
      throw ValueError(name + '[' + std::to_string(bad) + ']', "a finite number", std::to_string(numbers[bad]));
    Node node{Operator::constant, shape, {}};
    node.name = std::move(name);
    node.numbers = std::move(numbers);
    return put(std::move(node));
  }
  /// \}

  /// Of a table, rows x dimension, those rows; zeros where one is missing.
  Value look_up(Value table, Value rows) {
    check(at(rows).what == Operator::rows, "look_up", "rows", "another value");
    check(is_constant(table) && shape(table).rank == 2, "look_up", "a constant of two extents", spell(shape(table)));
    return put({Operator::look_up, Shape{shape(rows).size(), shape(table).channels()}, {table, rows}});
  }
  /// 1 / the number of rows that aren't missing, and 1 where all are.
  Value inverse_count(Value rows) {
    check(at(rows).what == Operator::rows, "inverse_count", "rows", "another value");
    return put({Operator::inverse_count, Shape{1}, {rows}});
  }

  /// x w: over the last extent of x and the first of w, rows x inner times inner x columns.
  /// \param w  a constant, or, where x has two extents, any value
  Value product(Value x, Value w) { return product(std::vector{x, w}); }
  /// x w + b, with b a constant, one number a column.
  Value product(Value x, Value w, Value b) { return product(std::vector{x, w, b}); }

  /// As Conv2d says: x height x width x channels, w size x size x inputs a group x outputs.
  Value convolution(Value x, Value w, Window window, int groups) {
    return convolution(std::vector{x, w}, window, groups);
  }
  /// The same, plus b, a constant, one number an output.
  Value convolution(Value x, Value w, Value b, Window window, int groups) {
    return convolution(std::vector{x, w, b}, window, groups);
  }

  /// factor x + shift, both constants of one number a channel.
  Value affine(Value x, Value factor, Value shift) {
    check(is_constant(factor) && is_constant(shift), "affine", "constants", "values");
    check(shape(factor) == Shape{shape(x).channels()} && shape(shift) == shape(factor), "affine",
          spell(Shape{shape(x).channels()}), spell(shape(factor)) + " and " + spell(shape(shift)));
    return put({Operator::affine, shape(x), {x, factor, shift}});
  }

  /// Of an image, height x width x channels.
  Value max_pool(Value x, Window window) { return pool(Operator::max_pool, x, window); }
  Value average_pool(Value x, Window window) { return pool(Operator::average_pool, x, window); }
  /// \name Over all positions: what is left are the channels
  /// \{
  Value sum_of_positions(Value x) { return put({Operator::sum, Shape{shape(x).channels()}, {x}}); }
  Value mean_of_positions(Value x) { return put({Operator::mean, Shape{shape(x).channels()}, {x}}); }
  /// \}

  /// \name Number by number
  /// \{
  Value relu(Value x) { return put({Operator::relu, shape(x), {x}}); }
  Value leaky_relu(Value x, float slope) {
    Node node{Operator::leaky_relu, shape(x), {x}};
    node.slope = slope;
    return put(std::move(node));
  }
  Value sigmoid(Value x) { return put({Operator::sigmoid, shape(x), {x}}); }
  Value tanh(Value x) { return put({Operator::tanh, shape(x), {x}}); }
  Value gelu(Value x) { return put({Operator::gelu, shape(x), {x}}); }
  /// b has a's shape, or is one number a channel, or one a position (the last extent is 1), or one number. Not both are
  /// constants.
  Value add(Value a, Value b) { return of_two(Operator::add, a, b); }
  Value subtract(Value a, Value b) { return of_two(Operator::subtract, a, b); }
  Value multiply(Value a, Value b) { return of_two(Operator::multiply, a, b); }
  /// \}

  /// All numbers of the first, then all of the second and so on.
  Value concat(std::vector<Value> parts) {
    check(!parts.empty(), "concat", "a value", "none");
    for (const Value part : parts) check(!is_constant(part), "concat", "values", "a constant");
    if (parts.size() == 1) return reshape(parts[0], Shape{shape(parts[0]).size()});
    int size = 0;
    for (const Value part : parts) size += shape(part).size();
    return put({Operator::concat, Shape{size}, std::move(parts)});
  }
  /// The numbers [begin, begin + shape.size()) in that shape. Of a concat, the part that they are in is asked.
  Value slice(Value x, int begin, Shape sliced) {
    check(begin >= 0 && begin + sliced.size() <= shape(x).size(), "slice",
          "an end of at most " + std::to_string(shape(x).size()), std::to_string(begin + sliced.size()));
    if (at(x).what == Operator::concat) {
      int before = 0;
      for (const Value part : at(x).of) {
        const int size = shape(part).size();
        if (begin >= before && begin + sliced.size() <= before + size) return slice(part, begin - before, sliced);
        before += size;
      }
    }
    if (sliced.size() == shape(x).size()) return reshape(x, sliced);
    Node node{Operator::slice, sliced, {x}};
    node.begin = begin;
    return put(std::move(node));
  }
  /// The same numbers in another shape.
  Value reshape(Value x, Shape reshaped) {
    check(reshaped.size() == shape(x).size(), "reshape", std::to_string(shape(x).size()) + " numbers", spell(reshaped));
    if (reshaped == shape(x)) return x;
    return put({Operator::reshape, reshaped, {x}});
  }

  /// For one sample.
  const Shape& shape(Value value) const { return at(value).shape; }
  /// All nodes, each behind its operands.
  const std::vector<Node>& nodes() const { return nodes_; }
  /// The node that makes a value.
  const Node& at(Value value) const { return nodes_[static_cast<std::size_t>(value.index)]; }
  bool is_constant(Value value) const { return at(value).what == Operator::constant; }

  /// How b meets a, if it does: add, subtract, multiply.
  Spread spread(Value a, Value b) const {
    const Shape &to = shape(a), &from = shape(b);
    if (to == from) return Spread::none;
    if (from == Shape{to.channels()}) return Spread::over_positions;
    return Spread::over_channels;
  }

  /// What the net puts out.
  Value output{};

  /// Which nodes the output hangs on.
  std::vector<bool> needed() const {
    std::vector<bool> found(nodes_.size());
    found[static_cast<std::size_t>(output.index)] = true;
    for (std::size_t i = nodes_.size(); i-- > 0;)
      if (found[i])
        for (const Value operand : nodes_[i].of) found[static_cast<std::size_t>(operand.index)] = true;
    return found;
  }

  /// "8 x 8 x 3".
  static std::string spell(Shape shape) {
    std::string text;
    for (int i = 0; i < shape.rank; ++i) text += (i == 0 ? "" : " x ") + std::to_string(shape.extent[i]);
    return text;
  }
  /// Throws ValueError unless what a layer's description ends in is what the layer puts out.
  void check_described(std::string_view layer, Shape expected, Value described) const {
    check(shape(described) == expected, std::string{layer}, spell(expected), spell(shape(described)));
  }

 private:
  struct Known {
    std::string name;
    Shape shape;
    std::span<const float> numbers;
  };

  static void check(bool sound, const std::string& what, const std::string& expected, const std::string& found) {
    if (!sound) throw ValueError("describe: " + what, expected, found);
  }
  const Known& known(std::span<const float> numbers) const {
    const auto holds = [&](const Known& array) {
      return numbers.data() >= array.numbers.data() &&
             numbers.data() + numbers.size() <= array.numbers.data() + array.numbers.size();
    };
    const auto found = std::find_if(known_.begin(), known_.end(), holds);
    check(found != known_.end(), "constant", "an array of the net", "another one");
    return *found;
  }
  /// A constant is no array a sample: only what meets a value may be one.
  Value put(Node node) {
    const bool of_values = node.what != Operator::look_up && node.what != Operator::add &&
                           node.what != Operator::subtract && node.what != Operator::multiply;
    if (of_values && !node.of.empty()) check(!is_constant(node.of[0]), "operand", "a value", "a constant");
    nodes_.push_back(std::move(node));
    return {static_cast<int>(nodes_.size()) - 1};
  }
  Value input(Operator what, std::string name, Shape shape) {
    Node node{what, shape, {}};
    node.name = std::move(name);
    return put(std::move(node));
  }
  Value product(std::vector<Value> of) {
    const Shape x = shape(of[0]), w = shape(of[1]);
    check(!is_constant(of[0]), "product", "a value on the left", "a constant");
    check(is_constant(of[1]) || x.rank == 2, "product", "two extents on the left of a value", spell(x));
    check(w.rank == 2 && w.extent[0] == x.channels(), "product", std::to_string(x.channels()) + " rows", spell(w));
    check_bias(of, w.channels());
    Shape out = x;
    out.extent[out.rank - 1] = w.channels();
    return put({Operator::product, out, std::move(of)});
  }
  Value convolution(std::vector<Value> of, Window window, int groups) {
    const Shape x = shape(of[0]), w = shape(of[1]);
    check(x.rank == 3, "convolution", "an image", spell(x));
    check_window(window, x);
    const bool divides = groups >= 1 && x.channels() % groups == 0 && w.channels() % groups == 0;
    check(divides, "convolution", "groups that divide the channels in and out", std::to_string(groups));
    const Shape expected{window.size, window.size, x.channels() / groups, w.channels()};
    check(is_constant(of[1]) && w == expected, "convolution", "a constant of " + spell(expected), spell(w));
    check_bias(of, w.channels());
    Node node{Operator::convolution, window.over(x, w.channels()), std::move(of)};
    node.window = window;
    node.groups = groups;
    return put(std::move(node));
  }
  static void check_window(Window window, Shape image) {
    check(window.sound() && window.fits(image), "window", "one that slides over " + spell(image),
          "size " + std::to_string(window.size) + ", stride " + std::to_string(window.stride) + ", padding " +
              std::to_string(window.padding));
  }
  void check_bias(const std::vector<Value>& of, int columns) const {
    if (of.size() == 3)
      check(is_constant(of[2]) && shape(of[2]) == Shape{columns}, "bias", "a constant of " + std::to_string(columns),
            spell(shape(of[2])));
  }
  Value pool(Operator what, Value x, Window window) {
    check(shape(x).rank == 3, "pool", "an image", spell(shape(x)));
    check_window(window, shape(x));
    Node node{what, window.over(shape(x), shape(x).channels()), {x}};
    node.window = window;
    return put(std::move(node));
  }
  Value of_two(Operator what, Value a, Value b) {
    const Shape &to = shape(a), &from = shape(b);
    Shape one_a_position = to;
    one_a_position.extent[to.rank - 1] = 1;
    check(to == from || from == Shape{to.channels()} || from == one_a_position || from == Shape{1}, "a shape for b",
          spell(to) + ", or a part of it that is spread", spell(from));
    check(!is_constant(a) || !is_constant(b), "operands", "a value", "two constants");
    return put({what, to, {a, b}});
  }

  std::vector<Node> nodes_;
  std::vector<Known> known_;
};

}  // namespace rocket
