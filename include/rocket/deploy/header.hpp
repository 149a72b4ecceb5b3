/// \file
/// A trained net as one header of C++17 that needs nothing but the standard library: its numbers, and a function from a
/// sample to its logits.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rocket/core/random.hpp"
#include "rocket/deploy/describe.hpp"
#include "rocket/deploy/header_text.hpp"
#include "rocket/files/replace_file.hpp"
#include "rocket/net/inference_workspace.hpp"

namespace rocket {

/// What a header is like.
struct HeaderOptions {
  std::string name = "light_net";        ///< its namespace, such as "shop::ranking"
  std::size_t most_numbers = 4'000'000;  ///< that it may hold: compilers take about 4 s and 300 to 550 MB a million
  int samples = 4;                       ///< made up for self_test, where none are given
};

namespace detail {

inline void check_namespace(const std::string& name) {
  std::string_view rest{name};
  for (;;) {
    const std::size_t end = rest.find("::");
    if (!is_identifier(rest.substr(0, end)))
      throw ValueError("name", "a namespace of C++, such as light_net", '"' + name + '"');
    if (end == std::string_view::npos) return;
    rest.remove_prefix(end + 2);
  }
}

/// Samples that look like some: normal numbers, or rows of the tables, every eighth missing.
template <class T, class Inputs>
std::vector<T> made_up_samples(const Tables<T, Inputs>&, int count) {
  std::vector<T> features(static_cast<std::size_t>(count) * static_cast<std::size_t>(Inputs::shape.size()));
  for (std::size_t i = 0; i < features.size(); ++i) features[i] = static_cast<T>(Random{1}.normal(i));
  return features;
}
template <class T, class... List>
std::vector<Word> made_up_samples(const Tables<T, Fields<List...>>& tables, int count) {
  using Inputs = Fields<List...>;
  const Random random{1};
  std::vector<Word> words;
  for (int i = 0; i < count; ++i)
    for (std::size_t f = 0; f < Inputs::size; ++f) {
      const Field& field = Inputs::list[f];
      for (int k = 0; k < field.words(); ++k) {
        const std::uint64_t at = words.size();
        const auto bits = random.bits(at);
        if (field.table.empty() || k >= field.most)
          words.push_back(Word::number(static_cast<float>(random.normal(at))));
        else if (bits[1] % 8 == 0)
          words.emplace_back();
        else
          words.push_back(Word::row(static_cast<std::uint32_t>(bits[0] % tables.rows()[Inputs::table_of(f)])));
      }
    }
  return words;
}

}  // namespace detail

/// Writes the header, in place of what was there: see replace_file. In its namespace are
///
///     inline constexpr int inputs, outputs;                                  // inputs: of a net of numbers alone
///     struct Record { std::uint32_t user = no_row; ... };                    // of a net of Fields
///     struct Scratch { ... };                                                // what is worked in
///     void logits(const float* features, float* out, Scratch& scratch);      // or of a const Record&
///     void logits(const float* features, float* out);                        // where Scratch is at most 64 KiB
///     bool self_test(Scratch& scratch, float tolerance = 1e-4F);             // whether it computes what Rocket does
///     bool self_test();                                                      // where Scratch is at most 64 KiB
///
/// A Record has a member for each field, in their order: a row of its table, or an array of as many as it has room for
/// where that is more than one; a number or an array of them; behind a weighted bag `NAME_weights`. Whatever is no
/// letter or digit in a field's name becomes an underscore (several become one), a name that doesn't begin with a
/// letter gets "field_" before it, a word of C++ an underscore behind it. Where Rocket refuses a row that the table
/// doesn't have, the header takes it as `no_row`. Weights are finite, also where their row is missing: 0 unless set.
///
/// \param samples  for self_test, rows of Net::record features; none: made-up ones
/// \throws ValueError  where the name is none, there are too many numbers, two fields become one member, a number isn't
///                     finite, samples are no whole rows, or the net was moved from
/// \throws FileError   where the file can't be written
template <class Net>
void write_header(const Net& net, const std::string& path, const HeaderOptions& options = {},
                  std::span<const typename Net::Feature> samples = {}) {
  detail::check_namespace(options.name);
  const Graph graph = graph_of(net);
  std::vector<typename Net::Feature> made_up;
  if (samples.empty()) {
    if (options.samples < 1) throw ValueError("samples", "at least 1", std::to_string(options.samples));
    made_up = detail::made_up_samples(net.tables(), options.samples);
    samples = made_up;
  }
  detail::HeaderText text{graph, options.name, Net::NetTables::looks_up};
  const std::size_t numbers = text.constant_numbers() + samples.size();
  if (numbers > options.most_numbers)
    throw ValueError("net", "at most " + std::to_string(options.most_numbers) + " numbers for a header (most_numbers)",
                     std::to_string(numbers));
  constexpr auto width = static_cast<std::size_t>(Net::record.size());
  const std::size_t bad = Net::NetTables::first_not_finite(samples);
  if (bad < samples.size()) throw ValueError("samples[" + std::to_string(bad) + ']', "a finite number", "another one");
  const int count =
      detail::samples_in(samples.size(), Net::record.size(), static_cast<int>(samples.size() / width) + 1);
  InferenceWorkspace<Net> workspace{count};
  workspace.forward(net, Prepared<Net>{net}, samples);
  const std::span<const float> logits{workspace.logits().data,
                                      static_cast<std::size_t>(count) * static_cast<std::size_t>(Net::outputs[0])};
  if (detail::first_not_finite(logits) < logits.size())
    throw ValueError("samples", "ones with finite logits", "others");
  replace_file(path, text.write(samples, logits));
}

}  // namespace rocket
