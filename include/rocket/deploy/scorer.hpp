#pragma once
#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include "rocket/deploy/split_dense.hpp"
#include "rocket/deploy/steady_columns.hpp"
#include "rocket/net/inference_workspace.hpp"

namespace rocket {

namespace detail {

template <class... List>
Fields<List...> fields_of(std::tuple<List...>);

/// The fields of those names, or all others.
template <class Inputs, bool Named, FixedString... Names>
struct FieldsCalled;
template <class... List, bool Named, FixedString... Names>
struct FieldsCalled<Fields<List...>, Named, Names...> {
  template <class One>
  static constexpr bool taken = ((One::field.name == Names.view()) || ...) == Named;
  using type = decltype(fields_of(
      std::tuple_cat(std::declval<std::conditional_t<taken<List>, std::tuple<List>, std::tuple<>>>()...)));
};

template <class Net, bool sound>
struct ScorerReadsRecords {
  static_assert(holds<sound, Net>, "rocket: Scorer: a net of Fields: it is fields that a request and candidates have");
  static constexpr bool ok = true;
};
template <class Net, class ExpectedHeads, class GotHeads>
struct ScorerHasOneHead {
  static_assert(holds<agree<ExpectedHeads, GotHeads>, Net, ExpectedHeads, GotHeads>,
                "rocket: Scorer: ship one head, such as trainer.light()");
  static constexpr bool ok = true;
};
template <class FieldName, bool sound>
struct ScorerNamesAField {
  static_assert(holds<sound, FieldName>, "rocket: Scorer: no field of the net has this name");
  static constexpr bool ok = true;
};
template <class FieldName, bool sound>
struct ScorerNamesAFieldOnce {
  static_assert(holds<sound, FieldName>, "rocket: Scorer: a field is named twice");
  static constexpr bool ok = true;
};
template <class Net, bool sound>
struct ScorerLeavesCandidatesAField {
  static_assert(holds<sound, Net>,
                "rocket: Scorer: name the fields of a request, one at least, and leave one for candidates");
  static constexpr bool ok = true;
};

}  // namespace detail

/// A net that ranks the candidates of a request: the fields named are said once a request (who asks, when, from where),
/// all others once a candidate. What belongs to the request is computed once: its rows are looked up once, and the
/// first Dense, y = x W + b, splits into two sums,
///
///     y = (b + x_request W_request) + x_candidate W_candidate
///
/// of which a candidate costs the second. That holds where the Dense is the first layer that computes anything: the
/// trunk's, or the head's behind a trunk that only cuts (Slice) and joins (Concat); in a trunk that does more, the
/// numbers that depend on no field of a candidate still count once in the head's Dense. Elsewhere the looked up rows
/// are all that is shared.
///
/// It is const and holds nothing that changes: many threads score on one, each with a Workspace of its own. Scoring
/// allocates nothing. The logits of a candidate depend on nothing but record and net; they differ from a Predictor's as
/// sums do that are added up in another order.
///
///     const Scorer<Net::light, "user", "country"> scorer{trainer.light()};
///     decltype(scorer)::Workspace workspace;                                // one a thread
///     scorer(workspace, request, candidates, logits);
///
/// \tparam Net            with one head, of Fields
/// \tparam RequestFields  names of those that a request says
template <class Net, FixedString... RequestFields>
class Scorer {
  static_assert(detail::ScorerHasOneHead<Net, Expected<std::size_t{1}>, Got<Net::heads>>::ok);
  static_assert(detail::ScorerReadsRecords<Net, Net::NetTables::looks_up>::ok);
  using Tables = typename Net::NetTables;
  using Inputs = typename Tables::Inputs;

  static constexpr bool is_field(std::string_view name) {
    return std::any_of(Inputs::list.begin(), Inputs::list.end(),
                       [&](const Field& field) { return field.name == name; });
  }
  static_assert((detail::ScorerNamesAField<Spell<Text{RequestFields.view()}>, is_field(RequestFields.view())>::ok &&
                 ...));
  static constexpr int times_named(std::string_view name) { return ((RequestFields.view() == name) + ... + 0); }
  static_assert(
      (detail::ScorerNamesAFieldOnce<Spell<Text{RequestFields.view()}>, times_named(RequestFields.view()) == 1>::ok &&
       ...));
  static constexpr bool splits = sizeof...(RequestFields) > 0 && sizeof...(RequestFields) < Inputs::size;
  static_assert(detail::ScorerLeavesCandidatesAField<Net, splits>::ok);

