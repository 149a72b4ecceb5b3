#pragma once
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "rocket/core/elements.hpp"
#include "rocket/core/text.hpp"
#include "rocket/layers/layer.hpp"

/// \file
/// The layout of the one parameter vector, made while the program is compiled. A net lists the arrays of its layers in
/// order, with their names; arrays of one name and one owner become one place in the vector. That is all sharing is.

namespace rocket {

namespace detail {

/// A key with words for the copies: number(3, r) says what stands for the `#3` of the r-th Repeat around.
template <class Number>
std::string spelled(std::string_view key, const Number& number) {
  std::string name;
  std::size_t repeat = 0;
  for (std::size_t i = 0; i < key.size(); ++i) {
    if (key[i] != '#') {
      name += key[i];
      continue;
    }
    int start = 0;
    for (; i + 1 < key.size() && key[i + 1] != '.'; ++i) start = 10 * start + (key[i + 1] - '0');
    name += number(start, repeat++);
  }
  return name;
}

}  // namespace detail

/// One array in the parameter vector (or in the vector of statistics) of a net.
struct Array {
  Text key;                  ///< name within one net ("trunk.0.weight", "group0.#0.weight"); `#3` counts copies from 3
  Text owner;                ///< the head it is private to; empty: shared
  Shape shape;               ///< of one copy
  Init init;                 ///< how its numbers start
  Decay decay = Decay::yes;  ///< whether `Decays::weights` means it
  int copies = 1;            ///< made by Repeat, one behind the other
  std::array<int, 4> counts{};  ///< of each Repeat around it, outermost first
  int repeats = 0;              ///< how many Repeats are around it
  int head = -1;                ///< which head lists it; -1: the trunk
  int naming = 0;               ///< under which Named of the net it stands, counted from 1; 0: none
  std::size_t offset = 0;       ///< of copy 0 in the vector, in numbers

  /// Numbers in one copy.
  constexpr std::size_t copy_size() const { return static_cast<std::size_t>(shape.size()); }
  /// Numbers in all copies.
  constexpr std::size_t size() const { return copy_size() * static_cast<std::size_t>(copies); }
  /// Where a copy begins in the vector.
  constexpr std::size_t at(int copy) const { return offset + copy_size() * static_cast<std::size_t>(copy); }

  /// The key of one copy, with its numbers filled in: the name that initial values and random streams hang on.
  std::string key_of(int copy) const {
    std::array<int, 4> index{};
    for (int r = repeats; r-- > 0; copy /= counts[static_cast<std::size_t>(r)])
      index[static_cast<std::size_t>(r)] = copy % counts[static_cast<std::size_t>(r)];
    return detail::spelled(key.view(),
                           [&](int start, std::size_t repeat) { return std::to_string(start + index[repeat]); });
  }
  /// The name of one copy in the whole net: the key, behind the owner where that isn't said already.
  std::string name_of(int copy) const {
    const std::string key_name = key_of(copy);
    const std::string prefix = owner.empty() ? "" : std::string{owner.view()} + '.';
    return key_name.starts_with(prefix) ? key_name : prefix + key_name;
  }
};

/// body(name, shape, numbers) for every array of a net, copy by copy, in the order of the vector that they lie in.
/// \param vector  laid out as the table says
template <class T, class Body>
void each_array(std::span<const Array> table, std::span<T> vector, const Body& body) {
  for (const Array& array : table)
    for (int copy = 0; copy < array.copies; ++copy)
      body(array.name_of(copy), array.shape, vector.subspan(array.at(copy), array.copy_size()));
}

namespace detail {

/// Where in the net a list of layers stands.
struct Scope {
  Text path;
  Text owner;  ///< who owns an array that isn't shared by name; empty in a trunk
  Text head;   ///< who owns what is private even inside a shared name
  int head_index = -1;
  bool shares = true;  ///< names share
  bool named = false;
  int naming = 0;
  int copies = 1;
  std::array<int, 4> counts{};
  int repeats = 0;

