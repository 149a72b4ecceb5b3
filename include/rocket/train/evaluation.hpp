#pragma once
#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "rocket/core/error.hpp"
#include "rocket/core/parallel.hpp"
#include "rocket/core/samples.hpp"
#include "rocket/kernels/softmax.hpp"
#include "rocket/net/workspace.hpp"
#include "rocket/train/as_source.hpp"

namespace rocket {

/// How well one head does.
struct HeadReport {
  std::string_view name;  ///< its role
  double error = 0;       ///< fraction of the samples whose largest logit isn't the label's
  double loss = 0;        ///< cross-entropy, mean over the samples
};

/// How well a net does on labelled samples, all heads side by side.
template <std::size_t Heads>
struct Report {
  std::array<HeadReport, Heads> heads{};  ///< in the order of the net
  double agreement = 1;                   ///< fraction of the samples on which all heads say the same
  std::size_t samples = 0;                ///< how many were looked at

  /// The head of that name; throws ValueError if the net has no such head.
  const HeadReport& operator[](std::string_view name) const {
    for (const HeadReport& head : heads)
      if (head.name == name) return head;
    throw ValueError("head", "a head of this net, such as \"" + std::string{heads[0].name} + '"', std::string{name});
  }
  /// The head "light"; throws ValueError if there is none.
  const HeadReport& light() const { return (*this)["light"]; }
  /// The head "booster"; throws ValueError if there is none.
  const HeadReport& booster() const { return (*this)["booster"]; }
};

namespace detail {
template <class Net, class Source>
void check_source(const Source& source) {
  using T = typename Net::Scalar;
  if (source.features_per_sample != Net::input.size())
    throw ValueError("features_per_sample", std::to_string(Net::input.size()) + " (the net's input)",
                     std::to_string(source.features_per_sample));
  const int outputs = *std::min_element(Net::outputs.begin(), Net::outputs.end());
  if (source.classes > outputs)
    throw ValueError("classes", "at most " + std::to_string(outputs) + " (the net's outputs)",
                     std::to_string(source.classes));
  if (source.size() == 0) throw ValueError("samples", "at least 1", "0");
  if constexpr (std::is_same_v<Source, Samples<T>>) {
    static_cast<void>(make_samples<T>(source.features, source.labels, source.features_per_sample, source.classes));
  } else {
    for (std::size_t i = 0; i < source.size(); ++i)
      if (source.label(i) < 0 || source.label(i) >= source.classes)
        throw ValueError("labels[" + std::to_string(i) + ']', "a class in [0, " + std::to_string(source.classes) + ')',
                         std::to_string(source.label(i)));
  }
}

/// Writes the rows of a batch, each by write(row number, place), on several threads where that is worth it.
template <class Source, class T, class Write>
void gather_rows(const Source& source, std::size_t count, Workers workers, T* rows, const Write& write) {
  const auto width = static_cast<std::size_t>(source.features_per_sample);
  const double nanoseconds = static_cast<double>(count) * source.nanoseconds_per_sample();
  parallel_for(static_cast<int>(count), workers, nanoseconds, [&](int i) {
    const auto row = static_cast<std::size_t>(i);
    write(row, std::span<T>{rows + row * width, width});
  });
}

/// Evaluates a source that is known to fit. Rows that aren't there as numbers are written to `rows`, a batch of the
/// workspace's capacity at a time.
template <class Net, class Source>
Report<Net::heads> evaluate_source(const Net& net, const Source& source, InferenceWorkspace<Net>& workspace,
                                   Workers workers, std::vector<typename Net::Scalar>& rows) {
  using T = typename Net::Scalar;
  constexpr bool in_place = std::is_same_v<Source, Samples<T>>;
  const auto capacity = static_cast<std::size_t>(workspace.capacity());
  if constexpr (!in_place) rows.resize(capacity * static_cast<std::size_t>(Net::input.size()));
  Report<Net::heads> report;
  report.samples = source.size();
  std::size_t agreeing = 0;
  const double nanoseconds =
      nanoseconds_of_products(static_cast<double>(Net::multiply_adds)) + source.nanoseconds_per_sample();
  in_parallel(workers, nanoseconds * static_cast<double>(source.size()), [&](Workers team) {
    for (std::size_t begin = 0; begin < source.size(); begin += capacity) {
      const std::size_t count = std::min(source.size() - begin, capacity);
      const auto batch = static_cast<int>(count);
      if constexpr (in_place) {
        workspace.forward(net, source.row(begin).data(), batch, team);
      } else {
        gather_rows(source, count, team, rows.data(),
                    [&](std::size_t i, std::span<T> row) { source.read(begin + i, row); });
        workspace.forward(net, rows.data(), batch, team);
      }
      for (int i = 0; i < batch; ++i) {
        const int label = source.label(begin + static_cast<std::size_t>(i));
        std::array<int, Net::heads> says;
        for_each_index<Net::heads>([&](auto h) {
          constexpr auto classes = static_cast<std::size_t>(Net::outputs[h]);
          const auto logits = workspace.template logits<h>()[i];
          const kernels::Softmax<T, classes> softmax{logits.data()};
          says[h] = softmax.largest.position;
          report.heads[h].error += says[h] != label;
          report.heads[h].loss += static_cast<double>(-softmax.log(logits[static_cast<std::size_t>(label)]));
        });
        agreeing += std::count(says.begin(), says.end(), says[0]) == static_cast<long>(Net::heads);
      }
    }
  });
  const auto n = static_cast<double>(source.size());
  for (std::size_t h = 0; h < Net::heads; ++h)
    report.heads[h] = {Net::head_names[h], report.heads[h].error / n, report.heads[h].loss / n};
  report.agreement = static_cast<double>(agreeing) / n;
  return report;
}
}  // namespace detail

/// Runs the net in evaluation mode over all samples as they are, in batches of the workspace's capacity: nothing is
/// drawn, and of a source that isn't Samples one batch at a time becomes numbers.
/// \param given    Samples, what converts to them (Dataset), or a source (core/samples.hpp)
/// \param threads  at most; one team for all batches. The result doesn't depend on them
/// Throws ValueError if the samples don't fit the net or there are none.
template <class Net, class Given = Samples<typename Net::Scalar>>
Report<Net::heads> evaluate(const Net& net, const Given& given, InferenceWorkspace<Net>& workspace, int threads = 1) {
  const auto& source = detail::as_source<typename Net::Scalar>(given);
  detail::check_source<Net>(source);
  std::vector<typename Net::Scalar> rows;
  return detail::evaluate_source(net, source, workspace, threads, rows);
}

}  // namespace rocket