 public:
  using T = typename Net::Scalar;                 ///< the number it computes in
  static constexpr int logits = Net::outputs[0];  ///< of a candidate
  /// What a request says: the fields named, in the net's order.
  using Request = typename detail::FieldsCalled<Inputs, true, RequestFields...>::type;
  /// What a candidate says: the others, in the net's order.
  using Candidate = typename detail::FieldsCalled<Inputs, false, RequestFields...>::type;
  class Workspace;

  /// \param net  copied or moved in
  /// \throws ValueError  where it was moved from
  explicit Scorer(Net net) : net_{std::move(net)}, prepared_{net_} {}

  /// The net.
  const Net& net() const { return net_; }

  /// Scores candidates, any number of them.
  /// \param workspace   of this thread
  /// \param request     Request::words words
  /// \param candidates  candidates x Candidate::words words
  /// \param into        candidates x logits numbers, to be written
  /// \throws ValueError  where words are too few or too many, and where one means a row that its table doesn't have;
  ///                     then some of `into` may have been written
  void operator()(Workspace& workspace, std::span<const Word> request, std::span<const Word> candidates,
                  std::span<T> into) const {
    constexpr auto words = static_cast<std::size_t>(Candidate::words);
    check_size("request", request.size(), Request::words);
    if (candidates.size() % words != 0)
      throw ValueError("candidates", "a multiple of " + std::to_string(words) + " words",
                       std::to_string(candidates.size()));
    const std::size_t count = candidates.size() / words;
    check_size("into", into.size(), count * static_cast<std::size_t>(logits));
    const Places places{workspace.memory_.data()};
    take_request(places, request.data());
    for (std::size_t done = 0; done < count; done += chunk) {
      const int batch = static_cast<int>(std::min<std::size_t>(chunk, count - done));
      score(places, candidates.data() + done * words, done, batch,
            into.data() + done * static_cast<std::size_t>(logits));
    }
  }

 private:
  using Parts = detail::Anatomy<Net>;
  using Cursor = detail::Cursor<T>;
  using Trunk = typename Parts::Trunk;
  using Head = typename Parts::template HeadNode<0>;

  /// Which field of the net that is.
  static constexpr std::size_t place_of(const Field& field) {
    std::size_t f = 0;
    while (Inputs::list[f].name != field.name) ++f;
    return f;
  }

  /// Which of the columns that the trunk reads, and of those that the head does, are the request's.
  static constexpr detail::Steady<Net::input.size()> steady_in_trunk = [] {
    detail::Steady<Net::input.size()> steady{};
    for (const Field& field : Request::list) {
      const Field& placed = Inputs::list[place_of(field)];
      std::fill_n(steady.begin() + placed.begin_column, placed.columns(), true);
    }
    return steady;
  }();
  static constexpr detail::Steady<Trunk::output.size()> steady_in_head =
      detail::SteadyBehind<detail::LayersOf<Trunk>, Net::input>::of(steady_in_trunk);
  using SplitTrunk = detail::SplitDense<detail::LayersOf<Trunk>, Net::input, steady_in_trunk>;
  using SplitHead = detail::SplitDense<detail::LayersOf<Head>, Trunk::output, steady_in_head>;
  static constexpr bool splits_trunk = SplitTrunk::is_there, splits_head = !splits_trunk && SplitHead::is_there;
  static constexpr bool runs_trunk = Parts::has_trunk && !splits_trunk;
  /// Whether the rows of candidates need the request's columns, too.
  static constexpr bool whole_rows = runs_trunk || !(splits_trunk || splits_head);

  static constexpr int chunk = 64;  ///< candidates at a time: their activations stay in the second cache

  static constexpr Elements row_size = Elements::once(Net::input.size());
  static constexpr Elements sums_size = Elements::once(splits_trunk  ? SplitTrunk::outputs
                                                       : splits_head ? SplitHead::outputs
                                                                     : 0);
  static constexpr Elements rows_size = Elements::each_sample(Net::input.size());
  static constexpr Elements scratch_size = larger(Parts::scratch, larger(SplitTrunk::scratch, SplitHead::scratch));

  /// Where everything lies in the memory of a Workspace.
  struct Places {
    explicit Places(T* memory) {
      detail::Places<T> next{memory, chunk};
      row = next.take(row_size);
      sums = next.take(sums_size);
      rows = next.take(rows_size);
      trunk_output = next.take(Parts::trunk_output);
      trunk_sides = next.take(Parts::trunk_sides);
      head_sides = next.take(Parts::template head_sides<0>);
      scratch = next.take(scratch_size);
    }
    T* row;           ///< the request's columns of what the trunk reads; 0 elsewhere
    T* sums;          ///< b + x_request W_request
    T* rows;          ///< what the trunk reads, chunk x input
    T* trunk_output;  ///< chunk x what the head reads
    T* trunk_sides;   ///< what layers show besides their outputs: nobody looks at it
    T* head_sides;
    T* scratch;
  };

