#pragma once
#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "rocket/core/error.hpp"
#include "rocket/core/parallel.hpp"
#include "rocket/core/samples.hpp"
#include "rocket/kernels/class_logits.hpp"
#include "rocket/metrics/metric.hpp"
#include "rocket/net/inference_workspace.hpp"
#include "rocket/train/as_source.hpp"
#include "rocket/train/gather.hpp"

namespace rocket {

namespace detail {
template <class Net, class Source>
void check_source(const Source& source) {
  using Feature = typename Net::Feature;
  if (source.features_per_sample != Net::record.size())
    throw ValueError("features_per_sample", std::to_string(Net::record.size()) + " (the net's input)",
                     std::to_string(source.features_per_sample));
  const int classes = kernels::classes_of(*std::min_element(Net::outputs.begin(), Net::outputs.end()));
  if (source.classes > classes)
    throw ValueError("classes", "at most " + std::to_string(classes) + " (the net's outputs)",
                     std::to_string(source.classes));
  if (source.size() == 0) throw ValueError("samples", "at least 1", "0");
  if constexpr (std::is_same_v<Source, Samples<Feature>>) {
    static_cast<void>(make_samples<Feature>(source.features, source.labels, source.features_per_sample, source.classes,
                                            source.weights));
  } else {
    for (std::size_t i = 0; i < source.size(); ++i) check_label_at("labels", i, source.label(i), source.classes);
    if constexpr (WeightedSource<Source>)
      for (std::size_t i = 0; i < source.size(); ++i) check_weight_at("weights", i, source.weight(i));
  }
}

/// Calls visit(logits of all heads, label) for each sample of a source that is known to fit. Rows that aren't there as
/// numbers are written to `rows`, a batch of the workspace's capacity at a time.
template <class Net, class Source, class Visit>
void visit_predictions(const Net& net, const Source& source, InferenceWorkspace<Net>& workspace, Workers workers,
                       std::vector<typename Net::Feature>& rows, Visit& visit) {
  using T = typename Net::Scalar;
  using Feature = typename Net::Feature;
  constexpr bool in_place = std::is_same_v<Source, Samples<Feature>>;
  const auto capacity = static_cast<std::size_t>(workspace.capacity());
  if constexpr (!in_place) rows.resize(capacity * static_cast<std::size_t>(Net::record.size()));
  const std::vector<int> order = order_as_numbered(source);
  const double nanoseconds =
      nanoseconds_of_products(static_cast<double>(Net::multiply_adds)) + source.nanoseconds_per_sample();
  in_parallel(workers, nanoseconds * static_cast<double>(source.size()), [&](Workers team) {
    for (std::size_t begin = 0; begin < source.size(); begin += capacity) {
      const std::size_t count = std::min(source.size() - begin, capacity);
      const auto batch = static_cast<int>(count);
      if constexpr (in_place) {
        workspace.forward(net, source.row(begin).data(), batch, team);
      } else {
        const std::span<const int> rest = std::span{order}.subspan(std::min(begin, order.size()));
        gather_rows(source, rest, count, team, rows.data(),
                    [&](std::size_t i, std::span<Feature> row) { source.read(begin + i, row); });
        workspace.forward(net, rows.data(), batch, team);
      }
      for (int i = 0; i < batch; ++i) {
        HeadLogits<T, Net::heads> logits;
        std::array<std::array<T, 2>, Net::heads> of_two;
        for_each_index<Net::heads>([&](auto h) {
          if constexpr (Net::outputs[h] == 1)
            logits[h] = of_two[h] = kernels::class_logits(workspace.template logits<h>()[i]);
          else
            logits[h] = workspace.template logits<h>()[i];
        });
        visit(std::as_const(logits), source.label(begin + static_cast<std::size_t>(i)));
      }
    }
  });
}
}  // namespace detail

/// Runs the net in evaluation mode over all samples as they are, and shows each one's logits: calls
/// visit(const HeadLogits<T, heads>& logits, int label) in the order of the samples, from one thread; of a head with
/// one logit two are shown, 0 and that one. Samples go through the net in batches of the workspace's capacity: nothing
/// is drawn, and of a source that isn't Samples one batch at a time becomes numbers.
/// \param given    Samples, what converts to them (Dataset), or a source (core/samples.hpp)
/// \param threads  at most; one team for all batches. The logits don't depend on them
/// \param visit    the logits it is shown are there until it returns
/// Throws ValueError, before the first visit, if the samples don't fit the net or there are none; a row that its table
/// doesn't have is found in its batch.
template <class Net, class Given = Samples<typename Net::Feature>, class Visit>
void for_each_prediction(const Net& net, const Given& given, InferenceWorkspace<Net>& workspace, int threads,
                         Visit&& visit) {
  const auto& source = detail::as_source<Net>(given);
  detail::check_source<Net>(source);
  std::vector<typename Net::Feature> rows;
  detail::visit_predictions(net, source, workspace, threads, rows, visit);
}

}  // namespace rocket
