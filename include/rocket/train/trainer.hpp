#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "rocket/core/parallel.hpp"
#include "rocket/core/samples.hpp"
#include "rocket/core/stopwatch.hpp"
#include "rocket/core/text.hpp"
#include "rocket/net/launch.hpp"
#include "rocket/net/multi_head.hpp"
#include "rocket/objective/logit_mse.hpp"
#include "rocket/train/callback.hpp"
#include "rocket/train/evaluation.hpp"
#include "rocket/train/gather.hpp"
#include "rocket/train/gradient_report.hpp"
#include "rocket/train/layer_times.hpp"
#include "rocket/train/measure.hpp"
#include "rocket/train/non_finite.hpp"
#include "rocket/train/options.hpp"
#include "rocket/train/position.hpp"
#include "rocket/train/schedule.hpp"
#include "rocket/train/sgd.hpp"
#include "rocket/train/table_gradient.hpp"

namespace rocket {

/// How long and in what portions to train.
struct FitOptions {
  int epochs = 1;        ///< passes over the samples; 0: none
  int batch_size = 128;  ///< at most; an epoch is cut into as few batches as fit, whose sizes differ by one at most, so
                         ///< that no leftover of two samples upsets batch normalisation
};

/// Trains a net. It owns everything a step needs, allocated before the first one.
///
/// Options may come in any order, each at most once; what is left out has a default:
///
///     | option                   | default                                                             |
///     |--------------------------|---------------------------------------------------------------------|
///     | a hint loss              | LogitMse for a Launch, none for a net with one head                 |
///     | a GradientBlock          | GradientBlock::logits                                               |
///     | an optimizer             | Sgd{}                                                               |
///     | a schedule               | ConstantSchedule{}                                                  |
///     | LossWeights              | light 1, booster 1, hint 0.03                                       |
///     | LabelWeights             | all 1                                                               |
///     | HintSchedule, ClipNorm   | none                                                                |
///     | Teacher{net, hint, w}    | none                                                                |
///     | Threads                  | all that OpenMP would use                                           |
///
/// The paper's modes: base and booster alone are a Trainer of `Launch::light` or `Launch::booster`; rocket is the
/// default; joint training without hint takes NoHint{}; "no sharing" trains a LaunchUnshared; KD trains Launch::light
/// with a Teacher; rocket + KD a Launch with a Teacher; "no joint training" trains Launch::light, with the booster's
/// trunk copied by copy_by_name, with a Teacher whose hint is LogitMse.
///
/// Random decisions hang on the net's seed, and results depend on nothing else: not on threads, not on time.
template <class Net, class... Options>
class Trainer {
  using List = detail::OptionList<Options...>;
  using Kind = detail::Kind;
  using DefaultHint = std::conditional_t<Net::heads == 2, LogitMse, NoHint>;
  using Hint = typename List::template Type<Kind::hint, DefaultHint>;
  using Block = typename List::template Type<Kind::block, GradientBlock::Logits>;
  using Optimizer = typename List::template Type<Kind::optimizer, Sgd>;
  using Schedule = typename List::template Type<Kind::schedule, ConstantSchedule>;
  using FrozenTeacher = typename List::template Type<Kind::teacher, NoTeacher>;
  static_assert(FrozenTeacher::template fits<Net>);
  using TeacherHint = decltype(FrozenTeacher::hint);
  static constexpr bool teaches = !std::is_same_v<FrozenTeacher, NoTeacher>;
  using Loss = Objective<Net, Hint, Block, TeacherHint>;
  using T = typename Net::Scalar;
  using Feature = typename Net::Feature;
  static constexpr bool has_tables = Net::NetTables::count > 0;

 public:
  /// Bytes of the workspace of a step on up to `batch` samples: activations, gradients of activations, scratch.
  static constexpr std::size_t workspace_bytes(int batch) { return Loss::Workspace::bytes(batch); }

  /// Trains a copy of `start`. Throws ValueError if there is less than one thread.
  explicit Trainer(Net start, const Options&... given)
      : Trainer{std::move(start), std::tuple<Options...>{given...}, 0} {}

