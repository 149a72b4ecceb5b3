#pragma once
#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include "rocket/core/buffer.hpp"
#include "rocket/core/check.hpp"
#include "rocket/core/error.hpp"
#include "rocket/core/type_list.hpp"
#include "rocket/kernels/class_logits.hpp"
#include "rocket/net/composite.hpp"
#include "rocket/net/concat.hpp"
#include "rocket/net/named.hpp"
#include "rocket/net/part.hpp"
#include "rocket/net/recomputed.hpp"
#include "rocket/net/repeat.hpp"
#include "rocket/net/residual.hpp"
#include "rocket/net/sequential.hpp"
#include "rocket/net/tables.hpp"

namespace rocket {

/// One output of a net: the layers behind the trunk, under the name of their role ("light", "booster").
template <FixedString Name, class Layers>
struct Head {
  using layers = Layers;                                 ///< one layer or container
  static constexpr std::string_view name = Name.view();  ///< the role
};

namespace detail {
template <class Net>
struct Anatomy;

template <class ParameterName, bool sound>
struct NameSharesWholeLayers {
  static_assert(holds<sound, ParameterName>,
                "rocket: Named: two heads use a layer by one name, but only one of them has this parameter of it");
  static constexpr bool ok = true;
};
template <class ParameterName, bool sound>
struct NameIsUsedOnce {
  static_assert(holds<sound, ParameterName>,
                "rocket: Part: two parameters of one head have one name: the words of a list must differ");
  static constexpr bool ok = true;
};
template <class ParameterName, bool sound>
struct NameSharesSomething {
  static_assert(
      holds<sound, ParameterName>,
      "rocket: Named: two heads use a name, but share no parameter by it: their layers are listed differently");
  static constexpr bool ok = true;
};
template <class ParameterName, class ExpectedShapeAndCopies, class GotShapeAndCopies, bool sound>
struct NameMeansOneShape {
  static_assert(holds<sound, ParameterName, ExpectedShapeAndCopies, GotShapeAndCopies>,
                "rocket: Named: a name is used for parameters of two shapes, or by a Repeat and by a list that is cut"
                " differently, so they cannot be shared: give one of the two another name, or share nothing"
                " (LaunchUnshared)");
  static constexpr bool ok = true;
};
template <class Number, bool sound>
struct NumbersAreFloatOrDouble {
  static_assert(holds<sound, Number>,
                "rocket: a net: its numbers are float or double; layers in a row are one Sequential<...>");
  static constexpr bool ok = true;
};
}  // namespace detail

/// Heads on a trunk: every net of the library is one. It owns one vector with all its parameters and one with what its
/// layers remember (running statistics); a pass over it is const and works in memory of the caller (TrainingWorkspace,
/// InferenceWorkspace).
///
/// \tparam T      the number, float or double
/// \tparam Shares whether one name in two heads means one set of parameters (Named), or each head has its own
template <class T, class InputShape, bool Shares, class TrunkLayers, class... Heads>
class MultiHead {
  static constexpr bool is_real = std::is_same_v<T, float> || std::is_same_v<T, double>;
  static_assert(detail::NumbersAreFloatOrDouble<T, is_real>::ok);
  static_assert(sizeof...(Heads) >= 1, "rocket: MultiHead: a net needs a head");

  using Trunk = detail::Node<TrunkLayers, InputShape::shape>;
  static constexpr bool has_trunk = !std::is_same_v<TrunkLayers, Sequential<>>;
  template <std::size_t H>
  using HeadNode = detail::Node<typename detail::At<H, Heads...>::layers, Trunk::output>;

 public:
  using Scalar = T;                                       ///< the number everything is computed in
  using NetTables = Tables<T, InputShape>;                ///< what the ids of a sample are looked up in, if it has any
  using Feature = typename NetTables::Feature;            ///< what a sample consists of: T, or the words of a record
  static constexpr std::size_t heads = sizeof...(Heads);  ///< how many
  static constexpr Shape input = InputShape::shape;       ///< what the trunk reads of one sample
  static constexpr Shape record = NetTables::record;      ///< one sample as it is given: `input`, or a record of Fields
  /// Numbers a sample that each head puts out: its logits.
  static constexpr std::array<int, heads> outputs = [] {
    return []<std::size_t... H>(std::index_sequence<H...>) {
      return std::array<int, heads>{HeadNode<H>::output.size()...};
    }
    (std::make_index_sequence<heads>{});
  }();
  /// What the logits of the first head tell apart: a single logit is the log-odds of class 1 against class 0.
  static constexpr int classes = kernels::classes_of(outputs[0]);
  /// The shapes of the side outputs on the way to head H, in the order of the layers: those of the trunk, then its own.
  template <std::size_t H>
  static constexpr auto side_shapes = detail::joined<Trunk::side_shapes.size() + HeadNode<H>::side_shapes.size()>(
      std::array<std::span<const Shape>, 2>{Trunk::side_shapes, HeadNode<H>::side_shapes});
  /// The role of each head.
  static constexpr std::array<std::string_view, heads> head_names{Heads::name...};

