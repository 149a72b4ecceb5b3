/// \file
/// Logs of display advertisements as Criteo publishes them: a line an impression, 40 cells with tabs between them and
/// no header. The label (1: clicked), 13 counts, then 26 ids, 8 hexadecimal digits each; any cell but the label may be
/// empty, and counts may be negative.
///
///     FieldIds<CriteoFields<16>> ids;
///     for (std::size_t t = 0; t < ids.rows().size(); ++t) ids.of(t) = IdRows::hashed(100'000);
///     const auto train = read_criteo("train.txt", ids);
///
/// Samples of it go round as CSV, with a header and a column more: criteo_format with another separator, a header, no
/// columns and the label's name there reads those.
///
/// Needs zlib.
#pragma once
#include <string>

#include "rocket/core/fields.hpp"
#include "rocket/data/delimited.hpp"
#include "rocket/data/records.hpp"

namespace rocket {

/// All that such a line has: 13 numbers, "I", and ids "C1" to "C26", each with a table of its own.
/// \tparam Dimension  numbers in a row
template <int Dimension>
using CriteoFields =
    Fields<Numbers<"I", 13>, Id<"C1", Dimension>, Id<"C2", Dimension>, Id<"C3", Dimension>, Id<"C4", Dimension>,
           Id<"C5", Dimension>, Id<"C6", Dimension>, Id<"C7", Dimension>, Id<"C8", Dimension>, Id<"C9", Dimension>,
           Id<"C10", Dimension>, Id<"C11", Dimension>, Id<"C12", Dimension>, Id<"C13", Dimension>, Id<"C14", Dimension>,
           Id<"C15", Dimension>, Id<"C16", Dimension>, Id<"C17", Dimension>, Id<"C18", Dimension>, Id<"C19", Dimension>,
           Id<"C20", Dimension>, Id<"C21", Dimension>, Id<"C22", Dimension>, Id<"C23", Dimension>, Id<"C24", Dimension>,
           Id<"C25", Dimension>, Id<"C26", Dimension>>;

/// The format, to be changed where one likes: a DelimitedReader<Inputs> goes through such a file part by part. Columns
/// are named "label", "I1" to "I13", "C1" to "C26"; a field "I" is all counts. Numbers are log_of_count of the counts.
///
/// \tparam Inputs  Fields<...> with such names
/// \param labelled  false: the files have no label, as the part has that is to be predicted
template <class Inputs>
DelimitedOptions criteo_format(bool labelled = true) {
  DelimitedOptions format{.separator = '\t', .quote = 0, .header = false};
  FieldColumns all_counts{.field = "I", .transform = log_of_count};
  for (int k = 1; k <= 13; ++k) all_counts.columns.push_back('I' + std::to_string(k));
  if (labelled)
    format.columns.push_back(format.label);
  else
    format.label.clear();
  format.columns.insert(format.columns.end(), all_counts.columns.begin(), all_counts.columns.end());
  for (int k = 1; k <= 26; ++k) format.columns.push_back('C' + std::to_string(k));
  for (const Field& field : Inputs::list)
    if (field.name == "I")
      format.fields.push_back(all_counts);
    else if (field.table.empty())
      format.fields.push_back({.field = std::string{field.name}, .transform = log_of_count});
  return format;
}

/// The records in such a file, plain or packed by gzip: read_delimited() of the format.
template <class Inputs>
Records<Inputs> read_criteo(const std::string& path, FieldIds<Inputs>& ids,
                            const DelimitedOptions& format = criteo_format<Inputs>()) {
  return read_delimited(path, ids, format);
}

}  // namespace rocket