  /// The net as it is now.
  const Net& net() const { return net_; }
  /// The same, to be changed between steps.
  Net& net() { return net_; }
  /// The light net of a Launch alone, ready to ship: no booster code, no booster bytes.
  auto light() const {
    static_assert(Net::heads == 2, "rocket: Trainer: light() is of a Launch; a net with one head is net()");
    return net_.launch_light();
  }
  /// The booster of a Launch alone: a teacher for other nets.
  auto booster() const {
    static_assert(Net::heads == 2, "rocket: Trainer: booster() is of a Launch; a net with one head is net()");
    return net_.launch_booster();
  }

  /// Makes room for batches of up to `batch` samples; steps on those allocate nothing.
  void reserve(int batch) {
    if (memory_ && memory_->workspace.capacity() >= batch) return;
    if constexpr (teaches) teacher_workspace_.emplace(batch);
    batch_ = {};             // what was drawn is gone
    memory_.emplace(batch);  // last: it says how much room there is
  }

  /// From now on, steps add what they take to `times`, layer by layer, and fit what it draws; null: no more. Changes no
  /// result. A step that is refused (NonFiniteError) counts, too, as far as it went.
  /// \param times  must live until this is called again, or as long as steps are taken. If it holds times of a net with
  ///               another number of layers, all that is in it is thrown away here
  void time_layers(LayerTimes* times) {
    times_ = times;
    if (times_) times_->make_room(detail::Anatomy<Net>::leaves);
  }

  /// Says where a training loop of one's own stands, for schedules and random numbers; fit does so by itself.
  /// Without it, steps outside of fit take the optimizer's rate and the full hint weight.
  /// \param begin  epochs done before the next step, fractions included: 0.5 in the middle of the first
  /// \param end    epochs done after it
  /// \param epochs how many there will be
  /// Throws ValueError unless 0 <= begin <= end <= epochs.
  void set_progress(double begin, double end, int epochs) {
    if (!(begin >= 0 && begin <= end && end <= epochs))
      throw ValueError("progress", "0 <= begin <= end <= " + std::to_string(epochs),
                       std::to_string(begin) + " and " + std::to_string(end));
    begin_epoch(static_cast<int>(begin));
    at_.call_began.reset();
    epochs_ = epochs;
    progress_ = Progress{begin, end};
  }

  /// One step on a batch.
  /// \param features batch x Net::record features, one row a sample
  /// \param labels   batch, each in [0, Net::classes)
  /// \param samples  which samples these are: what layers that draw random numbers (Dropout) go by, together with the
  ///                 epoch; empty: they go by how many such steps there were before
  /// \param sample_weights  how much each sample counts, at least 0; empty: all 1
  /// Throws ValueError if the sizes don't fit or a label is out of range, or a row of a table, NonFiniteError if a loss
  /// isn't finite; all before anything has changed.
  Losses step(std::span<const Feature> features, std::span<const int> labels, std::span<const int> samples = {},
              std::span<const float> sample_weights = {}) {
    const std::size_t width = static_cast<std::size_t>(Net::record.size());
    if (labels.empty()) throw ValueError("labels", "at least 1", "0");
    if (features.size() != labels.size() * width)
      throw ValueError("features",
                       std::to_string(labels.size() * width) + " numbers (" + std::to_string(labels.size()) +
                           " labels x " + std::to_string(width) + ')',
                       std::to_string(features.size()));
    if (!samples.empty() && samples.size() != labels.size())
      throw ValueError("samples", "none, or " + std::to_string(labels.size()), std::to_string(samples.size()));
    if (!sample_weights.empty() && sample_weights.size() != labels.size())
      throw ValueError("sample_weights", "none, or " + std::to_string(labels.size()),
                       std::to_string(sample_weights.size()));
    for (std::size_t i = 0; i < sample_weights.size(); ++i)
      detail::check_weight_at("sample_weights", i, sample_weights[i]);
    for (std::size_t i = 0; i < labels.size(); ++i) detail::check_label_at("labels", i, labels[i], Net::classes);
    check_tables();
    reserve(static_cast<int>(labels.size()));
    batch_ = {};  // what fit drew isn't what the last step was on
    memory_->counted = !sample_weights.empty() || !label_weights_.of.empty();
    for (std::size_t i = 0; i < labels.size() && memory_->counted; ++i)
      memory_->counts.data()[i] =
          (sample_weights.empty() ? T{1} : static_cast<T>(sample_weights[i])) * weight_of_label(labels[i]);
    Losses losses;
    in_parallel(threads_, step_nanoseconds(labels.size()), [&](Workers workers) {
      losses = run_step(features.data(), labels.data(), static_cast<int>(labels.size()), samples, workers);
    });
    check_finite(losses, features.data(), static_cast<int>(labels.size()), samples);
    return losses;
  }