 private:
  template <class R, class Property>
  static constexpr R total(Property property) {
    R sum = property.template operator()<Trunk>();
    detail::for_each_index<heads>([&](auto h) { sum = sum + property.template operator()<HeadNode<h>>(); });
    return sum;
  }
  static constexpr std::size_t leaves = total<std::size_t>([]<class N>() { return N::leaves; });
  static constexpr std::size_t parameter_arrays = total<std::size_t>([]<class N>() { return N::parameter_arrays; });
  static constexpr std::size_t statistic_arrays = total<std::size_t>([]<class N>() { return N::statistic_arrays; });
  /// Walks all layers in their order: trunk, then head by head.
  template <class Listing>
  static constexpr void list(Listing& made) {
    detail::Scope scope;
    scope.path = Text{"trunk"};
    scope.shares = Shares;
    Trunk::list(made, scope);
    detail::for_each_index<heads>([&](auto h) {
      scope.path = scope.owner = scope.head = Text{head_names[h]};
      scope.head_index = h;
      HeadNode<h>::list(made, scope);
    });
  }
  static constexpr auto listing = [] {
    detail::Listing<leaves, parameter_arrays, statistic_arrays> made;
    list(made);
    return made;
  }();
  static constexpr auto parameter_storage = detail::assign(listing.parameters);
  static constexpr auto statistic_storage = detail::assign(listing.statistics);

  static constexpr std::size_t conflict = parameter_storage.conflict, conflict_with = parameter_storage.conflict_with;
  /// The listed parameter i, or one without a name.
  static constexpr Array listed(std::size_t i) {
    Array found;
    for (std::size_t k = 0; k < parameter_arrays; ++k)
      if (k == i) found = *(listing.parameters.begin() + k);
    return found;
  }
  static constexpr std::size_t twice = detail::named_twice(listing.parameters);
  static constexpr Array twice_array = listed(twice);
  static_assert(detail::NameIsUsedOnce<Spell<twice_array.key>, twice == parameter_arrays>::ok);
  static constexpr Array expected = listed(conflict_with), got = listed(conflict);
  static constexpr bool one_shape = conflict == conflict_with || twice != parameter_arrays;
  static_assert(detail::NameMeansOneShape<Spell<got.key>, Expected<expected.shape, expected.copies>,
                                          Got<got.shape, got.copies>, one_shape>::ok);
  static constexpr std::size_t half = detail::half_shared(listing.leaves, parameter_storage);
  static constexpr std::size_t idle = detail::shares_nothing(listing.parameters, parameter_storage);
  static constexpr Array half_array = listed(half), idle_array = listed(idle);
  static_assert(detail::NameSharesWholeLayers<Spell<half_array.key>, half == parameter_arrays>::ok);
  static_assert(detail::NameSharesSomething<Spell<idle_array.key>, idle == parameter_arrays>::ok);

 public:
  /// Trainable numbers, without those of tables.
  static constexpr std::size_t parameters = parameter_storage.size;
  /// Remembered numbers.
  static constexpr std::size_t statistics = statistic_storage.size;
  /// A sample through trunk and all heads.
  static constexpr long multiply_adds = total<long>([]<class N>() { return N::multiply_adds; });

  /// Numbers that its layers can work out once, before inference (Prepared), as they hold their weights.
  template <Stored How>
  static constexpr std::size_t prepared_as = listing.prepared[static_cast<std::size_t>(How)].count(0);
  static constexpr std::size_t prepared = prepared_as<Stored::as_trained>;
  /// Inputs of layers whose range has to be known to hold them in 8 bits.
  static constexpr std::size_t ranges = static_cast<std::size_t>(listing.ranges);

  /// Every array of the parameter vector: name, shape, place.
  static constexpr std::span<const Array> parameter_table() {
    return {parameter_storage.arrays.data(), parameter_storage.count};
  }
  /// Every array of the vector of statistics.
  static constexpr std::span<const Array> statistic_table() {
    return {statistic_storage.arrays.data(), statistic_storage.count};
  }

