// What readers of records are held against, whatever their format.
#pragma once
#include <cmath>
#include <cstddef>
#include <string>

#include <rocket/core/fields.hpp>
#include <rocket/data/records.hpp>

#include "fuzz.hpp"

using Inputs =
    rocket::Fields<rocket::Id<"user", 2>, rocket::Bag<"seen", 2, 3>,
                   rocket::Bag<"tags", 2, 2, rocket::Pool::weighted_sum, "user">, rocket::Numbers<"price", 2>>;

// Whole records, whose faults were told, whose labels are classes, and whose rows a table has.
inline void require_sound(const rocket::Records<Inputs>& records, const rocket::FieldIds<Inputs>& ids, int classes) {
  using rocket::Field, rocket::Word;
  const rocket::RecordReport& report = records.report;
  require(records.size() > 0 && records.words.size() == records.size() * Inputs::words, "whole records");
  require(records.size() + report.malformed == report.lines, "every line is a record or malformed");
  require(report.first_fault.empty() == (report.malformed + report.unknown + report.beyond == 0), "faults are told");
  const auto rows = ids.rows();
  for (std::size_t i = 0; i < records.size(); ++i) {
    require(records.labels[i] >= 0 && records.labels[i] < classes, "a label is a class");
    for (const Field& field : Inputs::list)
      for (int k = 0; k < field.words(); ++k) {
        const Word word = records.row(i)[static_cast<std::size_t>(field.begin_word + k)];
        if (field.table.empty() || k >= field.most)
          require(std::isfinite(word.as_number()), "finite numbers");
        else
          require(!word.is_row() || word.as_row() < rows[field.table == "user" ? 0 : 1], "rows of the table");
      }
  }
}