  static void check_size(const char* what, std::size_t got, std::size_t expected) {
    if (got != expected) throw ValueError(what, std::to_string(expected), std::to_string(got));
  }
  /// Writes the columns of some fields.
  /// \param words  a record of `Some`   \param into  a row of what the trunk reads   \param who  to be blamed
  template <class Some, class Who>
  void look_up(const Word* words, T* into, const Who& who) const {
    const Tables& tables = net_.tables();
    bool sound = true;
    detail::for_each_index<Some::size>([&](auto s) {
      constexpr std::size_t f = place_of(Some::list[s]);
      sound = tables.template look_up_field<f>(words + Some::list[s].begin_word, into + Inputs::list[f].begin_column) &&
              sound;
    });
    if (sound) return;
    for (const Field& field : Some::list) tables.check_field(place_of(field), words + field.begin_word, who());
    Tables::refuse_changing(who());
  }
  void prefetch(const Word* candidate) const {
    detail::for_each_index<Candidate::size>([&](auto s) {
      net_.tables().template prefetch_field<place_of(Candidate::list[s])>(candidate + Candidate::list[s].begin_word);
    });
  }
  Cursor trunk(const Context& context, int batch, const Places& places) const {
    Cursor at = Parts::trunk(net_, context, batch, nullptr, places.scratch);
    at.side = places.trunk_sides;
    at.prepared = prepared_.data();
    return at;
  }
  Cursor head(const Context& context, int batch, const Places& places) const {
    Cursor at = Parts::template head<0>(net_, context, batch, nullptr, places.scratch);
    at.side = places.head_sides;
    at.prepared = prepared_.data();
    return at;
  }

  /// What is computed once a request.
  void take_request(const Places& places, const Word* request) const {
    const Context context{};
    std::fill_n(places.row, Net::input.size(), T{0});
    look_up<Request>(request, places.row, [] { return std::string{"request"}; });
    if constexpr (splits_trunk) {
      SplitTrunk::steady_sums(trunk(context, 1, places), places.row, places.sums);
    } else if constexpr (splits_head) {
      const T* x = places.row;
      if constexpr (runs_trunk) {
        // Of its outputs those count that are the same whatever a candidate says: zeros, for now.
        Trunk::template forward<detail::inference_mode>(trunk(context, 1, places), x, places.trunk_output);
        x = places.trunk_output;
      }
      SplitHead::steady_sums(head(context, 1, places), x, places.sums);
    }
  }
  /// What is computed for a chunk of candidates, of which the first is number `first`.
  void score(const Places& places, const Word* candidates, std::size_t first, int batch, T* into) const {
    constexpr int ahead = Tables::ahead;
    const Context context{};
    for (int i = 0; i < batch; ++i) {
      const Word* const words = candidates + long{i} * Candidate::words;
      if (i + ahead < batch) prefetch(words + ahead * Candidate::words);
      T* const row = places.rows + long{i} * Net::input.size();
      if constexpr (whole_rows) std::copy_n(places.row, Net::input.size(), row);
      look_up<Candidate>(words, row,
                         [&] { return "candidate " + std::to_string(first + static_cast<std::size_t>(i)); });
    }
    const T* x = places.rows;
    if constexpr (Parts::has_trunk) {
      if constexpr (splits_trunk)
        SplitTrunk::forward(trunk(context, batch, places), x, places.sums, places.trunk_output);
      else
        Trunk::template forward<detail::inference_mode>(trunk(context, batch, places), x, places.trunk_output);
      x = places.trunk_output;
    }
    if constexpr (splits_head)
      SplitHead::forward(head(context, batch, places), x, places.sums, into);
    else
      Head::template forward<detail::inference_mode>(head(context, batch, places), x, into);
  }

  Net net_;
  Prepared<Net> prepared_;

 public:
  /// The memory of one thread to score in, whatever the number of candidates.
  class Workspace {
   public:
    /// Of memory.
    static constexpr std::size_t bytes = (row_size + sums_size + rows_size + Parts::trunk_output + Parts::trunk_sides +
                                          Parts::template head_sides<0> + scratch_size)
                                             .count(chunk) *
                                         sizeof(T);

    Workspace() : memory_(bytes / sizeof(T)) {}

   private:
    friend class Scorer;
    Buffer<T> memory_;
  };
};

}  // namespace rocket