  /// Initial values are a function of the seed and of each parameter's name, not of what else is in the net.
  explicit MultiHead(Seed seed) : MultiHead{seed, no_tables()} {}
  /// The same for a net of Fields, whose tables have so many rows, in the order of Fields::tables.
  /// \throws ValueError  where a table has no row, or more than a word can say
  MultiHead(Seed seed, const typename NetTables::Rows& rows) requires(NetTables::count > 0)
      : MultiHead{seed, NetTables{rows}} {
    tables_.initialise(seed);
  }
  /// The same with tables that are there.
  MultiHead(Seed seed, NetTables tables)
      : tables_{std::move(tables)}, parameters_(parameters), statistics_(statistics), seed_{seed} {
    initialise(parameter_table(), parameters_.data());
    initialise(statistic_table(), statistics_.data());
  }

  /// What initial values, and random decisions in training, hang on.
  Seed seed() const { return seed_; }
  /// All trainable numbers but those of tables, laid out as parameter_table() says.
  std::span<T> parameter_vector() { return parameters_.span(); }
  std::span<const T> parameter_vector() const { return parameters_.span(); }
  /// The numbers of one parameter, by the name Array::name_of gives: parameter("trunk.0.weight").
  /// Throws ValueError if there is none of that name.
  std::span<T> parameter(std::string_view name) {
    const Piece piece = find(name);
    return parameters_.span().subspan(piece.offset, piece.size);
  }
  std::span<const T> parameter(std::string_view name) const {
    const Piece piece = find(name);
    return parameters_.span().subspan(piece.offset, piece.size);
  }
  /// All remembered numbers, laid out as statistic_table() says.
  std::span<T> statistic_vector() { return statistics_.span(); }
  std::span<const T> statistic_vector() const { return statistics_.span(); }

  /// The tables that the ids of a sample are looked up in; without Fields there are none.
  NetTables& tables() { return tables_; }
  const NetTables& tables() const { return tables_; }
  /// One of them, by the name that the fields or files say: table("user"). Throws ValueError if there is none of that
  /// name.
  TableView<T> table(std::string_view name) { return find_table(tables_.list_of(tables_.vector()), name); }
  TableView<const T> table(std::string_view name) const { return find_table(tables_.list_of(tables_.vector()), name); }

  /// Takes the parameters and statistics of the trunk and head FromHead of another net, layer by layer; not its tables.
  template <std::size_t FromHead, class Other>
  void take_head(const Other& from) {
    static_assert(heads == 1, "rocket: take_head: the net that takes must have one head");
    copy(Other::template parameter_pieces<FromHead>(), from.parameter_vector(), parameter_pieces<0>(),
         parameter_vector());
    copy(Other::template statistic_pieces<FromHead>(), from.statistic_vector(), statistic_pieces<0>(),
         statistic_vector());
  }

  /// Where the parameters of the trunk and of head H lie, in the order of the layers.
  template <std::size_t H>
  static constexpr auto parameter_pieces() {
    return pieces<H, Trunk::parameter_arrays, HeadNode<H>::parameter_arrays>(
        listing.parameters, parameter_storage.spots, []<class N>() { return N::parameter_arrays; });
  }
  /// The same of the statistics.
  template <std::size_t H>
  static constexpr auto statistic_pieces() {
    return pieces<H, Trunk::statistic_arrays, HeadNode<H>::statistic_arrays>(
        listing.statistics, statistic_storage.spots, []<class N>() { return N::statistic_arrays; });
  }

 private:
  struct Piece {
    std::size_t offset = 0, size = 0;
  };
  template <std::size_t H, std::size_t InTrunk, std::size_t InHead, std::size_t N, class Count>
  static constexpr auto pieces(const std::array<Array, N>& listed, const std::array<detail::Spot, N>& spots,
                               Count count) {
    std::size_t begin = InTrunk;  // of the head's arrays
    detail::for_each_index<H>([&](auto h) { begin += count.template operator()<HeadNode<h>>(); });
    std::array<Piece, InTrunk + InHead> found{};
    for (std::size_t i = 0; i < found.size(); ++i) {
      const std::size_t at = i < InTrunk ? i : begin + i - InTrunk;
      found[i] = {spots[at].offset, listed[at].size()};
    }
    return found;
  }
  template <class FromPieces, class ToPieces>
  static void copy(const FromPieces& from, std::span<const T> source, const ToPieces& to, std::span<T> target) {
    static_assert(std::tuple_size_v<FromPieces> == std::tuple_size_v<ToPieces>,
                  "rocket: take_head: the two nets differ in their layers");
    for (std::size_t i = 0; i < to.size(); ++i) {
      if (from[i].size != to[i].size)
        throw ValueError("take_head: array " + std::to_string(i), std::to_string(to[i].size) + " numbers",
                         std::to_string(from[i].size));
    }
    for (std::size_t i = 0; i < to.size(); ++i)
      std::copy_n(source.data() + from[i].offset, to[i].size, target.data() + to[i].offset);
  }

