/// \file
/// From the lines of a file to records, whatever the format: what its readers share. A format is a parser, and
/// RecordReader<Parser> reads files of it. It has
///
///     Parser::Inputs                       Fields<...>: what the records are of
///     Parser::Options                      how a file is to be read: max_bytes, of it unpacked, and what else there is
///     Parser{path, ids, options}           of const std::string&, FieldIds<Inputs>& and Options; the first two outlive
///                                          it. Throws ValueError for options that no file can meet
///     parser.classes()                     int: labels are in [0, classes)
///     parser.parse(line, number, records)  adds the record of a line, if it is one, to Records<Inputs>&, and counts in
///                                          their report what became of it. The line is a std::string_view without what
///                                          ends it, and gone afterwards; lines come in order, counted from 1. Throws
///                                          FileError for a fault that the options refuse
///
/// RecordParser is the base that makes this short: it fills the records, and counts or refuses faults (libfm.hpp,
/// delimited.hpp). Needs zlib.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rocket/core/error.hpp"
#include "rocket/core/fields.hpp"
#include "rocket/core/word.hpp"
#include "rocket/data/cells.hpp"
#include "rocket/data/gzip.hpp"
#include "rocket/data/lines.hpp"
#include "rocket/data/records.hpp"

namespace rocket {

namespace detail {

/// Fills one record after the other, id by id.
template <class Inputs>
class RecordBuilder {
 public:
  /// What came of an id or a number.
  enum class Fate { taken, unknown, beyond };

  explicit RecordBuilder(FieldIds<Inputs>& ids) : ids_{ids} {}

  /// An empty record.
  void begin() {
    words_.fill(Word{});
    filled_.fill(0);
    for (const Field& field : Inputs::list)
      for (int k = field.table.empty() ? 0 : field.most; k < field.words(); ++k) word(field, k) = Word::number(0);
  }
  /// A number of a field of numbers.
  Fate set_number(std::size_t f, std::uint64_t place, float number) {
    const Field& field = Inputs::list[f];
    if (place >= static_cast<std::uint64_t>(field.most)) return Fate::beyond;
    word(field, static_cast<int>(place)) = Word::number(number);
    return Fate::taken;
  }
  /// The next id of a field of ids.
  /// \param weight  of its row, where the field's rows are weighed
  Fate add_id(std::size_t f, std::string_view id, float weight) {
    const Field& field = Inputs::list[f];
    int& k = filled_[f];
    if (k == field.most) return Fate::beyond;
    const Word row = ids_.of(table_of_[f])(id);
    if (field.weighted()) word(field, field.most + k) = Word::number(weight);
    word(field, k++) = row;
    return row.is_row() ? Fate::taken : Fate::unknown;
  }
  /// Adds the record to those that are done, which all have a weight or none.
  void end(Records<Inputs>& records, int label, std::optional<float> weight = {}) {
    records.words.insert(records.words.end(), words_.begin(), words_.end());
    records.labels.push_back(label);
    if (weight) records.weights.push_back(*weight);
  }

 private:
  Word& word(const Field& field, int k) { return words_[static_cast<std::size_t>(field.begin_word + k)]; }

  static constexpr std::array<std::size_t, Inputs::size> table_of_ = [] {
    std::array<std::size_t, Inputs::size> found{};
    for (std::size_t f = 0; f < Inputs::size; ++f) found[f] = Inputs::list[f].table.empty() ? 0 : Inputs::table_of(f);
    return found;
  }();
  FieldIds<Inputs>& ids_;
  std::array<Word, static_cast<std::size_t>(Inputs::words)> words_{};
  std::array<int, Inputs::size> filled_{};
};

}  // namespace detail

/// The records of a file part by part, so that it may be of any size: in memory are the part and a line.
///
///     LibfmReader<Inputs> reader{"train.ffm", ids};    // libfm.hpp; DelimitedReader of delimited.hpp and criteo.hpp
///     Records<Inputs> part;
///     while (reader.read(part, 100'000)) ...
///     const RecordReport& report = reader.report();    // of the whole file
///
/// \tparam Parser  makes a record of a line: the contract at the head of this file
template <class Parser>
class RecordReader {
 public:
  using Inputs = typename Parser::Inputs;    ///< what the records are of
  using Options = typename Parser::Options;  ///< how the file is to be read

  /// \param ids  learns those that are new, until it is frozen; must outlive this
  /// \throws FileError   for a file that can't be opened
  /// \throws ValueError  for options that no file can meet
  RecordReader(const std::string& path, FieldIds<Inputs>& ids, Options options = {})
      : lines_{path, options.max_bytes}, parser_{lines_.path(), ids, std::move(options)} {}