  /// Trains for some epochs, in a new order each, and tells the callbacks (callback.hpp) of every step and epoch. A
  /// second call goes on where the first one ended; an epoch that was cut short begins again. After restore, this may
  /// be a call that was begun before: then it takes the steps that were left of it, or returns at once (TakeUp).
  /// \param given  Samples, what converts to them (Dataset), or a source (core/samples.hpp), whose samples are drawn
  ///               anew in every epoch, by the net's seed
  /// Returns whether the call is done; false where a callback paused it. Throws ValueError if the samples don't fit the
  /// net, or if a call that was begun before is to go on with other ones, other batches, or fewer epochs than it did.
  /// Throws NonFiniteError where a step would: the trainer is where it was before that step.
  template <class Given = Samples<Feature>, class... Callbacks>
  bool fit(const Given& given, const FitOptions& options, Callbacks&&... callbacks) {
    if (calls_to_pass_ > 0) return --calls_to_pass_, true;
    const auto& samples = detail::as_source<Net>(given);
    detail::check_source<Net>(samples);
    const bool goes_on = taken_up_ && at_.call_began;
    begin_call(samples, options, goes_on);
    const InFit in_fit{*this};
    while (at_.epoch < epochs_) {
      detail::write_order(samples, net_.seed(), at_.epoch, order_);
      if (at_.step == at_.steps) draw_last_batch(samples);  // taken up before the end of the epoch was told
      while (at_.step < at_.steps) {
        const Then then = detail::tell(fit_step(samples), callbacks...);
        if (then != Then::go_on) return leave_call(then, callbacks...);
      }
      const EpochReport report{at_.epoch, epochs_, samples.size(), at_.steps, rate_now(), hint_weight_now(), at_.sums};
      begin_epoch(at_.epoch + 1);
      const Then then = detail::tell(report, callbacks...);
      if (then != Then::go_on) return leave_call(then, callbacks...);
    }
    end_call();
    (detail::tell_of_stop(callbacks), ...);
    return true;
  }

  /// Where training stands; within fit, as callbacks see it.
  const TrainingPosition& position() const { return at_; }
  /// Goes back to a position: together with the net's vectors and optimizer_state() as they were then, training goes on
  /// as if it had never been interrupted. What callers may change between steps (weights, optimizer, normalise_by) is
  /// theirs to set again.
  /// Throws ValueError, before anything has changed, where that is no position, or within fit.
  void restore(const TrainingPosition& position, TakeUp how = TakeUp::here) {
    if (in_fit_) throw ValueError("restore", "a trainer outside of fit", "one within");
    if (!position.is_sound()) throw ValueError("position", "one that a trainer can stand at", "another");
    at_ = position;
    taken_up_ = true;
    calls_to_pass_ = how == TakeUp::from_the_top ? at_.calls : 0;
    progress_.reset();
  }
  /// What the optimizer remembers: Optimizer::states vectors, each laid out as Net::parameter_table says.
  std::span<T> optimizer_state() { return optimizer_state_.span(); }
  std::span<const T> optimizer_state() const { return optimizer_state_.span(); }
  /// The same of the net's tables: as many vectors, each laid out as net().tables() is.
  std::span<T> table_state() { return table_state_.span(); }
  std::span<const T> table_state() const { return table_state_.span(); }
  /// Whether a Teacher teaches.
  static constexpr bool has_teacher = teaches;
  /// Whether it was restored, and no call of fit has begun since.
  bool taken_up() const { return taken_up_; }
  /// How many vectors the optimizer remembers.
  static constexpr std::size_t optimizer_states = Optimizer::states;
  /// The kinds of its options as the compiler spells them, a line each, of a teacher a hash: two trainers that
  /// agree take the same kind of steps.
  static std::string kinds() {
    std::string text;
    const auto add = [&](std::string_view what, std::string_view kind) {
      text.append(text.empty() ? "" : "\n").append(what).append(": ").append(kind);
    };
    add("number", type_name<T>());
    add("optimizer", type_name<Optimizer>());
    add("schedule", type_name<Schedule>());
    add("hint", type_name<Hint>());
    add("block", type_name<Block>());
    add("teacher's hint", type_name<TeacherHint>());
    add("teacher", std::to_string(name_hash(type_name<FrozenTeacher>())));
    return text;
  }