  template <class Part>
  constexpr Scope operator/(Part part) const {
    Scope inner = *this;
    inner.path = path / part;
    return inner;
  }
  /// Into a Repeat that makes `count` copies, the first one numbered `start`.
  constexpr Scope repeated(int start, int count) const {
    Scope inner = *this;
    inner.path = path / std::string_view{"#"};
    inner.path.append(start);
    if (repeats == 4) throw "rocket: Repeat: at most four of them inside each other";
    inner.counts[static_cast<std::size_t>(inner.repeats++)] = count;
    inner.copies *= count;
    return inner;
  }
  /// Into a name, the nth of the net. Inside another name it follows that; otherwise it replaces the head's name, so
  /// that another head can say the same, but the numbers of Repeats around it stay, behind it: Repeat<2, Named<"a",
  /// ...>> makes "a.#0".
  constexpr Scope inside(std::string_view name, int nth) const {
    Scope inner = *this;
    if (!named) inner.naming = nth;
    inner.named = true;
    inner.path = named ? path / name : Text{name};
    if (named) return inner;
    const std::string_view old = path.view();
    for (std::size_t i = 0; i < old.size(); ++i) {
      if (old[i] != '#') continue;
      std::size_t end = i;
      while (end < old.size() && old[end] != '.') ++end;
      inner.path = inner.path / old.substr(i, end - i);
    }
    return inner;
  }
};

/// What a listing may want to know of a leaf layer.
struct LeafFacts {
  std::string_view layer;                    ///< its kind: "Dense"
  Shape input, output;                       ///< of one copy
  long multiply_adds = 0;                    ///< of one copy
  std::array<int, stored_kinds> prepared{};  ///< numbers of one copy, as Stored says, see Declared::prepared_as
  bool wants_range = false;                  ///< see Declared::wants_range
};

/// One leaf layer: where its arrays begin in the tables, and the name its random stream hangs on.
struct Leaf {
  std::uint64_t key = 0;
  int head = -1;  ///< -1: the trunk
  int first_parameter = 0;
  int first_statistic = 0;
  std::array<Elements, stored_kinds> first_prepared{};  ///< of copy 0, behind those of the leaves before
  std::array<Elements, stored_kinds> prepared{};        ///< of one copy
  int first_range = 0;                                  ///< of copy 0
};

/// Where one array of a leaf lies.
struct Spot {
  std::size_t offset = 0;
  std::size_t copy_size = 0;
  int shared_copies = 0;  ///< how many of the copies two heads use
  constexpr std::size_t at(int copy) const { return offset + copy_size * static_cast<std::size_t>(copy); }
};

/// The tables that a pass walks along: one entry a leaf, one an array of a leaf, in the order of the layers.
struct Plan {
  const Leaf* leaves = nullptr;
  const Spot* parameters = nullptr;
  const Spot* statistics = nullptr;
};

/// What the layers of a net declare, in their order.
template <std::size_t Leaves, std::size_t Parameters, std::size_t Statistics>
struct Listing {
  std::array<Leaf, Leaves> leaves{};
  std::array<Array, Parameters> parameters{};
  std::array<Array, Statistics> statistics{};
  std::size_t leaf_count = 0, parameter_count = 0, statistic_count = 0;
  int namings = 0;                                ///< Nameds so far
  std::array<Elements, stored_kinds> prepared{};  ///< of all leaves so far
  int ranges = 0;                                 ///< of their inputs

