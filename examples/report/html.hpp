#pragma once
#include <string>
#include <string_view>
#include <vector>

/// A text that means in a page, or in an attribute there, what it says. Characters that control something are spaces.
std::string escaped(std::string_view text);

/// <name attributes>inside</name>, a line of its own.
/// \param attributes  written out; \param inside  a page's text already
std::string element(std::string_view name, std::string_view attributes, std::string_view inside);

/// A row of a table: its first cell is the row's heading.
std::string table_row(const std::vector<std::string>& cells);

/// A table with what there is to say about it, which scrolls sideways where it has no room.
/// \param head, rows  texts of a page
std::string table(const std::string& caption, const std::vector<std::string>& head,
                  const std::vector<std::vector<std::string>>& rows);

/// The same of rows that are written already.
/// \param kind  what it looks like, a class of the page's style; empty: as tables do
std::string captioned_table(const std::string& kind, const std::string& caption, const std::string& head,
                            const std::string& body);