  /// Errors, losses and agreement of all heads, in evaluation mode, on the samples as they are: nothing is drawn, so a
  /// source that augments may be given as well. Changes nothing. Takes what fit takes, and throws alike.
  template <class Given = Samples<Feature>>
  Report<Net::heads> evaluate(const Given& given) {
    detail::ReportSums<Net> sums;
    visit_predictions(given, sums);
    return sums.report();
  }

  /// Metrics (metrics/metric.hpp) of all heads, on the samples as evaluate sees them:
  ///
  ///     const auto [top5, auc, both] = trainer.measure(test, TopKError{5}, Auc{}, HeadConfusion{});
  ///     top5.light().value(), auc.booster().value(), both.counts(3, 5)
  ///
  /// Returns as the free measure does (train/measure.hpp). Changes nothing. Takes what fit takes, and throws alike.
  template <class Given = Samples<Feature>, class... Metrics>
  auto measure(const Given& given, const Metrics&... metrics) {
    detail::Measurement<Net, Metrics...> measurement{metrics...};
    visit_predictions(given, measurement);
    return std::move(measurement).found();
  }

  /// The gradient of the last step, laid out as Net::parameter_table says, after clipping; without that of tables.
  std::span<const T> gradients() const { return gradients_.span(); }

  /// What light and booster ask of the parameters on the batch of fit's last step, as the parameters are now. Costs two
  /// steps without their update, changes nothing. For callbacks: throws ValueError outside of fit.
  GradientReport gradient_report() {
    if (!in_fit_ || batch_.empty()) throw ValueError("gradient_report", "a call in a callback of fit", "one outside");
    in_parallel(threads_, static_cast<double>(Net::heads) * step_nanoseconds(batch_.size()), [&](Workers workers) {
      Loss loss = loss_;
      ask(loss, weights.light, Net::heads == 1 ? weights.booster : 0, hint_weight_now(), asked_[0], workers);
      loss.teacher_weight = 0;  // taught is the light net
      if constexpr (Net::heads == 2) ask(loss, 0, weights.booster, 0, asked_[1], workers);
    });
    return detail::report_gradients<Net>(asked_);
  }

  LossWeights weights;  ///< may change between steps
  Optimizer optimizer;  ///< may change between steps
  /// May change between steps: with `running` BatchNorm keeps the statistics it has.
  NormaliseBy normalise_by = NormaliseBy::batch;

 private:
  Trainer(Net start, const std::tuple<Options...>& given, int)
      : weights{List::template get<Kind::weights>(given, LossWeights{})},
        optimizer{List::template get<Kind::optimizer>(given, Sgd{})},
        net_{std::move(start)},
        teacher_{List::template get<Kind::teacher>(given, NoTeacher{})},
        loss_{List::template get<Kind::hint>(given, DefaultHint{}), teacher_.hint, teacher_.weight},
        schedule_{List::template get<Kind::schedule>(given, ConstantSchedule{})},
        hint_schedule_{List::template get<Kind::hint_schedule>(given, HintSchedule{})},
        clip_{List::template get<Kind::clip>(given, ClipNorm{})},
        label_weights_{List::template get<Kind::label_weights>(given, LabelWeights{})},
        threads_{List::template get<Kind::threads>(given, Threads{}).count},
        gradients_(Net::parameters),
        optimizer_state_(Net::parameters * Optimizer::states),
        table_state_(net_.tables().size() * Optimizer::states) {
    if (threads_ < 1) throw ValueError("Threads::count", "at least 1", std::to_string(threads_));
    if (!(optimizer.rate >= 0)) throw ValueError("rate", "at least 0", std::to_string(optimizer.rate));
    hint_schedule_.check();
    label_weights_.check(Net::classes);
    if (!(clip_.norm >= 0)) throw ValueError("ClipNorm::norm", "at least 0", std::to_string(clip_.norm));
    detail::check_has_parameters(net_);
  }

