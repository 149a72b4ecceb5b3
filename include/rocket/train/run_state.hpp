/// \file
/// All that a training run hangs on, without the types of its net, trainer and callbacks: what checkpoint.hpp writes
/// and reads. Nothing in here opens a file, so a program of many nets compiles that code once (examples/images/kept).
#pragma once
#include <cstddef>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "rocket/core/text.hpp"
#include "rocket/net/layer_text.hpp"
#include "rocket/net/summary.hpp"
#include "rocket/net/tensors.hpp"
#include "rocket/train/callback.hpp"
#include "rocket/train/non_finite.hpp"
#include "rocket/train/position.hpp"

namespace rocket {

/// What a run must be to take up another one, in the order in which it is told: pairs of a word and a text.
using RunKinds = std::vector<std::pair<std::string, std::string>>;

/// A run between two steps.
struct RunState {
  RunKinds kinds;
  TrainingPosition position;
  std::vector<Tensor> arrays;  ///< looks at numbers of the trainer and the callbacks, which must stay as they are
};

namespace detail {

/// Its fields and layers, how much of it is shared, and its type, in which are the amounts that the lines before don't
/// say: Dropout's rate, how a convolution is computed.
template <class Net>
std::string describe_net() {
  std::size_t shared = 0;
  for (const LayerRow& row : layer_table<Net>()) shared += row.shared;
  return spell_layers<Net>() + "\nof " + std::to_string(Net::parameters) + " parameters " + std::to_string(shared) +
         " are shared\nas a type " + spell_hash(name_hash(type_name<Net>()));
}

/// What a run must be to take up one that was saved, in the order in which it is told.
template <class Trainer>
RunKinds describe_run(const Trainer& trainer) {
  using Net = std::remove_cvref_t<decltype(trainer.net())>;
  return {{"net", describe_net<Net>()},
          {"kinds", Trainer::kinds()},
          {"seed", std::to_string(trainer.net().seed().value)}};
}

/// All arrays of a run, as tensors or slots. Of callbacks whose memories are called alike, the second one's is called
/// "best-2".
template <class As, class Trainer, class... Callbacks>
std::vector<As> arrays_of_run(Trainer& trainer, Callbacks&... callbacks) {
  using Net = std::remove_cvref_t<decltype(trainer.net())>;
  std::vector<As> list;
  append_net(list, trainer.net());
  for (std::size_t s = 0; s < Trainer::optimizer_states; ++s)
    append_arrays(list, "optimizer." + std::to_string(s) + '.', Net::parameter_table(),
                  trainer.optimizer_state().subspan(s * Net::parameters, Net::parameters));
  const std::size_t in_tables = trainer.net().tables().size();
  for (std::size_t s = 0; s < Trainer::optimizer_states; ++s)
    append_tables(list, "optimizer." + std::to_string(s) + '.', trainer.net().tables(),
                  trainer.table_state().subspan(s * in_tables, in_tables));
  [[maybe_unused]] std::map<std::string_view, int> called;
  [[maybe_unused]] const auto append_memory = [&]<class Callback>(Callback& callback) {
    std::string prefix = "callback.";
    prefix.append(Callback::memory);
    if (const int count = ++called[Callback::memory]; count > 1) prefix.append("-").append(std::to_string(count));
    Callback::each_memory(callback, [&]<class T, std::size_t N>(std::string_view name, std::span<T, N> numbers) {
      std::string whole = prefix;
      list.push_back(As{whole.append(".").append(name),
                        std::string{tensor_type<std::remove_const_t<T>>},
                        {numbers.size()},
                        bytes_of(std::span<T>{numbers})});
    });
  };
  (append_memory(callbacks), ...);
  return list;
}

/// A run that has left the finite numbers isn't worth a file, least of all in place of one that hasn't.
template <class Trainer>
void check_can_go_on(const Trainer& trainer) {
  std::string where = array_not_finite(trainer.net());
  for (const auto state : {trainer.optimizer_state(), trainer.table_state()})
    if (where.empty() && first_not_finite(state) < state.size()) where = "the optimizer's state";
  if (!where.empty()) throw NonFiniteError("a checkpoint of finite numbers", "others", where);
}

/// What the run of a trainer hangs on now. Throws NonFiniteError where a number of the net or the optimizer isn't
/// finite.
template <class Trainer, Remembers... Callbacks>
RunState state_of(const Trainer& trainer, const Callbacks&... callbacks) {
  check_can_go_on(trainer);
  return {describe_run(trainer), trainer.position(), arrays_of_run<Tensor>(trainer, callbacks...)};
}

}  // namespace detail

/// A trainer and callbacks that remember, without their types: what checkpoints.hpp takes in their place. They must
/// outlive it, and stay where they are.
class AnyRun {
 public:
  template <class Trainer, class... Callbacks>
    requires(!std::is_same_v<Trainer, AnyRun>)
  explicit AnyRun(Trainer& trainer, Callbacks&... callbacks)
      : kinds_{[&] {
          static_assert((detail::CallbackHasAMemory<Callbacks, Remembers<Callbacks>>::ok && ...));
          return detail::describe_run(trainer);
        }},
        state_{[&] { return detail::state_of(trainer, callbacks...); }},
        slots_{[&] { return detail::arrays_of_run<Slot>(trainer, callbacks...); }},
        position_{[&] { return trainer.position(); }},
        restore_{[&](const TrainingPosition& position, TakeUp how) { trainer.restore(position, how); }} {}

  /// \throws NonFiniteError  where a number of the net or the optimizer isn't finite
  RunState state() const { return state_(); }
  RunKinds kinds() const { return kinds_(); }
  TrainingPosition position() const { return position_(); }
  /// Where a state's arrays go.
  std::vector<Slot> slots() const { return slots_(); }
  /// Trainer::restore.
  void restore(const TrainingPosition& position, TakeUp how) { restore_(position, how); }

 private:
  std::function<RunKinds()> kinds_;
  std::function<RunState()> state_;
  std::function<std::vector<Slot>()> slots_;
  std::function<TrainingPosition()> position_;
  std::function<void(const TrainingPosition&, TakeUp)> restore_;
};

}  // namespace rocket