  constexpr void begin_leaf(const Scope& scope, const LeafFacts& facts) {
    std::uint64_t key = name_hash(scope.path.view());
    // Layers without parameters may have one name in one head; random streams they never share.
    for (std::size_t i = 0; i < leaf_count; ++i)
      if (leaves[i].head == scope.head_index && leaves[i].key == key) key = Random::mix(key);
    Leaf& leaf = leaves[leaf_count++];
    leaf = {key, scope.head_index, static_cast<int>(parameter_count), static_cast<int>(statistic_count)};
    leaf.first_prepared = prepared;
    for (std::size_t how = 0; how < stored_kinds; ++how) {
      leaf.prepared[how] = Elements::once(facts.prepared[how]);
      prepared[how] = prepared[how] + scope.copies * leaf.prepared[how];
    }
    leaf.first_range = ranges;
    if (facts.wants_range) ranges += scope.copies;
  }
  constexpr void add(const Parameter& p, const Scope& scope, bool private_to_net) {
    parameters[parameter_count++] = array(p.name, p.shape, p.init, p.decay, scope, private_to_net);
  }
  constexpr void add(const Statistic& s, const Scope& scope, bool private_to_net) {
    statistics[statistic_count++] = array(s.name, s.shape, Init::constant(s.initial), Decay::no, scope, private_to_net);
  }