  /// What depends on the batch size.
  struct Memory {
    explicit Memory(int batch)
        : workspace{batch},
          features(static_cast<std::size_t>(batch) * static_cast<std::size_t>(Net::record.size())),
          labels(static_cast<std::size_t>(batch)),
          counts(static_cast<std::size_t>(batch)),
          partial(static_cast<std::size_t>(chunk_count(batch)) * Loss::sums),
          table_gradient{batch} {}
    typename Loss::Workspace workspace;
    Buffer<Feature> features;
    Buffer<int> labels;
    Buffer<T> counts;      ///< how much each sample counts
    bool counted = false;  ///< whether that was said; else all count 1
    Buffer<double> partial;
    detail::TableGradient<typename Net::NetTables> table_gradient;
  };
  /// Epochs done before and after a step.
  struct Progress {
    double begin = 0, end = 0;
  };

  /// What is remembered of rows is of as many as there were when this was made.
  void check_tables() const {
    if (table_state_.size() != net_.tables().size() * Optimizer::states)
      throw ValueError("net", "one whose tables are as large as when the trainer was made", "one of others");
  }
  /// About what a step on so many samples takes one core: forward and two gradients.
  static double step_nanoseconds(std::size_t batch) {
    const double of_net = nanoseconds_of_products(3.0 * static_cast<double>(Net::multiply_adds));
    return (of_net + 2 * Net::NetTables::nanoseconds) * static_cast<double>(batch);
  }

  template <class Given, class Visit>
  void visit_predictions(const Given& given, Visit& visit) {
    const auto& samples = detail::as_source<Net>(given);
    detail::check_source<Net>(samples);
    if (!inference_) inference_.emplace(256);
    detail::visit_predictions(net_, samples, *inference_, threads_, rows_, visit);
  }

  /// Does a part of a step, and adds what it took to the times, if they are wanted.
  template <class Work>
  auto timed(double LayerTimes::*part, const Work& work) {
    const Stopwatch watch{times_ ? &(times_->*part) : nullptr};
    return work();
  }

  Losses run_step(const Feature* features, const int* labels, int batch, std::span<const int> samples,
                  Workers workers) {
    const Stopwatch whole{times_ ? &times_->in_steps : nullptr};
    if (times_) times_->begin_step(detail::Anatomy<Net>::leaves, batch);
    typename Loss::Workspace& workspace = memory_->workspace;
    LayerTime* const layer_times = times_ ? times_->layers.data() : nullptr;
    workspace.forward(net_, features, batch, context_of(samples, workers, layer_times));
    if constexpr (teaches)
      timed(&LayerTimes::teacher, [&] { teacher_workspace_->forward(teacher_.net, features, batch, workers); });
    const Losses losses = timed(&LayerTimes::objective,
                                [&] { return losses_of(loss_, labels, batch, weights, hint_weight_now(), workers); });
    if (detail::not_finite(losses)) return losses;  // nothing has changed yet
    clear_gradients(workers);
    workspace.backward(net_, gradients_.span());
    if constexpr (has_tables)
      memory_->table_gradient.collect(features, batch, workspace.input_gradient().data, workers);
    timed(&LayerTimes::statistics, [&] { workspace.absorb(net_); });
    timed(&LayerTimes::update, [&] { update(workers); });
    if (samples.empty()) ++at_.nameless_steps;
    return losses;
  }

  void clear_gradients(Workers workers) {
    const std::span<T> all = gradients_.span();
    parallel_slices(
        all.size(), workers, 0.1 * static_cast<double>(all.size()),
        [&](std::size_t begin, std::size_t end) { std::ranges::fill(all.subspan(begin, end - begin), T{0}); });
  }

  Context context_of(std::span<const int> samples, Workers workers, LayerTime* times) const {
    const auto drawn = samples.empty() ? at_.nameless_steps : static_cast<std::uint32_t>(at_.epoch);
    return {workers, net_.seed(), drawn, samples, normalise_by, times};
  }