  static Piece find(std::string_view name) {
    for (const Array& array : parameter_table())
      for (int copy = 0; copy < array.copies; ++copy)
        if (array.name_of(copy) == name) return {array.at(copy), array.copy_size()};
    throw ValueError("parameter",
                     "a name of this net" + (parameters > 0 ? ", such as " + parameter_table()[0].name_of(0) : ""),
                     std::string{name});
  }

  template <class Tables>
  static auto find_table(const Tables& tables, std::string_view name) {
    for (const auto& table : tables)
      if (table.name == name || table.name.substr(table.name.find('.') + 1) == name) return table;
    throw ValueError("table", "the name of a table of this net", '"' + std::string{name} + '"');
  }
  static NetTables no_tables() {
    static_assert(NetTables::count == 0,
                  "rocket: a net of Fields: say how many rows its tables have: Net{Seed{7}, {users, items}}");
    return NetTables{typename NetTables::Rows{}};
  }
  void initialise(std::span<const Array> table, T* vector) const {
    for (const Array& array : table)
      for (int copy = 0; copy < array.copies; ++copy) {
        const Random random{seed_, name_hash(array.key_of(copy))};
        T* numbers = vector + array.at(copy);
        for (std::size_t i = 0; i < array.copy_size(); ++i) numbers[i] = static_cast<T>(draw(array.init, random, i));
      }
  }
  static double draw(const Init& init, const Random& random, std::size_t i) {
    switch (init.kind) {
      case Init::Kind::normal:
        return init.a + init.b * random.normal(i);
      case Init::Kind::uniform:
        return init.a + (init.b - init.a) * random.uniform(i);
      case Init::Kind::constant:
        break;
    }
    return init.a;
  }

  template <class Net>
  friend struct detail::Anatomy;

  [[no_unique_address]] NetTables tables_;
  Buffer<T> parameters_;
  Buffer<T> statistics_;
  Seed seed_;
};

namespace detail {

/// What workspaces and trainers need of a net and a user does not: its nodes, a cursor to each, and how much they put
/// out.
template <class Net>
struct Anatomy {
  using T = typename Net::Scalar;
  using Trunk = typename Net::Trunk;
  template <std::size_t H>
  using HeadNode = typename Net::template HeadNode<H>;
  static constexpr bool has_trunk = Net::has_trunk;
  static constexpr Plan plan{Net::listing.leaves.data(), Net::parameter_storage.spots.data(),
                             Net::statistic_storage.spots.data()};

  static constexpr std::size_t leaves = Net::leaves;  ///< layers, as layer_table() counts them

  /// Room for what the trunk puts out, where there is one, and for the logits of a head.
  static constexpr Elements trunk_output = Elements::each_sample(has_trunk ? Trunk::output.size() : 0);
  template <std::size_t H>
  static constexpr Elements logits = Elements::each_sample(Net::outputs[H]);
  /// Room for the side outputs.
  static constexpr Elements trunk_sides = room_of(Trunk::side_shapes);
  template <std::size_t H>
  static constexpr Elements head_sides = room_of(HeadNode<H>::side_shapes);

  template <class Listing>
  static void list(Listing& listing) {
    Net::list(listing);
  }

  /// Scratch for any part of the net, one after the other.
  static constexpr Elements scratch = [] {
    Elements most = Trunk::scratch;
    for_each_index<Net::heads>([&](auto h) { most = larger(most, HeadNode<h>::scratch); });
    return most;
  }();

  static Cursor<T> trunk(const Net& net, const Context& context, int batch, T* kept, T* scratch_memory) {
    Cursor<T> at;
    at.plan = &plan;
    at.context = &context;
    at.parameters = net.parameters_.data();
    at.statistics = net.statistics_.data();
    at.kept = kept;
    at.scratch = scratch_memory;
    at.batch = batch;
    return at;
  }
  template <std::size_t H>
  static Cursor<T> head(const Net& net, const Context& context, int batch, T* kept, T* scratch_memory) {
    Cursor<T> at = trunk(net, context, batch, kept, scratch_memory);
    at.leaf = Trunk::leaves;
    for_each_index<H>([&](auto h) { at.leaf += HeadNode<h>::leaves; });
    return at;
  }
};

/// A net that was moved from has no numbers left.
template <class Net>
void check_has_parameters(const Net& net) {
  if (net.parameter_vector().size() != Net::parameters || !net.tables().are_there())
    throw ValueError("net", "a net that was not moved from", "one without its parameters");
}

}  // namespace detail

}  // namespace rocket