  /// Replaces what is in `part` by the next records, at most so many, and says whether there was one. The part's report
  /// is of its lines.
  /// \throws FileError  for a file that read_file() refuses or that holds no record, and for faults that the options
  ///                    refuse: then the reader has come to its end
  bool read(Records<Inputs>& part, std::size_t most) {
    if (most < 1) throw ValueError("most", "at least 1", "0");
    part.words.clear();
    part.labels.clear();
    part.weights.clear();
    part.report = {};
    part.name = lines_.path();
    part.classes = parser_.classes();
    if (ended_) return false;
    ended_ = true;  // unless all goes well
    while (part.size() < most) {
      const std::optional<std::string_view> line = lines_.next();
      if (!line) break;
      parser_.parse(*line, lines_.number(), part);
    }
    report_ += part.report;
    has_records_ = has_records_ || part.size() > 0;
    if (!has_records_)
      throw FileError(lines_.path(), "line " + std::to_string(lines_.number() + 1), "a record", "the end of the file");
    ended_ = part.size() < most;
    return part.size() > 0;
  }

  /// All that are left.
  Records<Inputs> read_all() {
    Records<Inputs> records;
    read(records, std::numeric_limits<std::size_t>::max());
    return records;
  }

  /// What became of the lines so far.
  const RecordReport& report() const { return report_; }

 private:
  detail::LineReader lines_;
  Parser parser_;
  RecordReport report_;
  bool has_records_ = false;
  bool ended_ = false;
};

/// What a record is to be, as its line says.
struct RecordTarget {
  int label = 0;                     ///< in [0, classes)
  std::optional<float> weight = {};  ///< how much it counts, at least 0; all records of a file have one, or none
};

/// What parsers share, for them to derive from: how what a line holds becomes a record, and what is done about faults.
/// \tparam RecordFields  Fields<...>
template <class RecordFields>
class RecordParser {
 public:
  using Inputs = RecordFields;  ///< what the records are of

 protected:
  /// An id or a number of a field, found in a line.
  struct Feature {
    std::size_t field;        ///< counted from 0
    std::string_view text;    ///< the id, or what stood for the number
    float value;              ///< the number, or the weight of the id's row
    std::uint64_t place = 0;  ///< of a number in its field
    std::size_t column = 0;   ///< where it stood, counted from 1; 0: the format has no columns
  };

  /// \param path, ids  as RecordReader has them; both must outlive this
  RecordParser(const std::string& path, FieldIds<Inputs>& ids) : path_{path}, builder_{ids} {}

  /// Counts a line, and adds its record, if it is one.
  /// \param number      of the line, counted from 1
  /// \param options     .unknown and .beyond say what to do where an id isn't known, or its field is full
  /// \param parse_line  is called with a RecordTarget& to fill, puts what the line holds for the fields into features_,
  ///                    which is empty, and returns whether the line is a record: if not, no id is learned
  template <class Options, class ParseLine>
  void add_record(std::size_t number, const Options& options, Records<Inputs>& records, const ParseLine& parse_line) {
    RecordReport& report = records.report;
    line_ = number;
    ++report.lines;
    features_.clear();
    RecordTarget target;
    if (!parse_line(target)) {
      ++report.malformed;
      return;
    }
    builder_.begin();
    for (const Feature& feature : features_) add(feature, options.unknown, options.beyond, report);
    builder_.end(records, target.label, target.weight);
  }

  /// Deals with a fault of the line: what is counted is told of once, what is refused at once.
  /// \param column  counted from 1; 0: the format has no columns
  /// \throws FileError  for a fault that is refused
  void fault(Faults how, RecordReport& report, std::size_t column, const std::string& expected,
             const std::string& found) const {
    if (how == Faults::count && !report.first_fault.empty()) return;
    const std::string at = column > 0 ? ", column " + std::to_string(column) : "";
    const FileError error{path_, "line " + std::to_string(line_) + at, expected, found};
    if (how == Faults::refuse) throw error;
    report.first_fault = error.what();
  }

  std::vector<Feature> features_;  ///< of the line
  std::size_t line_ = 0;           ///< its number, for messages

 private:
  /// Puts a feature into the record that was begun.
  /// \param unknown, beyond  what to do where its id isn't known, or its field is full
  void add(const Feature& feature, Faults unknown, Faults beyond, RecordReport& report) {
    using Fate = typename detail::RecordBuilder<Inputs>::Fate;
    const Field& field = Inputs::list[feature.field];
    const bool is_id = !field.table.empty();
    const Fate fate = is_id ? builder_.add_id(feature.field, feature.text, feature.value)
                            : builder_.set_number(feature.field, feature.place, feature.value);
    if (fate == Fate::taken) return;
    ++(fate == Fate::unknown ? report.unknown : report.beyond);
    const Faults how = fate == Fate::unknown ? unknown : beyond;
    if (how == Faults::count && !report.first_fault.empty()) return;  // in a big file there may be many
    const std::string name{field.name};
    const std::string expected = fate == Fate::unknown ? "an id of field " + name + " that is known"
                                                       : (is_id ? "at most " : "a place below ") +
                                                             std::to_string(field.most) + " of field " + name;
    fault(how, report, feature.column, expected, detail::quote_cell(feature.text));
  }

  const std::string& path_;
  detail::RecordBuilder<Inputs> builder_;
};

}  // namespace rocket