  /// After the forward of net and teacher.
  Losses losses_of(const Loss& loss, const int* labels, int batch, const LossWeights& weigh, double hint_weight,
                   Workers workers) {
    double* const partial = memory_->partial.data();
    const T* const counts = memory_->counted ? memory_->counts.data() : nullptr;
    if constexpr (teaches)
      return loss(memory_->workspace, *teacher_workspace_, labels, batch, weigh, hint_weight, workers, partial, counts);
    else
      return loss(memory_->workspace, nullptr, labels, batch, weigh, hint_weight, workers, partial, counts);
  }

  /// The gradient of a part of the loss on the last batch of fit.
  void ask(const Loss& loss, double light, double booster, double hint, std::vector<T>& gradients, Workers workers) {
    const int batch = static_cast<int>(batch_.size());
    Context context = context_of(batch_, workers, nullptr);
    context.epoch = static_cast<std::uint32_t>(progress_->begin);  // after the last step of an epoch another one begins
    memory_->workspace.forward(net_, memory_->features.data(), batch, context);
    if constexpr (teaches) teacher_workspace_->forward(teacher_.net, memory_->features.data(), batch, workers);
    losses_of(loss, memory_->labels.data(), batch, {light, booster, 0}, hint, workers);
    gradients.assign(Net::parameters, T{0});
    memory_->workspace.backward(net_, gradients);
    if constexpr (has_tables) {
      memory_->table_gradient.collect(memory_->features.data(), batch, memory_->workspace.input_gradient().data,
                                      workers);
      for (const std::span<T> part : memory_->table_gradient.parts())
        gradients.insert(gradients.end(), part.begin(), part.end());
    }
  }

  /// After a step that may have been refused: throws NonFiniteError, which says where that began.
  void check_finite(const Losses& losses, const Feature* features, int batch, std::span<const int> samples) {
    const detail::LossTerm* const term = detail::not_finite(losses);
    if (!term) return;
    const auto width = static_cast<std::size_t>(Net::record.size());
    const std::size_t numbers = width * static_cast<std::size_t>(batch);
    const std::size_t feature = Net::NetTables::first_not_finite(std::span{features, numbers});
    std::string where = detail::array_not_finite(net_);
    if (feature < numbers) {
      where = "the features, " + detail::describe_sample(feature / width, samples);
    } else if (where.empty()) {
      Fault fault;
      Context context = context_of(samples, 1, nullptr);
      context.fault = &fault;
      memory_->workspace.forward(net_, features, batch, context);
      where =
          fault.leaf >= 0 ? detail::describe_fault<Net>(fault, samples) : "the loss: all layers put out finite numbers";
    }
    throw NonFiniteError(term->name, std::isnan(losses.*term->number) ? "nan" : "infinity", where);
  }

  void update(Workers workers) {
    if (clip_.norm > 0) {
      std::array<std::span<T>, 1 + Net::NetTables::count> parts{gradients_.span()};
      if constexpr (has_tables) std::ranges::copy(memory_->table_gradient.parts(), parts.begin() + 1);
      detail::clip(parts, clip_.norm, workers);
    }
    const int stage = progress_ ? schedule_.stage(progress_->end) : at_.stage;
    if (stage != at_.stage) {
      optimizer_state_.clear();
      table_state_.clear();
      at_.optimizer_steps = 0;
      at_.stage = stage;
    }
    std::array<T*, Optimizer::states> state;
    for (std::size_t s = 0; s < state.size(); ++s) state[s] = optimizer_state_.data() + s * Net::parameters;
    detail::optimize(net_, optimizer, std::span<const T>{gradients_.span()}, state, rate_now(), ++at_.optimizer_steps,
                     workers);
    if constexpr (has_tables)
      memory_->table_gradient.update(net_.tables(), optimizer, table_state_.data(), rate_now(), at_.optimizer_steps,
                                     workers);
  }

  double rate_now() const { return optimizer.rate * (progress_ ? schedule_.factor(progress_->end, epochs_) : 1.0); }
  double hint_weight_now() const { return weights.hint * (progress_ ? hint_schedule_.factor(progress_->begin) : 1.0); }