 private:
  static constexpr Array array(std::string_view name, Shape shape, Init init, Decay decay, const Scope& scope,
                               bool private_to_net) {
    Array a{scope.path / name, scope.owner,      shape,       init, decay, scope.copies, scope.counts,
            scope.repeats,     scope.head_index, scope.naming};
    if (scope.named) a.owner = scope.shares && !private_to_net ? Text{} : scope.head;
    return a;
  }
};

/// Arrays with their places, each name once.
template <std::size_t N>
struct Storage {
  std::array<Array, N> arrays{};  ///< the first `count` are used
  std::size_t count = 0;
  std::size_t size = 0;         ///< numbers in the vector
  std::array<Spot, N> spots{};  ///< for every array as listed
  /// Listed arrays that want to be one, but cannot: same name, other shape. Equal if there are none.
  std::size_t conflict = 0, conflict_with = 0;
};

/// Whether two keys, patterns or not, name a common array, component by component ("g.#0.w" with 3 copies and "g.2.w").
constexpr bool overlap(const Array& a, const Array& b) {
  struct Part {
    std::string_view text;
    int first = -1, last = -1;  // a range of numbers, or -1
  };
  constexpr auto next = [](std::string_view& rest, const Array& array, std::size_t& repeat) {
    std::size_t dot = 0;
    while (dot < rest.size() && rest[dot] != '.') ++dot;
    Part part{rest.substr(0, dot)};
    rest = rest.substr(std::min(dot + 1, rest.size()));
    const bool pattern = part.text[0] == '#';
    const std::string_view digits = pattern ? part.text.substr(1) : part.text;
    int number = 0;
    for (const char c : digits) {
      if (c < '0' || c > '9') return part;
      number = 10 * number + (c - '0');
    }
    part.first = number;
    part.last = pattern ? number + array.counts[repeat++] - 1 : number;
    return part;
  };
  if (a.repeats == 0 && b.repeats == 0) return false;  // plain keys overlap only where they are equal
  std::string_view rest_a = a.key.view(), rest_b = b.key.view();
  if (rest_a.front() != rest_b.front() || rest_a.back() != rest_b.back()) return false;
  std::size_t repeat_a = 0, repeat_b = 0;
  while (!rest_a.empty() && !rest_b.empty()) {
    const Part pa = next(rest_a, a, repeat_a), pb = next(rest_b, b, repeat_b);
    const bool same =
        pa.first < 0 || pb.first < 0 ? Text{pa.text} == Text{pb.text} : pa.first <= pb.last && pb.first <= pa.last;
    if (!same) return false;
  }
  return rest_a.empty() && rest_b.empty();
}

/// Gives every listed array its place: arrays of one key and one owner get the same one, with room for the larger
/// number of copies.
template <std::size_t N>
constexpr Storage<N> assign(const std::array<Array, N>& listed) {
  Storage<N> storage;
  std::array<std::size_t, N> found{};
  const auto conflict = [&](std::size_t i, std::size_t stored) {
    for (std::size_t k = 0; k < i; ++k)
      if (found[k] == stored && storage.conflict == storage.conflict_with)
        storage.conflict = i, storage.conflict_with = k;
  };
  for (std::size_t i = 0; i < N; ++i) {
    const Array& wanted = listed[i];
    std::size_t j = 0;
    for (; j < storage.count; ++j) {
      Array& there = storage.arrays[j];
      if (!(there.owner == wanted.owner)) continue;
      if (there.key == wanted.key) {
        if (!(there.shape == wanted.shape) || (there.repeats > 1 && there.counts != wanted.counts)) conflict(i, j);
        if (wanted.copies > there.copies) there.copies = wanted.copies, there.counts = wanted.counts;
        break;
      }
      if (overlap(there, wanted)) conflict(i, j);
    }
    if (j == storage.count) storage.arrays[storage.count++] = wanted;
    found[i] = j;
  }
  for (std::size_t j = 0; j < storage.count; ++j) {
    storage.arrays[j].offset = storage.size;
    storage.size += storage.arrays[j].size();
  }
  for (std::size_t i = 0; i < N; ++i) {
    Spot& spot = storage.spots[i];
    spot = {storage.arrays[found[i]].offset, storage.arrays[found[i]].copy_size(), 0};
    for (std::size_t k = 0; k < N; ++k)
      if (found[k] == found[i] && listed[k].head != listed[i].head)
        spot.shared_copies = std::max(spot.shared_copies, std::min(listed[k].copies, listed[i].copies));
  }
  return storage;
}

/// The first listed array that belongs to a layer two heads share in part only (a bias that just one of them has), or
/// N.
template <std::size_t L, std::size_t N>
constexpr std::size_t half_shared(const std::array<Leaf, L>& leaves, const Storage<N>& storage) {
  for (std::size_t l = 0; l < L; ++l) {
    const auto first = static_cast<std::size_t>(leaves[l].first_parameter);
    const std::size_t end = l + 1 < L ? static_cast<std::size_t>(leaves[l + 1].first_parameter) : N;
    for (std::size_t i = first; i < end; ++i)
      if (storage.spots[i].shared_copies != storage.spots[first].shared_copies) return i;
  }
  return N;
}

/// The first listed array whose name an earlier one has already where that is a mistake, or N: in one head, in one
/// Named or outside of all. To say a Named again is to mean the same numbers again.
template <std::size_t N>
constexpr std::size_t named_twice(const std::array<Array, N>& listed) {
  for (std::size_t i = 0; i < N; ++i)
    for (std::size_t k = 0; k < i; ++k)
      if (listed[k].head == listed[i].head && listed[k].naming == listed[i].naming && listed[k].key == listed[i].key)
        return i;
  return N;
}

/// The first listed array under a name that two heads use without sharing anything by it, or N.
template <std::size_t N>
constexpr std::size_t shares_nothing(const std::array<Array, N>& listed, const Storage<N>& storage) {
  constexpr auto one_name = [](const Array& a, const Array& b) {
    for (std::size_t i = 0; i < a.key.length && i < b.key.length; ++i) {
      if (a.key.characters[i] != b.key.characters[i]) return false;
      if (a.key.characters[i] == '.') return true;
    }
    return false;
  };
  for (std::size_t i = 0; i < N; ++i) {
    if (!listed[i].owner.empty() || storage.spots[i].shared_copies > 0) continue;
    bool used_by_another = false, shared = false;
    for (std::size_t k = 0; k < N; ++k)
      if (listed[k].owner.empty() && one_name(listed[i], listed[k])) {
        used_by_another = used_by_another || listed[k].head != listed[i].head;
        shared = shared || storage.spots[k].shared_copies > 0;
      }
    if (used_by_another && !shared) return i;
  }
  return N;
}

}  // namespace detail
}  // namespace rocket