  /// \param who  of order_
  template <class Source>
  void gather(const Source& samples, std::span<const int> who, Workers workers) {
    const std::span<const int> rest{who.data(), order_.data() + order_.size()};
    const auto draw = [&](std::size_t i, std::span<Feature> row) {
      const auto index = static_cast<std::size_t>(who[i]);
      samples.draw(index, net_.seed(), at_.epoch, row);
      const int label = memory_->labels.data()[i] = samples.label(index);
      T count = weight_of_label(label);
      if constexpr (WeightedSource<Source>) count *= static_cast<T>(samples.weight(index));
      memory_->counts.data()[i] = count;
    };
    memory_->counted = true;
    detail::gather_rows(samples, rest, who.size(), workers, memory_->features.data(), draw);
  }

  T weight_of_label(int label) const {
    return label_weights_.of.empty() ? T{1} : static_cast<T>(label_weights_.of[static_cast<std::size_t>(label)]);
  }
  static void accumulate(Losses& sum, const Losses& term, double share) {
    for (const auto member : detail::loss_terms) sum.*member += share * term.*member;
  }

  /// While fit runs.
  struct InFit {
    Trainer& trainer;
    explicit InFit(Trainer& of) : trainer{of} { trainer.in_fit_ = true; }
    ~InFit() {
      trainer.in_fit_ = false;
      trainer.batch_ = {};
      trainer.progress_.reset();
    }
    InFit(const InFit&) = delete;
    InFit& operator=(const InFit&) = delete;
  };

  /// Checks what fit was given, and goes to where it begins, or goes on.
  template <class Source>
  void begin_call(const Source& samples, const FitOptions& options, bool goes_on) {
    if (in_fit_) throw ValueError("fit", "a trainer outside of fit", "one within");
    check_tables();
    if (options.batch_size < 1) throw ValueError("batch_size", "at least 1", std::to_string(options.batch_size));
    if (options.epochs < 0) throw ValueError("epochs", "at least 0", std::to_string(options.epochs));
    const int batch_size = static_cast<int>(std::min(samples.size(), static_cast<std::size_t>(options.batch_size)));
    const std::size_t capacity = static_cast<std::size_t>(batch_size);
    const long steps = static_cast<long>((samples.size() + capacity - 1) / capacity);
    std::uint64_t labels = 0;
    for (std::size_t i = 0; i < samples.size(); ++i)
      labels = Random::mix(labels ^ static_cast<std::uint64_t>(samples.label(i)));
    const int began = goes_on ? *at_.call_began : cut_short() ? at_.epoch + 1 : at_.epoch;
    if (options.epochs > std::numeric_limits<int>::max() - began)
      throw ValueError("epochs", "fewer", std::to_string(options.epochs));
    if (goes_on) {
      if (samples.size() != at_.samples || labels != at_.labels)
        throw ValueError("samples", "the " + std::to_string(at_.samples) + " of the run that is taken up",
                         samples.size() == at_.samples ? "as many, whose labels or order are others"
                                                       : std::to_string(samples.size()));
      if (steps != at_.steps)
        throw ValueError(
            "batch_size",
            "one that cuts an epoch into " + std::to_string(at_.steps) + " steps, as in the run that is taken up",
            std::to_string(options.batch_size) + ", which makes " + std::to_string(steps));
      const int begun = at_.epoch - began + (at_.step > 0);
      if (options.epochs < begun)
        throw ValueError("epochs", "at least " + std::to_string(begun) + ", which the run that is taken up has begun",
                         std::to_string(options.epochs));
    }
    reserve(batch_size);
    order_.resize(samples.size());
    epochs_ = began + options.epochs;
    taken_up_ = false;
    if (goes_on) return;
    begin_epoch(began);
    at_.call_began = began;
    at_.steps = steps;
    at_.samples = samples.size();
    at_.labels = labels;
  }
  /// Whether an earlier call took all steps of the epoch, but was left before it ended.
  bool cut_short() const { return at_.call_began && at_.steps > 0 && at_.step == at_.steps; }
  void begin_epoch(int epoch) {
    at_.epoch = epoch;
    at_.step = 0;
    at_.sums = {};
  }
  void end_call() {
    begin_epoch(cut_short() ? at_.epoch + 1 : at_.epoch);
    at_.call_began.reset();
    ++at_.calls;
  }
  /// What fit returns where a callback wants it to.
  template <class... Callbacks>
  bool leave_call(Then then, Callbacks&... callbacks) {
    if (then == Then::stop) end_call();
    (detail::tell_of_stop(callbacks), ...);
    return then == Then::stop;
  }

  /// Says where that step of the epoch stands, for schedules and reports. Returns who is in its batch.
  template <class Source>
  std::span<const int> begin_step(long step, const Source& source) {
    const auto epochs_after = [&](long done) {
      return at_.epoch + static_cast<double>(done) / static_cast<double>(at_.steps);
    };
    progress_ = Progress{epochs_after(step), epochs_after(step + 1)};
    const auto samples_before = [&](long done) {
      return source.size() * static_cast<std::size_t>(done) / static_cast<std::size_t>(at_.steps);
    };
    const std::size_t begin = samples_before(step), end = samples_before(step + 1);
    batch_ = std::span{order_}.subspan(begin, end - begin);
    return batch_;
  }
  template <class Source>
  void draw_last_batch(const Source& samples) {
    const std::span<const int> who = begin_step(at_.steps - 1, samples);
    in_parallel(threads_, samples.nanoseconds_per_sample() * static_cast<double>(who.size()),
                [&](Workers workers) { gather(samples, who, workers); });
  }

  /// The next step of fit.
  template <class Source>
  StepReport fit_step(const Source& samples) {
    const std::span<const int> who = begin_step(at_.step, samples);
    const std::size_t count = who.size();
    Losses losses;
    const double drawing_nanoseconds = samples.nanoseconds_per_sample() * static_cast<double>(count);
    in_parallel(threads_, drawing_nanoseconds + step_nanoseconds(count), [&](Workers workers) {
      timed(&LayerTimes::drawing, [&] { gather(samples, who, workers); });
      losses = run_step(memory_->features.data(), memory_->labels.data(), static_cast<int>(count), who, workers);
    });
    check_finite(losses, memory_->features.data(), static_cast<int>(count), who);
    accumulate(at_.sums, losses, static_cast<double>(count) / static_cast<double>(samples.size()));
    const long step = at_.step++;
    return {at_.epoch, epochs_, step, at_.steps, static_cast<int>(count), rate_now(), hint_weight_now(), losses};
  }

  Net net_;
  FrozenTeacher teacher_;
  Loss loss_;
  Schedule schedule_;
  HintSchedule hint_schedule_;
  ClipNorm clip_;
  LabelWeights label_weights_;
  int threads_;
  Buffer<T> gradients_;
  Buffer<T> optimizer_state_;
  Buffer<T> table_state_;
  TrainingPosition at_;
  bool in_fit_ = false;
  bool taken_up_ = false;  ///< since restore, no call of fit has begun
  int calls_to_pass_ = 0;  ///< calls of fit that were done before
  int epochs_ = 1;
  std::optional<Progress> progress_;  ///< none outside of fit and before set_progress
  LayerTimes* times_ = nullptr;       ///< the caller's
  std::vector<int> order_;
  std::span<const int> batch_;  ///< of order_: the last step of fit
  std::optional<Memory> memory_;
  std::optional<InferenceWorkspace<Net>> inference_;
  std::array<std::vector<T>, Net::heads> asked_;  ///< by gradient_report, a gradient a head
  std::vector<Feature> rows_;                     ///< a batch to evaluate, of a source that isn't Samples
  struct Nothing {
    explicit Nothing(int) {}
  };
  template <class Frozen>
  static auto workspace_of(const Frozen& frozen) {
    if constexpr (teaches)
      return std::optional<InferenceWorkspace<std::remove_cvref_t<decltype(frozen.net)>>>{};
    else
      return std::optional<Nothing>{};
  }
  decltype(workspace_of(std::declval<FrozenTeacher>())) teacher_workspace_;
};

template <class Net, class... Options>
Trainer(Net, Options...) -> Trainer<Net, Options...>;

}  // namespace rocket
